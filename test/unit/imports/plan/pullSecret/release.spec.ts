import assert from "node:assert/strict";
import { readSecretClaims } from "../../../../../provider/imports/plan/pullSecret/claims.js";
import { planSecretRelease } from "../../../../../provider/imports/plan/pullSecret/release.js";
import type { Secret } from "../../../../../provider/okd/secret.js";
import { pullSecret, urnOfStream } from "../../../../support/builders/pullSecret.js";

const mine = { id: "c1", resource: urnOfStream("web") };
const theirs = { id: "c2", resource: urnOfStream("site") };

describe("The release of a pull secret", () => {
  it("deletes it with both preconditions, when nobody else claims it", () => {
    const plain = pullSecret({ claims: [mine] });
    const live = { ...plain, metadata: { ...plain.metadata, uid: "u", resourceVersion: "7" } };
    assert.deepEqual(planSecretRelease({ live, claim: "c1", isKept: false }), {
      kind: "delete",
      preconditions: { uid: "u", resourceVersion: "7" },
    });
  });

  it("only takes the claim off, where another resource claims it or it is kept", () => {
    for (const [claims, isKept, left] of [
      [[mine, theirs], false, [theirs]],
      [[mine], true, []],
    ] as const) {
      const release = planSecretRelease({ live: pullSecret({ claims }), claim: "c1", isKept });
      assert.equal(release.kind, "unclaim");
      assert.deepEqual(readSecretClaims((release as { secret: Secret }).secret), left);
    }
  });

  it("does nothing without the claim: a successor has taken over, or a stranger made the secret anew", () => {
    assert.equal(planSecretRelease({ live: undefined, claim: "c1", isKept: false }).kind, "nothing");
    for (const claims of [[theirs], []]) {
      const live = pullSecret({ claims });
      assert.equal(planSecretRelease({ live, claim: "c1", isKept: false }).kind, "nothing");
    }
  });
});
