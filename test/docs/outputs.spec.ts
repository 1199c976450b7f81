import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { JsonObject } from "../../provider/lifecycle/wire.js";
import { documentedOutputs, type ResourceName } from "../support/documented/tables.js";
import { read } from "../support/programs/example.js";
import { ArchiveScene } from "../support/worlds/arguments/archive.js";
import { PolicyScene } from "../support/worlds/arguments/policy.js";
import { source as streamSource, StreamScene } from "../support/worlds/arguments/stream.js";

/** An output as a program has it: by its path, or by the method that gives it. */
type Resource = Readonly<Record<string, unknown>> & {
  digest(tag: string): pulumi.Output<unknown>;
  pullSpec(tag: string): pulumi.Output<unknown>;
  tag(tag: string): pulumi.Output<unknown>;
};
type Check = (value: unknown) => boolean;

const isDigest: Check = (value) => typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
const isTime: Check = (value) => typeof value === "string" && new Date(value).toISOString().length > 0;
const isText: Check = (value) => typeof value === "string";
const is =
  (expected: unknown): Check =>
  (value) => {
    assert.deepEqual(value, expected);
    return true;
  };
const isLike =
  (expression: RegExp): Check =>
  (value) => {
    assert.match(String(value), expression);
    return true;
  };
const isMore: Check = (value) => typeof value === "number" && value > 0;
const isRecord: Check = (value) =>
  typeof value === "object" && value !== null && Object.keys(value).length > 0;
const hasKeys =
  (...keys: readonly string[]): Check =>
  (value) =>
    keys.every((key) => Object.hasOwn(value as object, key));

const streamOutputs = (host: string): Readonly<Record<string, Check>> => ({
  "digest(tag)": isDigest,
  "pullSpec(tag)": isLike(/^quay\.io\/acme\/web@sha256:/),
  "tag(tag)": hasKeys("namespace", "name", "tag", "digest"),
  resolved: (value) => hasKeys("digest", "pullSpec", "platforms", "sizeBytes")((value as { v1: object }).v1),
  namespace: is("shop"),
  name: is("with-outputs"),
  owned: is(["v1"]),
  ownedSecrets: is([]),
  createdStream: is(true),
  streamUid: isLike(/^[0-9a-f-]{36}$/),
  dockerImageRepository: isLike(/^image-registry\..*\/shop\/with-outputs$/),
  publicDockerImageRepository: isLike(/^127\.0\.0\.1:\d+\/shop\/with-outputs$/),
  cluster: (value) => (value as { server: string }).server === host && hasKeys("uid")(value),
  id: is("shop/with-outputs"),
});

const resolvedOutputs: Readonly<Record<string, Check>> = {
  digest: isDigest,
  pullSpec: isLike(/^quay\.io\/acme\/web@sha256:/),
  platforms: is(["linux/amd64"]),
  sizeBytes: isMore,
  created: isTime,
};

/** Of the policy's scene: four images of ten, three of them in histories. */
const planOutputs: Readonly<Record<string, Check>> = {
  plan: isRecord,
  "plan.images": is(4),
  "plan.revisions": is(3),
  "plan.streams": is(2),
  "plan.vanishingTags": is(0),
  "plan.frees": isText,
  "plan.freesBytes": isMore,
  "plan.fingerprint": isDigest,
  "plan.items": isRecord,
  "plan.moreItems": is(0),
  "plan.kept": isRecord,
  "plan.coverage": hasKeys("images", "imagestreams", "pods", "registry"),
  "plan.warnings": Array.isArray,
};
const pruneOutputs: Readonly<Record<string, Check>> = {
  lastPrune: isRecord,
  "lastPrune.at": isTime,
  "lastPrune.images": is(4),
  "lastPrune.revisions": is(3),
  "lastPrune.blobs": isMore,
  "lastPrune.links": isMore,
  "lastPrune.freedBytes": isMore,
  "lastPrune.notEligible": is(0),
  "lastPrune.restored": is(0),
  "lastPrune.broken": is([]),
  "lastPrune.deletedImages": (value) => (value as readonly unknown[]).length === 4,
  "lastPrune.updatedImageStreams": is({ "prod/api": 1, "shop/site": 2 }),
  cluster: hasKeys("server", "uid"),
};

const archiveOutputs = (path: string): Readonly<Record<string, Check>> => ({
  path: is(path),
  sha256: isLike(/^[0-9a-f]{64}$/),
  size: isMore,
  cluster: hasKeys("server", "uid"),
  content: isRecord,
  "content.action": is("write"),
  "content.reason": is("there is no file yet"),
  "content.size": isMore,
  "content.images": isRecord,
});
const imageOutputs: Readonly<Record<string, Check>> = {
  digest: isDigest,
  identity: is("manifest"),
  names: (value) => (value as readonly string[]).length === 1,
  platforms: is(["linux/arm64"]),
  size: isMore,
  created: isTime,
  chainId: isDigest,
  digestChanges: isLike(/^sha256:.* becomes sha256:/),
  archivedDigest: isDigest,
};

describe("documented outputs", () => {
  let streams: StreamScene;
  let policies: PolicyScene;
  let archives: ArchiveScene;
  const reads: Record<ResourceName, string[]> = {
    ImportedImageStream: [],
    ImagePrunePolicy: [],
    ImageArchive: [],
  };

  before(async () => {
    [streams, policies, archives] = await Promise.all([
      StreamScene.start(),
      PolicyScene.start(),
      ArchiveScene.start(),
    ]);
  });
  after(async () => {
    await Promise.all([streams.sandbox.close(), policies.close(), archives.close()]);
  });

  /** The resource of a program whose engine has these outputs for it. */
  async function declared(type: ResourceName, id: string, state: JsonObject): Promise<Resource> {
    const mocks = { newResource: () => ({ id, state }), call: () => ({}) };
    await pulumi.runtime.setMocks(mocks, "shop", "test", false);
    const okd = await import("../../provider/index.js");
    const args = { path: "x", images: ["x"], source: "x" };
    const resource = new okd[type]("with-outputs", args);
    return resource as unknown as Resource;
  }

  async function check(
    type: ResourceName,
    value: (path: string) => unknown,
    checks: Readonly<Record<string, Check>>,
    prefix = "",
  ): Promise<void> {
    for (const [path, isRight] of Object.entries(checks)) {
      const found = await resolved(value(path));
      assert.ok(isRight(found), `${type} ${path} is ${JSON.stringify(found)}`);
      reads[type].push(`${prefix}${path}`);
    }
  }

  const member = (resource: Resource) => (path: string) => {
    const [name = "", ...rest] = path.split(".");
    const output = resource[name] as pulumi.Output<unknown>;
    return rest.length === 0 ? output : output.apply((value) => at(value, rest));
  };

  it("ImportedImageStream: each has its documented type and meaning", async () => {
    const { outputs, pulumi, failure } = await streams.up({}, "with-outputs");
    assert.equal(failure, "");
    const resource = await declared("ImportedImageStream", pulumi.state!.id, outputs);
    const value = (path: string) => {
      const method = /^(digest|pullSpec|tag)\(tag\)$/.exec(path)?.[1] as
        "digest" | "pullSpec" | "tag" | undefined;
      return method === undefined ? member(resource)(path) : resource[method]("v1");
    };
    await check("ImportedImageStream", value, streamOutputs(streams.sandbox.url));
    const { v1 } = outputs.resolved as { readonly v1: JsonObject };
    await check("ImportedImageStream", (key) => v1[key], resolvedOutputs, "resolved.*.");
  });

  it("ImportedImageStream: a tag tells what it follows, and a reference only what it names", async () => {
    const doc = { image: "registry.example.com/acme/doc:v1", reference: true };
    const { outputs } = await streams.up({ tags: { v1: streamSource, live: { alias: "v1" }, doc } });
    const tags = outputs.resolved as { readonly live: JsonObject; readonly doc: JsonObject };
    await check("ImportedImageStream", (key) => tags.live[key], { from: is("v1") }, "resolved.*.");
    const referenceOutputs = { pullSpec: is(doc.image), reference: is(true) };
    await check("ImportedImageStream", (key) => tags.doc[key], referenceOutputs, "resolved.*.");
  });

  it("ImportedImageStream: a new digest tells what it rolls out, the first ten of it", async () => {
    for (let index = 0; index < 11; index += 1)
      streams.sandbox.seed(deploymentOf("rolled:v1", `web-${index}`));
    const more = { tags: { v1: "quay.io/acme/rolled:v1" }, trackUpstream: "follow" };
    streams.sandbox.registry().publishImage("acme/rolled", "v1", { content: "old" });
    const { pulumi: engine } = await streams.up(more, "rolled");
    streams.sandbox.registry().publishImage("acme/rolled", "v1", { content: "new" });
    const { inputs } = await engine.preview(streams.args("rolled", more));
    const { v1 } = inputs.resolved as { readonly v1: JsonObject };
    const isTen: Check = (value) =>
      Array.isArray(value) && value.length === 10 && value[0] === "deployment/web-0";
    const checks = { rollsOut: isTen, rollsOutTotal: is(11) };
    await check("ImportedImageStream", (key) => v1[key], checks, "resolved.*.");
  });

  it("ImportedImageStream: a tag of a repository tells its name upstream, imported or not", async () => {
    const row = { code: 404, reason: "NotFound", message: "not found" };
    streams.sandbox.faults.add({
      effect: { kind: "importRow", tag: "base-v2", row, storingOnly: true },
      times: 1,
    });
    const repository = { image: "quay.io/acme/web", as: "base-{tag}" };
    const { outputs } = await streams.up({ tags: undefined, repository });
    const tags = outputs.resolved as Readonly<Record<string, JsonObject>>;
    await check("ImportedImageStream", (key) => tags["base-v1"]![key], { source: is("v1") }, "resolved.*.");
    assert.ok(tags["base-v2"]!.error);
    await check("ImportedImageStream", (key) => tags["base-v2"]![key], { source: is("v2") }, "resolved.*.");
  });

  it("ImportedImageStream: a tag that was not imported has the error", async () => {
    const { inputs } = await streams.up({ tags: { v1: streamSource, gone: "quay.io/acme/web:gone" } });
    const { gone } = inputs.resolved as { readonly gone: JsonObject };
    await check(
      "ImportedImageStream",
      (key) => gone[key],
      { error: isLike(/\[IMPORT_NOT_FOUND\]$/) },
      "resolved.*.",
    );
  });

  it("ImagePrunePolicy: each has its documented type and meaning", async () => {
    const plan = await policies.plan({});
    const planned = await declared("ImagePrunePolicy", "planned", { plan: plan as never });
    await check("ImagePrunePolicy", member(planned), planOutputs);

    const { outputs, failure } = await policies.up({});
    assert.equal(failure, "");
    const pruned = await declared("ImagePrunePolicy", "pruned", outputs);
    await check("ImagePrunePolicy", member(pruned), pruneOutputs);
    assert.deepEqual(await resolved(member(pruned)("plan.items")), {});
  });

  it("ImageArchive: each has its documented type and meaning", async () => {
    const images = [
      { registry: `${archives.host()}/acme/multi:v1`, platforms: ["linux/arm64"] },
      { stream: "shop/app:v1" },
    ];
    const { outputs, failure, path } = await archives.up({ images });
    assert.equal(failure, "");
    const archive = await declared("ImageArchive", "archive", outputs);
    await check("ImageArchive", member(archive), archiveOutputs(path));
    const [image] = Object.values(
      (outputs.content as { images: JsonObject }).images,
    ) as readonly JsonObject[];
    await check("ImageArchive", (key) => image?.[key], imageOutputs, "content.images.*.");
  });

  it("ImageArchive: an image that the same up imports is pending, with its digest", async () => {
    const stream = { namespace: "shop", name: "web", tag: "v1", digest: `sha256:${"a".repeat(64)}` };
    const preview = await archives.preview({ images: [{ stream }] });
    const [image] = Object.values(
      (preview.inputs.content as { images: JsonObject }).images,
    ) as readonly JsonObject[];
    assert.ok(image !== undefined);
    assert.equal(image.digest, stream.digest);
    await check("ImageArchive", (key) => image[key], { isPending: is(true) }, "content.images.*.");
  });

  for (const type of Object.keys(reads) as readonly ResourceName[]) {
    it(`${type}: every documented output was read, and every one that was read is documented`, () => {
      const documented = documentedOutputs(type).map(({ path }) => path);
      assert.deepEqual(reads[type].toSorted(), documented.toSorted());
    });
  }

  it("prints the number of outputs that were read", () => {
    const all = (Object.keys(reads) as readonly ResourceName[]).flatMap(documentedOutputs);
    console.info(`    outputs: ${Object.values(reads).flat().length} of ${all.length}`);
  });
});

function deploymentOf(tag: string, name: string) {
  const fieldPath = 'spec.template.spec.containers[?(@.name=="main")].image';
  const triggers = JSON.stringify([{ from: { kind: "ImageStreamTag", name: tag }, fieldPath }]);
  const annotations = { "image.openshift.io/triggers": triggers };
  const template = {
    metadata: { labels: { app: name } },
    spec: { containers: [{ name: "main", image: "x" }] },
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "shop", annotations },
    spec: { selector: { matchLabels: { app: name } }, template },
  };
}

async function resolved(value: unknown): Promise<unknown> {
  return pulumi.Output.isInstance<unknown>(value) ? (await read(value)).value : value;
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, key) => (inner as Readonly<Record<string, unknown>> | undefined)?.[key], value);
}
