import assert from "node:assert/strict";
import { otherManagers } from "../../../../../provider/imports/plan/warnings/otherManagers.js";
import type { ImageStream } from "../../../../../provider/okd/imageStream.js";
import { digest, imageStream, liveTag } from "../../../../support/builders/imageStream.js";

const owned = (...tags: readonly string[]) => ({
  "f:spec": {
    "f:tags": {
      ".": {},
      ...Object.fromEntries(
        tags.map((name) => [`k:{"name":"${name}"}`, { ".": {}, "f:from": {}, "f:name": {} }]),
      ),
    },
  },
});

function managed(...entries: readonly object[]): ImageStream {
  const stream = imageStream([liveTag("v1", digest("a"))]);
  return { ...stream, metadata: { ...stream.metadata, managedFields: entries } as ImageStream["metadata"] };
}

const managers = (...entries: readonly object[]) =>
  otherManagers(managed(...entries), ["v1", "v2"]).map((line) => line.split(" of image stream")[0]);

describe("another manager of tags", () => {
  it("is named with the tags that both define, once", () => {
    assert.deepEqual(
      managers(
        { manager: "argocd-controller", operation: "Update", fieldsV1: owned("v2", "v1", "other") },
        { manager: "argocd-controller", operation: "Apply", fieldsV1: owned("v1") },
        { manager: "kubectl-client-side-apply", operation: "Update", fieldsV1: owned("v2") },
      ),
      ["argocd-controller defines v1, v2", "kubectl-client-side-apply defines v2"],
    );
  });

  for (const manager of ["pulumi-okd-images", "openshift-controller-manager", "oc", "kubectl-edit", ""]) {
    it(`is none that writes for us, for the cluster, or once: ${JSON.stringify(manager)}`, () => {
      assert.deepEqual(managers({ manager, operation: "Update", fieldsV1: owned("v1") }), []);
    });
  }

  it("is none that defines other tags, or something else of a tag", () => {
    const annotation = { "f:spec": { "f:tags": { 'k:{"name":"v1"}': { "f:annotations": {} } } } };
    assert.deepEqual(
      managers(
        { manager: "a", fieldsV1: owned("v3") },
        { manager: "b", fieldsV1: annotation },
        { manager: "c", fieldsV1: { "f:metadata": {} } },
        { manager: "d" },
      ),
      [],
    );
  });

  it("is none where there is no stream, or nobody has noted who writes", () => {
    assert.deepEqual(otherManagers(undefined, ["v1"]), []);
    assert.deepEqual(otherManagers(imageStream([liveTag("v1", digest("a"))]), ["v1"]), []);
  });
});
