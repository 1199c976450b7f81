import assert from "node:assert/strict";
import { specTag } from "okd-image-sandbox";
import { recording, structure } from "../support/recordings/okdApi.js";
import { describeContract, dockerTag, imageApi, streamBody } from "../support/worlds/contract/scene.js";

const otherUid = "11111111-1111-1111-1111-111111111111";

describeContract("contract: conditional writes", (scene) => {
  it("PUT and merge patch with a stale revision are conflicts as recorded", async () => {
    const { target } = scene();
    const stream = await scene().createStream("x");
    const stale = { ...stream, metadata: { ...stream.metadata, resourceVersion: "1" } };
    const put = await target.admin.put(scene().path("imagestreams/x"), stale);
    assert.equal(put.status, 409);
    assert.deepEqual(
      structure(put.json, { '"x"': '"mv"' }),
      structureNamed("status-409-imagestream", "mv", "x"),
    );
    const patch = { metadata: { resourceVersion: "1", annotations: { a: "b" } } };
    const patched = await target.admin.patch(scene().path("imagestreams/x"), "merge", patch);
    assert.equal(patched.status, 409);
    assert.deepEqual(patched.json, recording("status-409-patch-stale-rv"));
  });

  it("JSON patch: a failing test is 422 as recorded, a matching test and a removal are one write", async () => {
    const { target } = scene();
    const claim = { metadata: { annotations: { "example.com/claim": "mine" } } };
    await scene().createStream("claimed");
    assert.equal(
      (await target.admin.patch(scene().path("imagestreams/claimed"), "merge", claim)).status,
      200,
    );
    const path = "/metadata/annotations/example.com~1claim";
    const removal = (value: string): unknown => [
      { op: "test", path, value },
      { op: "remove", path },
    ];
    const failed = await target.admin.patch(scene().path("imagestreams/claimed"), "json", removal("theirs"));
    assert.equal(failed.status, 422);
    assert.deepEqual(failed.json, recording("status-422-json-patch-test-failed"));
    const done = await target.admin.patch(scene().path("imagestreams/claimed"), "json", removal("mine"));
    assert.equal(done.status, 200, done.text);
    assert.equal(done.stream.metadata.annotations?.["example.com/claim"], undefined);
  });

  it("strategic merge patch: tags merge by name and can be deleted one by one", async () => {
    const { target, registry } = scene();
    await scene().createStream("merged", [
      dockerTag("a", `${registry}/demo/a:1`),
      dockerTag("b", `${registry}/demo/b:1`),
    ]);
    const tags = [
      { name: "a", annotations: { note: "x" } },
      { name: "b", $patch: "delete" },
    ];
    const { stream } = await target.admin.patch(scene().path("imagestreams/merged"), "strategic", {
      spec: { tags },
    });
    assert.deepEqual(
      (stream.spec.tags ?? []).map((tag) => tag.name),
      ["a"],
    );
    assert.deepEqual(specTag(stream, "a")?.annotations, { note: "x" });
    assert.equal(specTag(stream, "a")?.from?.name, `${registry}/demo/a:1`);
  });

  it("server-side apply merges tags by name", async () => {
    const { target, registry } = scene();
    await scene().createStream("applied", [dockerTag("a", `${registry}/demo/a:1`)]);
    const body = {
      apiVersion: "image.openshift.io/v1",
      kind: "ImageStream",
      metadata: { name: "applied" },
      spec: { tags: [dockerTag("b", `${registry}/demo/b:1`)] },
    };
    const answer = await target.admin.patch(
      `${scene().path("imagestreams/applied")}?fieldManager=contract`,
      "apply",
      body,
    );
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(
      (answer.stream.spec.tags ?? []).map((tag) => tag.name),
      ["a", "b"],
    );
  });

  for (const precondition of ["uid", "resourceVersion"] as const) {
    const recorded =
      precondition === "uid" ? "status-409-image-precondition-uid" : "status-409-image-precondition-rv";
    it(`DELETE of an Image and of a stream with another ${precondition} is refused as recorded`, async () => {
      const { registry, target } = scene();
      const { digest } = await scene().push("demo/condition", precondition, `condition ${precondition}`);
      const images = [{ from: `${registry}/demo/condition:${precondition}`, to: "a" }];
      const stream = await scene().imported(precondition.toLowerCase(), images);
      const preconditions = { [precondition]: precondition === "uid" ? otherUid : "1" };
      const image = await target.admin.get(`${imageApi}/images/${digest}`);
      const refused = await target.admin.delete(`${imageApi}/images/${digest}`, { preconditions });
      assert.equal(refused.status, 409);
      const { uid = "", resourceVersion = "" } = image.object.metadata;
      assert.deepEqual(
        structure(refused.json, { [uid]: "<stored>", [`(${resourceVersion})`]: "<stored>" }),
        structure(recording(recorded), {
          "c53d15ef-a1d3-484a-b529-5aa23755815a": "<stored>",
          "(426)": "<stored>",
        }),
      );
      const path = scene().path(`imagestreams/${stream.metadata.name}`);
      assert.equal((await target.admin.delete(path, { preconditions })).status, 409);
      const matching = { preconditions: { [precondition]: stream.metadata[precondition] } };
      assert.equal((await target.admin.delete(path, matching)).status, 200);
      // Images outlive the streams that brought them.
      assert.equal((await target.admin.get(`${imageApi}/images/${digest}`)).status, 200);
      const matchingImage = { preconditions: { [precondition]: image.object.metadata[precondition] } };
      assert.equal((await target.admin.delete(`${imageApi}/images/${digest}`, matchingImage)).status, 200);
    });
  }

  it("creating what exists is AlreadyExists", async () => {
    await scene().createStream("twice");
    const answer = await scene().target.admin.post(scene().path("imagestreams"), streamBody("twice"));
    assert.equal(answer.status, 409);
    assert.equal(answer.failure.reason, "AlreadyExists");
    assert.equal(answer.failure.message, 'imagestreams.image.openshift.io "twice" already exists');
  });
});

function structureNamed(name: string, recorded: string, here: string): unknown {
  const status = structure(recording(name)) as { readonly details: object };
  return { ...status, details: { ...status.details, name: recorded === here ? recorded : here } };
}

describeContract("contract: dry runs", (scene) => {
  it("of a new stream stores nothing", async () => {
    const { target, registry } = scene();
    const body = streamBody("dry", [dockerTag("a", `${registry}/demo/a:1`)]);
    const answer = await target.admin.post(`${scene().path("imagestreams")}?dryRun=All`, body);
    assert.equal(answer.status, 201, answer.text);
    assert.equal((await target.admin.get(scene().path("imagestreams/dry"))).status, 404);
  });

  it("of deleting a stream and an Image keeps both", async () => {
    const { target, registry } = scene();
    const { digest } = await scene().push("demo/drykeep", "a", "drykeep");
    await scene().imported("keep", [{ from: `${registry}/demo/drykeep:a`, to: "a" }]);
    for (const path of [scene().path("imagestreams/keep"), `${imageApi}/images/${digest}`]) {
      assert.equal((await target.admin.delete(`${path}?dryRun=All`)).status, 200);
      assert.equal((await target.admin.get(path)).status, 200);
    }
  });
});

describeContract("contract: options of a DELETE", (scene) => {
  const inBody = (more: object): object => ({ kind: "DeleteOptions", apiVersion: "v1", ...more });
  const kinds = ["imagestreams", "imagestreamtags", "images"] as const;

  /** Something to delete, and the UID that its deletion may be bound to. */
  async function target(kind: (typeof kinds)[number], name: string): Promise<[path: string, uid: string]> {
    const { registry, target: cluster } = scene();
    const { digest } = await scene().push(`demo/${name}`, "a", name);
    const stream = await scene().imported(name, [{ from: `${registry}/demo/${name}:a`, to: "a" }]);
    const paths = {
      imagestreams: scene().path(`imagestreams/${name}`),
      imagestreamtags: scene().path(`imagestreamtags/${name}:a`),
      images: `${imageApi}/images/${digest}`,
    };
    const image = await cluster.admin.get(paths.images);
    const uid = kind === "images" ? image.object.metadata.uid : stream.metadata.uid;
    return [paths[kind], uid ?? ""];
  }

  for (const kind of kinds) {
    it(`DELETE of ${kind}: the query's dryRun counts without a body`, async () => {
      const [path] = await target(kind, "options-query");
      assert.equal((await scene().target.admin.delete(`${path}?dryRun=All`)).status, 200);
      assert.equal((await scene().target.admin.get(path)).status, 200);
    });

    it(`DELETE of ${kind}: beside a body the query's dryRun is ignored, and it is deleted`, async () => {
      const [path, uid] = await target(kind, "options-both");
      const body = inBody({ preconditions: { uid } });
      const answer = await scene().target.admin.delete(`${path}?dryRun=All`, body);
      assert.equal(answer.status, 200, answer.text);
      assert.equal((await scene().target.admin.get(path)).status, 404);
    });

    it(`DELETE of ${kind}: dryRun in the body keeps it, and its preconditions hold all the same`, async () => {
      const [path, uid] = await target(kind, "options-body");
      const dryRun = { dryRun: ["All"] };
      const refused = inBody({ ...dryRun, preconditions: { uid: otherUid } });
      assert.equal((await scene().target.admin.delete(path, refused)).status, 409);
      const answer = await scene().target.admin.delete(path, inBody({ ...dryRun, preconditions: { uid } }));
      assert.equal(answer.status, 200, answer.text);
      assert.equal((await scene().target.admin.get(path)).status, 200);
    });
  }

  for (const [name, query, dryRun] of [
    ["miss", "", ["All"]],
    ["full", "?dryRun=All", undefined],
  ] as const) {
    it(`DELETE of an image stream with dryRun in the ${dryRun ? "body" : "query"} answers as recorded`, async () => {
      const { metadata } = await scene().createStream(name);
      const body = inBody({ preconditions: { uid: metadata.uid }, ...(dryRun ? { dryRun } : {}) });
      const answer = await scene().target.admin.delete(
        `${scene().path(`imagestreams/${name}`)}${query}`,
        body,
      );
      const recorded = dryRun
        ? "status-200-delete-dryrun-in-body"
        : "status-200-delete-dryrun-query-with-body";
      assert.deepEqual(structure(answer.json), structure(recording(recorded)));
    });
  }
});

describeContract("contract: a namespace that is being deleted", (scene) => {
  it("accepts nothing new, as recorded", async () => {
    const { target, registry } = scene();
    const name = `${scene().namespace}-term`;
    // The finalizer of nobody holds the namespace for as long as the row lasts.
    const body = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "held", finalizers: ["example.com/hold"] },
    };
    const namespace = {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, finalizers: ["example.com/hold"] },
    };
    assert.equal((await target.admin.post("/api/v1/namespaces", namespace)).status, 201);
    assert.equal((await target.admin.post(`/api/v1/namespaces/${name}/configmaps`, body)).status, 201);
    assert.equal((await target.admin.delete(`/api/v1/namespaces/${name}`)).status, 200);
    const images = [{ from: { kind: "DockerImage", name: `${registry}/demo/a:1` }, to: { name: "a" } }];
    const answer = await target.admin.post(`${imageApi}/namespaces/${name}/imagestreamimports`, {
      metadata: { name: "s2" },
      spec: { import: true, images },
    });
    assert.equal(answer.status, 403, answer.text);
    assert.deepEqual(
      structure(answer.json, { [name]: "term" }),
      structure(recording("status-403-isi-terminating-namespace")),
    );
    const released = { metadata: { finalizers: null } };
    await target.admin.patch(`/api/v1/namespaces/${name}/configmaps/held`, "merge", released);
    await target.admin.patch(`/api/v1/namespaces/${name}`, "merge", released);
  });
});
