import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeObject, ObjectName, Sandbox } from "okd-image-sandbox";
import { createArchiveHandler } from "../../../provider/archive/handler.js";
import { createClusterConnector } from "../../../provider/cluster/connection/open.js";
import { createImportHandler } from "../../../provider/imports/handler.js";
import { createHandOver } from "../../../provider/lifecycle/cli/handOver.js";
import type { ResourceHandler } from "../../../provider/lifecycle/resourceHandler.js";
import type { Connector } from "../../../provider/lifecycle/session.js";
import { createPruneHandler } from "../../../provider/prune/handler.js";
import { createArchiveSources } from "../../../provider/wiring/archive.js";
import { createImportClusters } from "../../../provider/wiring/imports.js";
import { pruneClusterOf } from "../../../provider/wiring/prune.js";
import type { ResourceSpec } from "../cli/programSpec.js";
import { FakePulumi, type ResourceState } from "../fakes/pulumi.js";
import {
  type Bag,
  readState,
  type RecordedResource,
  type RecordedState,
  unwrapped,
} from "../recordings/states.js";
import { type RecordedWorld, startRecordedWorld } from "./recorded.js";

/** A resource in the state that an earlier version has recorded. */
export interface EarlierResource {
  readonly name: string;
  /** Those of the program, as hooks see them. */
  readonly args: Bag;
  readonly engine: FakePulumi<unknown, unknown>;
}

/** The recorded states of one program, with the cluster and the files that they are about. */
export interface EarlierState {
  /** In the program's order. */
  readonly resources: readonly EarlierResource[];
  /** Tags of the image stream apps/web. */
  tags(): readonly string[] | undefined;
  /** Names in the folder of the program. */
  files(): readonly string[];
  close(): Promise<void>;
}

/** @param name - one of `recordedStates()` */
export async function startEarlierState(name: string): Promise<EarlierState> {
  const world = await startRecordedWorld();
  const folder = mkdtempSync(join(tmpdir(), "earlier-state-"));
  const recorded = readState(name, world.addresses);
  await establish(world, recorded);
  writeFiles(recorded, folder);
  return {
    resources: recorded.program.resources.map((spec) => earlierResource(spec, recorded, folder)),
    tags: () => tagsOf(world.sandbox),
    files: () => readdirSync(folder).sort(),
    async close() {
      rmSync(folder, { recursive: true, force: true });
      await world.close();
    },
  };
}

/** Makes the cluster what it was when the states were recorded. */
export async function establish(
  { sandbox, pushHistory }: RecordedWorld,
  { world, objects }: Pick<RecordedState, "world" | "objects">,
): Promise<void> {
  if (world.history === true) pushHistory();
  for (const object of await imageObjects(sandbox)) sandbox.remove(object);
  for (const [tag, target] of Object.entries(world.moved ?? {})) {
    sandbox.registry("open").moveTag("acme/web", tag, target);
  }
  for (const object of objects) sandbox.seed(object);
}

/** Writes the recorded files into the folder. */
export function writeFiles({ files }: Pick<RecordedState, "files">, folder: string): void {
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
}

/** The outputs with the times and numbers that the archive's files have in this folder. */
export function withFileFacts({ outputs }: RecordedResource, folder: string): Bag {
  const { path, beside } = outputs;
  if (typeof path !== "string") return outputs;
  const facts = (file: string) => {
    const { mtimeMs, dev, ino } = statSync(join(folder, file));
    return { mtimeMs, fileId: `${dev}:${ino}` };
  };
  const sidecars = Object.entries(beside as Readonly<Record<string, Bag>>).map(
    ([ending, file]) => [ending, { ...file, ...facts(`${path}${ending}`) }] as const,
  );
  return { ...outputs, ...facts(path), beside: Object.fromEntries(sidecars) };
}

function earlierResource(
  { type, name, args = {} }: ResourceSpec,
  { resources }: RecordedState,
  folder: string,
): EarlierResource {
  const recorded = recordedResource(resources, name);
  const engine = engineOf(type, name, folder);
  engine.urn = recorded.urn;
  engine.state = {
    id: recorded.id,
    inputs: plain(recorded.inputs),
    outputs: plain(withFileFacts(recorded, folder)),
    initErrors: recorded.initErrors ?? [],
  };
  const known = unwrapped(args, "$tag", (reference) => streamTag(resources, reference as [string, string]));
  return { name, args: plain(known), engine };
}

function recordedResource(resources: readonly RecordedResource[], name: string): RecordedResource {
  const found = resources.find(({ urn }) => urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`no state of ${name} was recorded`);
  return found;
}

/** As ImportedImageStream.tag() gives it to an archive. */
function streamTag(resources: readonly RecordedResource[], [stream, tag]: [string, string]): Bag {
  const { namespace, name, resolved } = recordedResource(resources, stream).outputs;
  const { digest } = (resolved as Readonly<Record<string, Bag>>)[tag] ?? {};
  return { namespace, name, tag, digest };
}

function plain(value: unknown): ResourceState["inputs"] {
  return unwrapped(value, "$secret", (secret) => secret) as ResourceState["inputs"];
}

function engineOf(type: ResourceSpec["type"], name: string, folder: string): FakePulumi<unknown, unknown> {
  const clusters = createClusterConnector();
  const importClusterOf = createImportClusters(() => undefined);
  const issues: Connector<unknown>["issues"] = (connection) => clusters.issues(connection);
  const engine = <Args, Ports>(handler: () => ResourceHandler<Args, Ports>, open: Connector<Ports>["open"]) =>
    new FakePulumi(handler, () => ({ issues, open }), name) as unknown as FakePulumi<unknown, unknown>;
  switch (type) {
    case "stream":
      return engine(
        () => createImportHandler({ newClaim: () => "0123456789abcdef" }),
        async (...how) => importClusterOf(await clusters.open(...how)),
      );
    case "policy": {
      let runs = 0;
      // Each phase is a run of the CLI without a preview; this very process stands for all of them.
      const run = () =>
        Promise.resolve({ name: `${process.pid}-${(runs += 1)}`, preview: "skipped" as const });
      const handOver = () => createHandOver(join(folder, "handed"), run);
      return engine(
        () => createPruneHandler({ handOver: handOver(), baseFolder: folder, now: Date.now }),
        async (...how) => pruneClusterOf(await clusters.open(...how)),
      );
    }
    case "archive": {
      const sources = createArchiveSources(() => undefined);
      return engine(
        () => createArchiveHandler({ baseFolder: folder }),
        (connection, config) =>
          Promise.resolve(sources((signal) => clusters.open(connection, config, signal))),
      );
    }
    default:
      throw new Error(`${type} is no resource of this package`);
  }
}

/** All image streams and images, without what the server adds at each write. */
export async function imageObjects({
  httpUrl,
  adminToken,
}: Sandbox): Promise<readonly (KubeObject & ObjectName)[]> {
  const kinds = { imagestreams: "ImageStream", images: "Image" };
  const lists = Object.entries(kinds).map(async ([resource, kind]) => {
    const answer = await fetch(`${httpUrl}/apis/image.openshift.io/v1/${resource}`, {
      headers: { authorization: `Bearer ${adminToken}`, "user-agent": "a person" },
    });
    const { items } = (await answer.json()) as { readonly items: readonly KubeObject[] };
    return items.map(({ metadata: { managedFields: _, resourceVersion: __, ...metadata }, ...rest }) => ({
      ...rest,
      apiVersion: "image.openshift.io/v1",
      kind,
      metadata,
    }));
  });
  return (await Promise.all(lists)).flat();
}

function tagsOf(sandbox: Sandbox): readonly string[] | undefined {
  const stream = sandbox.stored("imagestreams.image.openshift.io", "web", "apps") as
    { readonly status?: { readonly tags?: readonly { readonly tag: string }[] } } | undefined;
  return stream && (stream.status?.tags ?? []).map(({ tag }) => tag);
}
