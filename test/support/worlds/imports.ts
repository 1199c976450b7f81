import { type LoggedRequest, type Sandbox, type SandboxOptions, startSandbox } from "okd-image-sandbox";
import { createClusterConnector } from "../../../provider/cluster/connection/open.js";
import type { DesiredStream } from "../../../provider/imports/args/desiredStream.js";
import { createImportHandler } from "../../../provider/imports/handler.js";
import type { Cluster } from "../../../provider/imports/ports.js";
import type { HandOver } from "../../../provider/lifecycle/cli/handOver.js";
import type { Connector } from "../../../provider/lifecycle/session.js";
import type { ImageStream, TagReference } from "../../../provider/okd/imageStream.js";
import { createImportClusters } from "../../../provider/wiring/imports.js";
import { FakePulumi } from "../fakes/pulumi.js";

export const namespace = "shop";

/** A sandbox whose registry answers as quay.io, and what tests of imports look at. */
export interface ImportWorld {
  readonly sandbox: Sandbox;
  readonly connection: Readonly<Record<string, unknown>>;
  /** `handOver` joins preview and update, as one run of the CLI does. */
  pulumi(name?: string, handOver?: HandOver): FakePulumi<DesiredStream, Cluster>;
  /** Engines of the resources of one program, whose hooks share a process. */
  program(...names: readonly string[]): readonly FakePulumi<DesiredStream, Cluster>[];
  /** Digest under which the content was published as `quay.io/<repository>:<tag>`. */
  publish(tag: string, content?: string, repository?: string): string;
  stream(name?: string): ImageStream | undefined;
  /** What the tag serves now. */
  served(tag: string, stream?: string): string | undefined;
  /** Changes the stream past the provider, as a person with `oc edit` would. */
  edit(change: (stream: MutableStream) => void, name?: string): Promise<void>;
  deleteTag(tag: string, name?: string): Promise<void>;
  deleteStream(name?: string): Promise<void>;
  /** A tag that somebody else imported. */
  seedTag(tag: string, image: string, name?: string): Promise<void>;
  /** A tag that was pushed: it has a history and no entry in the spec. */
  push(tag: string, digest: string, name?: string): void;
  writes(): readonly LoggedRequest[];
}

interface MutableStream {
  metadata: { annotations?: Record<string, string>; labels?: Record<string, string> };
  spec: { tags: Mutable<TagReference>[]; lookupPolicy: { local: boolean } };
}

type Mutable<T> = {
  -readonly [Key in keyof T]: T[Key] extends object | undefined ? Mutable<T[Key]> : T[Key];
};

/** Long enough to be met, short enough for a test. */
const useWait = { forMs: 1_000, everyMs: 20 };

export async function startImportWorld(options: SandboxOptions = {}): Promise<ImportWorld> {
  const sandbox = await startSandbox({
    namespaces: [namespace],
    plainHttp: true,
    throttleImports: false,
    registries: { open: { protocol: "both" } },
    registryHosts: { "quay.io": "open", "docker.io": "open" },
    ...options,
  });
  const connection = { host: sandbox.url, token: sandbox.adminToken, caCert: sandbox.certificateAuthority };
  const stream = (name = "web") =>
    sandbox.stored("imagestreams.image.openshift.io", name, namespace) as unknown as ImageStream | undefined;

  async function send(method: string, path: string, body?: unknown): Promise<void> {
    const answer = await fetch(
      `${sandbox.httpUrl}/apis/image.openshift.io/v1/namespaces/${namespace}/${path}`,
      {
        method,
        headers: {
          authorization: `Bearer ${sandbox.adminToken}`,
          "content-type": "application/json",
          "user-agent": "a person",
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
    );
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }

  return {
    sandbox,
    connection,
    stream,
    pulumi: (name = "web", handOver?: HandOver) =>
      new FakePulumi(
        () =>
          createImportHandler({
            newClaim: () => Math.random().toString(16).slice(2, 18),
            useWait,
            handOver,
          }),
        importClusters,
        name,
      ),
    program(...names) {
      const newClaim = () => Math.random().toString(16).slice(2, 18);
      const handler = createImportHandler({ newClaim, useWait });
      const clusters = importClusters();
      return names.map(
        (name) =>
          new FakePulumi(
            () => handler,
            () => clusters,
            name,
          ),
      );
    },
    publish: (tag, content = tag, repository = "acme/web") =>
      sandbox.registry().publishImage(repository, tag, { content }).digest,
    served: (tag, name) => stream(name)?.status?.tags?.find((entry) => entry.tag === tag)?.items?.[0]?.image,
    async edit(change, name = "web") {
      const copy = JSON.parse(JSON.stringify(stream(name))) as MutableStream;
      change(copy);
      await send("PUT", `imagestreams/${name}`, copy);
    },
    deleteTag: (tag, name = "web") => send("DELETE", `imagestreamtags/${name}:${tag}`),
    deleteStream: (name = "web") => send("DELETE", `imagestreams/${name}`),
    seedTag: (tag, image, name = "web") =>
      send("POST", "imagestreamimports", {
        kind: "ImageStreamImport",
        apiVersion: "image.openshift.io/v1",
        metadata: { name, namespace },
        spec: { import: true, images: [{ from: { kind: "DockerImage", name: image }, to: { name: tag } }] },
      }),
    push(tag, digest, name = "web") {
      const before = stream(name) as unknown as Parameters<Sandbox["seed"]>[0] & {
        status?: { tags?: object[] };
      };
      const created = "2026-01-01T00:00:00Z";
      const dockerImageReference = `registry.svc:5000/${namespace}/${name}@${digest}`;
      const items = [{ created, dockerImageReference, image: digest, generation: 1 }];
      const tags = [...(before.status?.tags ?? []), { tag, items }];
      sandbox.seed({ ...before, status: { ...before.status, tags } });
    },
    writes: () =>
      sandbox.requests
        .matching({ server: "api" })
        .filter((request) => request.method !== "GET" && request.userAgent.startsWith("pulumi-okd-images")),
  };
}

export function importClusters(): Connector<Cluster> {
  const clusters = createClusterConnector();
  const importClusterOf = createImportClusters(() => undefined);
  return {
    issues: (connection) => clusters.issues(connection),
    open: async (connection, config, signal) =>
      importClusterOf(await clusters.open(connection, config, signal)),
  };
}
