import assert from "node:assert/strict";
import { readSecretClaims } from "../../../../../provider/imports/plan/pullSecret/claims.js";
import { configOf } from "../../../../../provider/imports/plan/pullSecret/content.js";
import {
  planSecretWrite,
  type SecretWriteRequest,
} from "../../../../../provider/imports/plan/pullSecret/write.js";
import type { Secret } from "../../../../../provider/okd/secret.js";
import { config, pullSecret, urnOfStream } from "../../../../support/builders/pullSecret.js";

const web = urnOfStream("web");
const site = urnOfStream("site");
const elsewhere = urnOfStream("web", "another");
const mine = { id: "c1", resource: web };

function plan(live: Secret | undefined, more: Partial<SecretWriteRequest> = {}) {
  return planSecretWrite({
    live,
    target: { namespace: "shop", name: "web-pull" },
    config: config("hunter2"),
    claim: "c1",
    claimant: web,
    adopt: false,
    ...more,
  });
}

describe("The write of a pull secret", () => {
  it("creates one with the claim of the resource", () => {
    const write = plan(undefined);

    assert.equal(write.kind, "create");
    const { secret } = write as { secret: Secret };
    assert.equal(secret.type, "kubernetes.io/dockerconfigjson");
    assert.deepEqual(configOf(secret), config("hunter2"));
    assert.deepEqual(readSecretClaims(secret), [mine]);
  });

  it("is the login that oc create secret docker-registry writes", () => {
    assert.deepEqual(config("hunter2"), {
      auths: { "quay.io": { username: "robot", password: "hunter2", auth: "cm9ib3Q6aHVudGVyMg==" } },
    });
  });

  it("changes nothing where content and claim are there, whatever the order and the spaces", () => {
    const both = config("hunter2", "quay.io", "docker.io");
    const live = pullSecret({ config: config("hunter2", "docker.io", "quay.io"), claims: [mine] });
    const spaced = Buffer.from(JSON.stringify(both, null, 2)).toString("base64");

    assert.equal(plan(live, { config: both }).kind, "unchanged");
    assert.equal(
      plan({ ...live, data: { ".dockerconfigjson": spaced } }, { config: both }).kind,
      "unchanged",
    );
  });

  it("replaces another content, and keeps metadata and data of others", () => {
    const live = pullSecret({ config: config("old"), claims: [mine], annotations: { note: "theirs" } });
    const write = plan({ ...live, data: { ...live.data, extra: "eA==" } });

    assert.equal(write.kind, "replace");
    const { secret } = write as { secret: Secret };
    assert.equal(secret.metadata.annotations?.note, "theirs");
    assert.equal(secret.data?.extra, "eA==");
    assert.deepEqual(configOf(secret), config("hunter2"));
  });

  it("replaces what cannot be read", () => {
    const live = { ...pullSecret({ claims: [mine] }), data: { ".dockerconfigjson": "bm90IEpTT04=" } };
    assert.equal(plan(live).kind, "replace");
  });

  it("refuses a secret that nobody claims, unless it is adopted", () => {
    const live = pullSecret();

    const refused = plan(live);
    assert.equal(refused.kind, "refused");
    assert.match(
      (refused as { message: string }).message,
      /^secret shop\/web-pull exists, and this resource did not create it\. .*adopt: true/,
    );
    assert.equal(plan(live, { adopt: true }).kind, "claim");
    assert.equal(plan(pullSecret({ config: config("theirs") }), { adopt: true }).kind, "replace");
  });

  it("refuses a secret of another program, whose claim adopting takes away", () => {
    const live = pullSecret({ claims: [{ id: "x", resource: elsewhere }] });

    assert.match((plan(live) as { message: string }).message, /belongs to urn:pulumi:dev::another::/);
    const adopted = plan(live, { adopt: true }) as { kind: string; secret: Secret };
    assert.equal(adopted.kind, "claim");
    assert.deepEqual(readSecretClaims(adopted.secret), [mine]);
  });

  it("refuses a claim that cannot be read", () => {
    const live = pullSecret({ annotations: { "pulumi-okd-images/claim-x": "nonsense" } });
    assert.equal(plan(live).kind, "refused");
  });

  it("refuses another type even when it is adopted, because a type never changes", () => {
    const live = { ...pullSecret({ claims: [mine] }), type: "Opaque" };
    const refused = plan(live, { adopt: true });
    assert.match((refused as { message: string }).message, /has the type Opaque, and the type of a secret/);
  });

  it("shares a secret among resources of one program", () => {
    const write = plan(pullSecret({ claims: [{ id: "c2", resource: site }] }));

    assert.equal(write.kind, "claim");
    const { secret } = write as { secret: Secret };
    assert.deepEqual(readSecretClaims(secret), [mine, { id: "c2", resource: site }]);
  });

  it("takes over the claim of a predecessor of the same resource, so that its end removes nothing", () => {
    const write = plan(pullSecret({ claims: [{ id: "c0", resource: web }] }));

    assert.equal(write.kind, "claim");
    assert.deepEqual(readSecretClaims((write as { secret: Secret }).secret), [mine]);
  });

  it("is foreseen by a check, which does not know the claim", () => {
    assert.equal(plan(pullSecret({ claims: [mine] }), { claim: undefined }).kind, "unchanged");
    assert.equal(plan(undefined, { claim: undefined }).kind, "create");
    assert.equal(plan(pullSecret(), { claim: undefined }).kind, "refused");
  });
});
