import assert from "node:assert/strict";
import type { AccessRight, PermissionReview } from "../../../../provider/okd/accessRights.js";
import { requiredRights, requireRights } from "../../../../provider/prune/check/preflight.js";
import { hasCode } from "../../../../provider/support/imageError.js";
import { policy, strictPolicy } from "../../../support/builders/snapshot.js";

const textOf = ({ verb, resource, subresource, namespace }: AccessRight): string =>
  [verb, resource, subresource, namespace].filter((part) => part !== undefined).join(" ");
const lease = ["get", "create", "update"].map((verb) => `${verb} leases openshift-image-registry`);
const options = { signal: new AbortController().signal };

/** Somebody who has no right to these resources. */
function without(...resources: readonly string[]): PermissionReview {
  return {
    missing: (rights) => Promise.resolve(rights.filter(({ resource }) => resources.includes(resource))),
  };
}

describe("requiredRights", () => {
  it("are those of a safe prune beyond listing", () => {
    assert.deepEqual(requiredRights(strictPolicy()).map(textOf), [
      ...["get imagestreams", "update imagestreams status", "get images", "delete images"],
      "get imagestreams layers",
      ...lease,
    ]);
  });

  it("stay in the policy's namespace where the objects are in one", () => {
    assert.deepEqual(requiredRights(strictPolicy({ namespace: "shop" })).map(textOf), [
      ...["get imagestreams shop", "update imagestreams status shop", "get images", "delete images"],
      "get imagestreams layers",
      ...lease,
    ]);
  });

  it("include no reading from a registry that is not pruned", () => {
    const rights = requiredRights(strictPolicy({ pruneRegistry: false })).map(textOf);
    assert.deepEqual(
      rights.filter((right) => right.includes("layers")),
      [],
    );
  });

  it("include neither the lease nor layers under oc's rules", () => {
    assert.deepEqual(requiredRights(policy({})).map(textOf), [
      ...["get imagestreams", "update imagestreams status", "delete images"],
    ]);
  });

  it("include no deletion for a policy of oc's rules that deletes neither Images nor blobs", () => {
    const deletes = (more: object) =>
      requiredRights(policy(more)).some(({ verb, resource }) => verb === "delete" && resource === "images");
    assert.equal(deletes({ namespace: "shop", pruneRegistry: false }), false);
    assert.equal(deletes({ namespace: "shop" }), true);
    assert.equal(deletes({ pruneRegistry: false }), true);
  });
});

describe("requireRights", () => {
  it("accepts a user who has all rights", async () => {
    await requireRights(without("pods"), requiredRights(strictPolicy()), options);
  });

  it("names every missing right at once, and where", async () => {
    const asked = requireRights(
      without("imagestreams", "leases"),
      requiredRights(strictPolicy({ namespace: "shop" })),
      options,
    );
    await assert.rejects(asked, (error: Error) => {
      assert.ok(hasCode(error, "PRUNE_PERMISSION"));
      for (const right of [
        "get imagestreams.image.openshift.io in namespace shop",
        "update imagestreams/status.image.openshift.io in namespace shop",
        "create leases.coordination.k8s.io in namespace openshift-image-registry",
      ]) {
        assert.ok(error.message.includes(right), error.message);
      }
      assert.ok(!error.message.includes(" images."));
      return true;
    });
  });
});
