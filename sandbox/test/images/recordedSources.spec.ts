import assert from "node:assert/strict";
import { type ImageStream, latestEvent } from "okd-image-sandbox";
import { structure } from "../../../test/support/recordings/okdApi.js";
import { withRecordedStreams } from "./recordedStreams.js";

describe("tags of other sources, as recorded", () => {
  const recorded = withRecordedStreams();
  const after = (name: string): ImageStream => recorded().recordings.stream(name);

  const copies = [
    { name: "alias-same-stream-full-name", base: "alias-same-stream.after" },
    { name: "alias-other-namespace", base: "alias-same-stream.after" },
    { name: "isimage-full", base: "alias-chain-3.after" },
    { name: "isimage-short", base: "alias-chain-3.after" },
    { name: "isimage-cross", base: "alias-chain-3.after" },
    { name: "reference-docker", base: "alias-chain-3.after" },
    { name: "reference-istag", base: "alias-chain-3.after" },
    { name: "tag-no-from", base: "alias-chain-3.after" },
    { name: "dockerImageRepository", base: "alias-chain-3.after" },
  ];

  for (const { name, base } of copies) {
    it(`${name}: accepted, and stored`, async () => {
      recorded().seed(after(base));
      await recorded().replay(name);
      // What a write copies from another stream leaves that stream alone.
      recorded().assertStored("base", "tk1", after(base));
      const { request } = recorded().recordings.exchange(name);
      const { name: created = "", namespace } = request.body?.metadata ?? {};
      recorded().sandbox.remove({
        apiVersion: "image.openshift.io/v1",
        kind: "ImageStream",
        metadata: { name: created, ...(namespace === undefined ? {} : { namespace }) },
      });
    });
  }

  for (const name of ["isimage-short-sha", "isimage-local-policy"]) {
    it(`${name}: accepted, as answered`, async () => {
      recorded().seed(after("alias-chain-3.after"));
      await recorded().replay(name, "noAfter");
    });
  }

  it("the dry run of a write answers the items that it would have, and stores nothing", async () => {
    recorded().seed(after("alias-chain-3.after"));
    await recorded().replay("alias-dryrun", "noAfter");
    assert.equal(recorded().stored("dry", "tk2"), undefined);
  });

  for (const name of ["alias-missing-stream", "alias-scheduled", "isimage-missing", "isimage-bad"]) {
    it(`${name}: refused, and nothing is stored`, async () => {
      recorded().seed(after("alias-chain-3.after"));
      await recorded().replay(name, "noAfter");
      const stream = recorded().recordings.exchange(name).request.body?.metadata.name ?? "";
      assert.equal(recorded().stored(stream), undefined);
    });
  }

  it("a copy of another stream never moves: not written unchanged, not with generation 0", async () => {
    recorded().seed(after("alias-chain-3.after"), after("alias-other-namespace.after"));
    await recorded().replay("cross-write-unchanged");
    await recorded().replay("cross-write-generation-0");
  });

  it("ImageStreamTags: 404 for a reference without an image, the registry's address with policy Local", async () => {
    recorded().seed(after("alias-chain-3.after"));
    await recorded().send("reference-docker");
    const missing = await recorded().send("reference-docker.istag");
    assert.equal(missing.status, 404);
    assert.deepEqual(missing.json, recorded().recordings.exchange("reference-docker.istag").body);
    await recorded().send("isimage-local-policy");
    const local = await recorded().send("isimage-local-policy.istag");
    assert.deepEqual(
      structure(local.json),
      structure(recorded().recordings.exchange("isimage-local-policy.istag").body),
    );
    assert.equal(
      local.streamTag.image.dockerImageReference,
      `image-registry.openshift-image-registry.svc:5000/tk1/loc@${local.streamTag.image.metadata.name}`,
    );
  });
});

describe("tags of another project, as recorded", () => {
  const recorded = withRecordedStreams();

  beforeEach(() => {
    recorded().seed(recorded().recordings.stream("alias-chain-3.after"));
  });

  for (const name of ["cross-forbidden-istag", "cross-forbidden-isimage", "cross-forbidden-dryrun"]) {
    it(`${name}: refused without the right to pull there, and nothing is stored`, async () => {
      await recorded().replay(name, "noAfter");
      assert.equal(recorded().stored("forb", "tk2"), undefined);
    });
  }

  it("system:image-puller in the source's project is enough", async () => {
    const { sandbox } = recorded();
    const binding = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "pull", namespace: "tk1" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:image-puller" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "alice" }],
    };
    sandbox.seed(binding);
    await recorded().replay("cross-allowed-istag", "noAfter");
    sandbox.remove(binding);
    // A tag that is there already is not judged again.
    const allowed = recorded().stored("allow", "tk2");
    assert.ok(allowed !== undefined && latestEvent(allowed, "x") !== undefined);
  });
});
