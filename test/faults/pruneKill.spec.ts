import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type IntegratedRegistry,
  pullAll,
  type PushContent,
  type Sandbox,
  startSandbox,
} from "okd-image-sandbox";
import type { RequestOptions } from "../../provider/okd/requestOptions.js";
import type { ClusterSnapshot } from "../../provider/prune/snapshot.js";
import { strictPolicy } from "../support/builders/snapshot.js";
import { type ClusterAddress, connectPruneRun, type PruneRun } from "../support/worlds/pruneRun.js";

const policy = strictPolicy();
const kills = 50;
const streams = ["web", "api", "multi"];
/** Anything that a prune sends and that changes something, the lease included. */
const changing = /^(?:PUT|POST|DELETE)$/;

describe("a prune that is killed", function () {
  this.timeout(120_000);
  const random = seededRandom(Date.now() % 2 ** 31);
  let sandbox: Sandbox;
  let folder: string;
  let address: ClusterAddress;
  /** References that must stay pullable, as `namespace/name@digest`. */
  let live: string[];
  /** Seconds. */
  let clockAhead: number;

  beforeEach(async () => {
    sandbox = await startSandbox({
      ...{ namespaces: ["shop"], plainHttp: true, integratedRegistry: { protocol: "http" } },
    });
    folder = await mkdtemp(join(tmpdir(), "prune-kill-"));
    live = [];
    clockAhead = 0;
    const { httpUrl: server = "", integratedRegistry, adminToken: token } = sandbox;
    address = { server, registry: integratedRegistry.url, token, ca: undefined };
    writeFileSync(join(folder, "address.json"), JSON.stringify(address));
  });
  afterEach(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true });
  });

  it(`leaves everything in use pullable at ${kills} points, and a last run finds the rest`, async () => {
    let killed = 0;
    for (let round = 0; killed < kills; round += 1) {
      makeWork(round);
      const point = { requests: 1 + random(32), milliseconds: random(4) };
      const text = `seed ${random.seed}, round ${round}, killed after ${JSON.stringify(point)}`;
      if (await pruneUntil(point)) killed += 1;
      assert.ok(round < 2 * kills, `most runs end before they are killed (${text})`);
      await assertPullable(text);
      expireLease();
    }

    const text = `seed ${random.seed}, at the end`;
    const { outcome, after } = await inThisProcess(async (run, options) => {
      const order = await run.plan(policy, options);
      const outcome = await run.execute(order, policy, options);
      return { outcome, after: await run.plan(policy, options) };
    });
    assert.deepEqual(outcome.failures, [], text);
    assert.deepEqual([after.plan.streams, after.plan.images], [[], { kind: "planned", deletions: [] }], text);
    await assertPullable(text);
    assert.deepEqual([...registry().blobs()].sort(), neededBlobs(after.snapshot), text);
  });

  /** In each stream a new revision, so that the last one may go; now and then a pod that needs one for ever. */
  function makeWork(round: number): void {
    for (const name of streams) {
      const content = `${name} ${round}`;
      const single = { layers: ["base", `shared ${random(5)}`, content] };
      const image: PushContent = name === "multi" ? { children: [single, { layers: [content] }] } : single;
      const minutes = 60 * 24 * 365 - round;
      const createdAt = new Date(Date.now() - minutes * 60_000).toISOString();
      const { digest } = registry().push({ namespace: "shop", name, tag: "latest", image, createdAt });
      if (random(8) === 0) keepForEver(`shop/${name}@${digest}`, `${name}-${round}`);
    }
  }

  function keepForEver(reference: string, name: string): void {
    live.push(reference);
    const containers = [{ name: "main", image: `mirror.example/${reference}` }];
    sandbox.seed({
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop" } },
      ...{ spec: { containers }, status: { phase: "Running" } },
    });
  }

  /** True when the run was killed, false when it had ended before. */
  async function pruneUntil(point: {
    readonly requests: number;
    readonly milliseconds: number;
  }): Promise<boolean> {
    const child = spawn(process.execPath, [join(__dirname, "pruneChild.js"), join(folder, "address.json")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const said: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString("utf8")));
    let seen = 0;
    const forget = sandbox.onRequest({ times: 0 }, ({ method, server }) => {
      if (!changing.test(method) || !["api", "integrated"].includes(server)) return;
      seen += 1;
      if (seen === point.requests) setTimeout(() => child.kill("SIGKILL"), point.milliseconds);
    });
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    forget();
    if (signal !== "SIGKILL") assert.equal(code, 0, said.join(""));
    return signal === "SIGKILL";
  }

  /** As if a minute had passed since the run died. */
  function expireLease(): void {
    clockAhead += 61;
    sandbox.shiftClock(clockAhead);
  }

  async function inThisProcess<Result>(work: (run: PruneRun, options: RequestOptions) => Promise<Result>) {
    const run = connectPruneRun(address);
    try {
      return await work(run, { signal: new AbortController().signal });
    } finally {
      await run.close();
    }
  }

  async function assertPullable(text: string): Promise<void> {
    const source = { url: registry().url, token: address.token };
    const tags = streams.map((name) => [`shop/${name}`, "latest"] as const);
    const digests = live.map((reference) => reference.split("@") as [string, string]);
    for (const [repository, reference] of [...tags, ...digests]) {
      const result = await pullAll(source, repository, reference);
      assert.deepEqual(result, { ok: true }, `${repository} ${reference} (${text})`);
    }
  }

  const registry = (): IntegratedRegistry => sandbox.integratedRegistry;
});

/** What the registry's storage must hold for the Images of a cluster, and nothing else. */
function neededBlobs({ images }: ClusterSnapshot): readonly string[] {
  const blobs = images.flatMap(({ digest, layers, metadata, manifests }) => [
    ...[digest, ...layers],
    ...(metadata.kind === "known" && manifests.length === 0 ? [metadata.configId] : []),
  ]);
  return [...new Set(blobs)].sort();
}

/** Whole numbers from 0 to below `limit`, the same for the same seed. */
interface Random {
  (limit: number): number;
  readonly seed: number;
}

/** Park and Miller's generator. */
function seededRandom(seed: number): Random {
  let state = (seed % 2_147_483_646) + 1;
  const next = (limit: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
  return Object.assign(next, { seed });
}
