import assert from "node:assert/strict";
import {
  judgeOwnSecret,
  type OwnPullSecret,
  withOwnKeys,
} from "../../../../provider/imports/failure/ownPullSecret.js";

const key = (secret: string, text: string, isExcluded = false) => ({ secret, key: text, isExcluded });
const own = (isComing: boolean, ...keys: readonly string[]): OwnPullSecret => ({
  argument: "pullSecret",
  name: "mine",
  keys,
  isComing,
});
const image = "quay.io/acme/web:v1";
const judged = (
  secret: OwnPullSecret | undefined,
  code = "IMPORT_UNAUTHORIZED" as const,
  keys = [] as const,
) => judgeOwnSecret(image, code, { own: secret, keys });

describe("The pull secret of the resource's own, of a refused image", () => {
  it("is coming while it is not written, or its content is not known", () => {
    assert.equal(judged(own(true, "quay.io")), "coming");
    assert.equal(judged({ argument: "pullSecret", name: "", keys: undefined, isComing: true }), "coming");
  });

  it("was refused once it is written", () => {
    assert.equal(judged(own(false, "quay.io")), "refused");
  });

  it("is unrelated for another host, another failure, and where there is none", () => {
    assert.equal(judged(own(true, "docker.io")), "unrelated");
    assert.equal(judged(undefined), "unrelated");
    assert.equal(
      judgeOwnSecret(image, "IMPORT_NOT_FOUND", { own: own(true, "quay.io"), keys: [] }),
      "unrelated",
    );
  });

  it("would raise the limit of an anonymous user, but says nothing about its own", () => {
    assert.equal(
      judgeOwnSecret(image, "IMPORT_RATE_LIMITED", { own: own(true, "quay.io"), keys: [] }),
      "coming",
    );
    assert.equal(
      judgeOwnSecret(image, "IMPORT_RATE_LIMITED", { own: own(false, "quay.io"), keys: [] }),
      "unrelated",
    );
  });

  it("is unrelated where a more specific key of another secret is tried", () => {
    const keys = [key("theirs", "quay.io/acme")];
    assert.equal(
      judgeOwnSecret(image, "IMPORT_UNAUTHORIZED", { own: own(true, "quay.io"), keys }),
      "unrelated",
    );
  });

  it("counts with the keys that it will have, even where the namespace may not be listed", () => {
    const keys = [key("mine", "docker.io"), key("theirs", "ghcr.io")];
    assert.deepEqual(withOwnKeys(keys, own(true, "quay.io")), [
      key("theirs", "ghcr.io"),
      key("mine", "quay.io"),
    ]);
    assert.equal(
      judgeOwnSecret(image, "IMPORT_UNAUTHORIZED", { own: own(true, "quay.io"), keys: undefined }),
      "coming",
    );
  });

  it("is not tried where an annotation excludes it", () => {
    const keys = [key("mine", "quay.io", true)];
    assert.equal(
      judgeOwnSecret(image, "IMPORT_UNAUTHORIZED", { own: own(false, "quay.io"), keys }),
      "unrelated",
    );
  });
});
