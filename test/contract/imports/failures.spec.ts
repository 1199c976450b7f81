import assert from "node:assert/strict";
import { specTag, tagHistory } from "okd-image-sandbox";
import { recording, structure } from "../../support/recordings/okdApi.js";
import { describeContract, type ImageImport, type Scene } from "../../support/worlds/contract/scene.js";

interface FailureRow {
  readonly cause: string;
  readonly image: (scene: Scene) => ImageImport;
  readonly code: number;
  readonly reason: string;
  readonly message: (from: string) => string;
}

const zeros = `sha256:${"0".repeat(64)}`;
const notFound = (from: string): string => `dockerimage.image.openshift.io "${from}" not found`;
const hostOf = (from: string): string => from.split("/")[0] ?? "";

const failures: readonly FailureRow[] = [
  {
    cause: "an unknown tag",
    image: ({ registry }) => ({ from: `${registry}/demo/failing:nope` }),
    code: 404,
    reason: "NotFound",
    message: notFound,
  },
  {
    cause: "an unknown repository",
    image: ({ registry }) => ({ from: `${registry}/demo/none:v1` }),
    code: 404,
    reason: "NotFound",
    message: notFound,
  },
  {
    cause: "an unknown digest",
    image: ({ registry }) => ({ from: `${registry}/demo/failing@${zeros}` }),
    code: 404,
    reason: "NotFound",
    message: notFound,
  },
  {
    cause: "nobody listening",
    image: () => ({ from: "127.0.0.1:5999/x/y:z" }),
    code: 500,
    reason: "InternalError",
    message: (from) =>
      `Internal error occurred: ${from}: Get "http://127.0.0.1:5999/v2/": dial tcp 127.0.0.1:5999: connect: connection refused`,
  },
  {
    cause: "a plain registry without insecure",
    image: ({ registry }) => ({ from: `${registry}/demo/failing:v1`, insecure: false }),
    code: 500,
    reason: "InternalError",
    message: (from) =>
      `Internal error occurred: ${from}: Get "https://${hostOf(from)}/v2/": http: server gave HTTP response to HTTPS client`,
  },
];

describeContract("contract: an import that fails", (scene) => {
  before(() => scene().push("demo/failing", "v1", "failing"));

  for (const [index, row] of failures.entries()) {
    it(`because of ${row.cause}: 201 with a ${row.code} row, and the same in the tag's condition`, async () => {
      const image = { ...row.image(scene()), to: "t" };
      const answer = await scene().import(`failing${index}`, [image]);
      assert.equal(answer.status, 201, answer.text);
      const [result] = answer.imported.status.images;
      assert.equal(result?.image, undefined);
      assert.equal(Object.hasOwn(result ?? {}, "image"), false, "the key is left out, not null");
      const { code, reason, message } = result?.status ?? {};
      assert.deepEqual(
        { code, reason, message },
        { code: row.code, reason: row.reason, message: row.message(image.from) },
      );
      const [condition] = tagHistory(answer.imported.status.import, "t")?.conditions ?? [];
      assert.equal(condition?.reason, row.reason);
      assert.equal(condition.message, row.message(image.from));
      assert.equal(specTag(answer.imported.status.import, "t")?.from?.name, image.from);
    });
  }

  it("names the tag of the source in its row, and none for a digest", async () => {
    const { registry } = scene();
    const images = [
      { from: `${registry}/x/y:z`, to: "t" },
      { from: `${registry}/x/y@${zeros}`, to: "u" },
    ];
    const answer = await scene().import("sources", images);
    const rows = answer.imported.status.images;
    assert.equal(rows[0]?.tag, "z");
    assert.equal(rows[1]?.tag ?? "", "");
  });

  it("without storing answers as recorded", async () => {
    const { registry, namespace } = scene();
    const answer = await scene().import("ok", [{ from: `${registry}/demo/app:nope`, to: "x" }], {
      storing: false,
    });
    assert.deepEqual(
      structure(answer.json, { [namespace]: "<namespace>" }),
      structure(recording("isi-import-false-failure.response"), { c1: "<namespace>" }),
    );
  });

  it("only in part keeps the good tags, as recorded", async function () {
    const { registry, namespace, target } = scene();
    if (target.tlsRegistry === undefined) this.skip();
    await scene().push("demo/app", "v1", "v1");
    const answer = await scene().import("app", [
      { from: `${registry}/demo/app:v1`, to: "v1" },
      { from: `${registry}/demo/app:nope`, to: "nope" },
      { from: "127.0.0.1:5999/x/y:z", to: "refused" },
      { from: `${target.tlsRegistry.host}/demo/app:v1`, to: "auth", insecure: false },
    ]);
    assert.equal(answer.status, 201, answer.text);
    const recorded = recording("isi-mixed-success-and-failures.response") as { status: { images: unknown } };
    const rows = answer.imported.status.images.map(withoutRevision);
    assert.deepEqual(structure(rows), structure(recorded.status.images));
    assert.deepEqual(
      structure(await scene().stream("app"), { [namespace]: "<namespace>" }),
      structure(recording("imagestream-after-mixed-import"), { c1: "<namespace>" }),
    );
  });
});

/** The recorded image was known to the cluster before, and then its row has no revision. */
function withoutRevision(row: { readonly image?: { readonly metadata: object } }): unknown {
  if (row.image === undefined) return row;
  const metadata = { ...row.image.metadata, resourceVersion: undefined };
  return { ...row, image: { ...row.image, metadata } };
}

describeContract("contract: `insecure` of two entries of one repository", (scene) => {
  it("is that of the first: an insecure second entry fails with it", async () => {
    const { registry } = scene();
    await scene().push("demo/order", "a", "order a");
    await scene().push("demo/order", "b", "order b");
    const answer = await scene().import("order1", [
      { from: `${registry}/demo/order:a`, to: "a", insecure: false },
      { from: `${registry}/demo/order:b`, to: "b", insecure: true },
    ]);
    assert.deepEqual(
      answer.imported.status.images.map((row) => row.status.status),
      ["Failure", "Failure"],
    );
  });

  it("is that of the first: a secure second entry succeeds with it, is stored as secure and fails alone", async () => {
    const { registry } = scene();
    const secondAlone = { from: `${registry}/demo/order:b`, to: "b", insecure: false };
    const stream = await scene().imported("order2", [
      { from: `${registry}/demo/order:a`, to: "a" },
      secondAlone,
    ]);
    assert.equal(specTag(stream, "b")?.importPolicy.insecure, undefined);
    const alone = await scene().import("order2", [secondAlone]);
    assert.equal(alone.imported.status.images[0]?.status.status, "Failure");
  });
});
