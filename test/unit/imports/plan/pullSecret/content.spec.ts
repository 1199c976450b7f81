import assert from "node:assert/strict";
import { configOf, fingerprint } from "../../../../../provider/imports/plan/pullSecret/content.js";
import { config, pullSecret } from "../../../../support/builders/pullSecret.js";

describe("The content of a pull secret", () => {
  it("is read of both types in one form", () => {
    for (const type of ["kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"])
      assert.deepEqual(configOf(pullSecret({ type })), config("hunter2"), type);
  });

  it("is unreadable in another type, without the key, and where the text is no configuration", () => {
    const secret = pullSecret();
    const textOf = (text: string) => ({ ".dockerconfigjson": Buffer.from(text).toString("base64") });
    assert.equal(configOf({ ...secret, type: "Opaque" }), undefined);
    assert.equal(configOf({ ...secret, data: null }), undefined);
    for (const text of ["", "{", "[]", "null", "{}", '{"auths":[]}'])
      assert.equal(configOf({ ...secret, data: textOf(text) }), undefined, text);
  });

  it("has a short fingerprint of its own in every secret, which the order of the keys does not change", () => {
    const key = { namespace: "shop", name: "web-pull" };
    const one = fingerprint(config("hunter2", "quay.io", "docker.io"), key);

    assert.match(one, /^[0-9a-f]{12}$/);
    assert.equal(fingerprint(config("hunter2", "docker.io", "quay.io"), key), one);
    assert.notEqual(fingerprint(config("hunter3", "docker.io", "quay.io"), key), one);
    const other = { ...key, name: "other" };
    assert.notEqual(fingerprint(config("hunter2", "quay.io", "docker.io"), other), one);
  });
});
