import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type LoggedRequest,
  pullImage,
  type PullResult,
  type PushContent,
  type PushedImage,
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from "okd-image-sandbox";
import { createClusterConnector } from "../../../provider/cluster/connection/open.js";
import type { RunPreview } from "../../../provider/lifecycle/cli/arguments.js";
import { createHandOver } from "../../../provider/lifecycle/cli/handOver.js";
import type { Connector } from "../../../provider/lifecycle/session.js";
import type { PruneArgs } from "../../../provider/prune/args/parsed.js";
import { createPruneHandler } from "../../../provider/prune/handler.js";
import type { PrunePlan } from "../../../provider/prune/outputs.js";
import type { PruneCluster } from "../../../provider/prune/ports.js";
import { pruneClusterOf } from "../../../provider/wiring/prune.js";
import { FakePulumi } from "../fakes/pulumi.js";

export const repositoryHost = "image-registry.openshift-image-registry.svc:5000";

/** A sandbox with an integrated registry, and what tests of pruning do to it. */
export interface PruneWorld {
  readonly sandbox: Sandbox;
  readonly connection: Readonly<Record<string, unknown>>;
  /** Folder that paths in arguments are relative to. */
  readonly folder: string;
  pulumi(name?: string): FakePulumi<PruneArgs, PruneCluster>;
  /** Resources whose hooks run in one process. */
  together(...names: readonly string[]): readonly FakePulumi<PruneArgs, PruneCluster>[];
  /**
   * Preview and update as one `pulumi up` has them: the same run of the CLI. Where no preview has left anything, the CLI's
   * arguments decide: `skipped`, as by `--skip-preview`, if nothing else is said; `lost`: its process cannot be found.
   */
  beginRun(preview?: RunPreview | "lost"): void;
  /** What previews have left for the updates of their runs. */
  readonly handedFolder: string;
  /** Pushes `namespace/name:tag`; the text decides layers and digest. Answers what was pushed. */
  push(target: string, content: string | PushContent, daysAgo?: number): PushedImage;
  /** Pushes `shop/web:latest` once for each age, with the layers `base` and `web DAYS`. Answers them newest first. */
  pushWeb(...daysAgo: readonly number[]): readonly PushedImage[];
  /** Arguments of a policy that no limit stops. */
  policy(more: object): Readonly<Record<string, unknown>>;
  /** A preview and an update of a new policy in one run. */
  prune(args: object): Promise<FakePulumi<PruneArgs, PruneCluster>>;
  /** A running pod with one container. */
  runPod(name: string, image: string, more?: object): void;
  remove(apiVersion: string, kind: string, name: string, namespace?: string): void;
  /** Digests in a tag's history, newest first. */
  history(target: string): readonly string[];
  /** Names of all Images. */
  images(): Promise<readonly string[]>;
  /** As a container runtime pulls: `shop/web:v1` or `shop/web@sha256:…`. */
  pull(reference: string): Promise<PullResult>;
  /** Requests of the provider that may change something. */
  writes(): readonly LoggedRequest[];
  close(): Promise<void>;
}

export async function startPruneWorld(options: SandboxOptions = {}): Promise<PruneWorld> {
  const sandbox = await startSandbox({
    namespaces: ["shop"],
    ...(options.registryRemoved === true ? {} : { integratedRegistry: {} }),
    plainHttp: true,
    ...options,
  });
  const connection = { host: sandbox.url, token: sandbox.adminToken, caCert: sandbox.certificateAuthority };
  const folder = mkdtempSync(join(tmpdir(), "prune-world-"));
  const handedFolder = join(folder, "handed");
  let run = 0;
  let runPreview: RunPreview | "lost" = "skipped";
  // A run that this very process stands for, so that it counts as running.
  const cliRun = () =>
    Promise.resolve(
      runPreview === "lost" ? undefined : { name: `${process.pid}-${run}`, preview: runPreview },
    );
  const createHandler = () =>
    createPruneHandler({
      handOver: createHandOver(handedFolder, cliRun),
      baseFolder: folder,
      now: Date.now,
    });

  const world: PruneWorld = {
    sandbox,
    connection,
    folder,
    pulumi: (name = "policy") => new FakePulumi(createHandler, clusterConnector, name),
    together(...names) {
      const handler = createHandler();
      return names.map((name) => new FakePulumi(() => handler, clusterConnector, name));
    },
    handedFolder,
    beginRun(preview = "skipped") {
      run += 1;
      runPreview = preview;
    },
    push(target, content, daysAgo = 10) {
      const { namespace, name, tag } = parseTarget(target);
      const image = typeof content === "string" ? { layers: ["base", content] } : content;
      const createdAt = new Date(Date.now() - daysAgo * 86_400_000).toISOString();
      return sandbox.integratedRegistry.push({ namespace, name, ...tag, image, createdAt });
    },
    pushWeb: (...daysAgo) =>
      daysAgo.map((days) => world.push("shop/web:latest", `web ${days}`, days)).toReversed(),
    policy: (more) => ({ connection, limits: { fraction: 1 }, ...more }),
    async prune(args) {
      const pulumi = world.pulumi();
      world.beginRun();
      await pulumi.preview(args);
      await pulumi.up(args);
      return pulumi;
    },
    runPod(name, image, more = {}) {
      sandbox.seed({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: "shop" },
        spec: { containers: [{ name: "main", image }] },
        status: { phase: "Running" },
        ...more,
      });
    },
    remove: (apiVersion, kind, name, namespace = "shop") =>
      sandbox.remove({ apiVersion, kind, metadata: { name, namespace } }),
    history(target) {
      const { namespace, name, tag } = parseTarget(target);
      const stream = sandbox.stored("imagestreams.image.openshift.io", name, namespace) as
        StoredStream | undefined;
      const items = stream?.status?.tags?.find((entry) => entry.tag === tag.tag)?.items ?? [];
      return items.map(({ image }) => image);
    },
    images: () => storedImages(sandbox),
    async pull(reference) {
      const { namespace, name, tag, digest } = parseTarget(reference);
      return await pullImage(
        {
          url: sandbox.integratedRegistry.url,
          certificateAuthority: sandbox.certificateAuthority,
          token: sandbox.adminToken,
        },
        `${namespace}/${name}`,
        digest ?? tag.tag ?? "latest",
      );
    },
    writes: () =>
      sandbox.requests
        .matching({})
        .filter(({ method, userAgent }) => method !== "GET" && userAgent.startsWith("pulumi-okd-images")),
    async close() {
      rmSync(folder, { recursive: true, force: true });
      await sandbox.close();
    },
  };
  return world;
}

export function planIn(bag: { readonly plan?: unknown }): PrunePlan {
  return bag.plan as PrunePlan;
}

function clusterConnector(): Connector<PruneCluster> {
  const clusters = createClusterConnector();
  return {
    issues: (connection) => clusters.issues(connection),
    open: async (connection, config, signal) =>
      pruneClusterOf(await clusters.open(connection, config, signal)),
  };
}

interface StoredStream {
  readonly status?: {
    readonly tags?: readonly {
      readonly tag: string;
      readonly items?: readonly { readonly image: string }[];
    }[];
  };
}

async function storedImages(sandbox: Sandbox): Promise<readonly string[]> {
  const answer = await fetch(`${sandbox.httpUrl}/apis/image.openshift.io/v1/images`, {
    headers: { authorization: `Bearer ${sandbox.adminToken}`, "user-agent": "a person" },
  });
  const { items } = (await answer.json()) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  return items.map(({ metadata }) => metadata.name).sort();
}

interface Target {
  readonly namespace: string;
  readonly name: string;
  readonly tag: { readonly tag?: string };
  readonly digest?: string;
}

function parseTarget(text: string): Target {
  const match = /^([^/]+)\/([^:@]+)(?::([^@]+))?(?:@(.+))?$/.exec(text);
  const [, namespace = "", name = "", tag, digest] = match ?? [];
  return {
    namespace,
    name,
    tag: tag === undefined ? {} : { tag },
    ...(digest === undefined ? {} : { digest }),
  };
}
