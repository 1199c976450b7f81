/**
 * Imports on a server that throttles as the real one does (two images a second in one request, after a burst of three),
 * from registries that answer every request after 5 and after 20 ms (the same network, the same country):
 * 100 tags of 10 streams from 10 hosts against one import a tag in sequence, and 24 tags of one stream against one
 * request with everything, which is what `oc import-image --all` sends.
 */
import { type Sandbox, startSandbox } from "okd-image-sandbox";
import { createConnector } from "../../provider/cluster/connection/open.js";
import { processMachine } from "../../provider/http/machine.js";
import { createImportHandler } from "../../provider/imports/handler.js";
import type { ImageStreams } from "../../provider/imports/ports.js";
import { FakePulumi } from "../../test/support/fakes/pulumi.js";
import { importClusters } from "../../test/support/worlds/imports.js";
import { printComparison, timed } from "../report.js";

const runs = 3;
const registryLatenciesMs = [5, 20];
const namespace = "shop";

interface Declared {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}

async function withSandbox<Result>(
  latencyMs: number,
  work: (sandbox: Sandbox) => Promise<Result>,
): Promise<Result> {
  const hosts = Array.from({ length: 10 }, (_, index) => `r${index}.example.com`);
  const sandbox = await startSandbox({
    namespaces: [namespace],
    registries: { open: { protocol: "both" } },
    registryHosts: Object.fromEntries(hosts.map((host) => [host, "open"])),
  });
  sandbox.faults.add({ server: "open", times: 0, effect: { kind: "delay", milliseconds: latencyMs } });
  try {
    return await work(sandbox);
  } finally {
    await sandbox.close();
  }
}

/** Every image has content of its own: the throttle counts distinct ones. */
function declare(sandbox: Sandbox, streams: number, tagsPerStream: number): readonly Declared[] {
  return Array.from({ length: streams }, (_, stream) => {
    const tags = Array.from({ length: tagsPerStream }, (__, tag) => {
      sandbox.registry().publishImage(`acme/app${stream}`, `t${tag}`, { content: `${stream}-${tag}` });
      return [`t${tag}`, `r${stream}.example.com/acme/app${stream}:t${tag}`] as const;
    });
    return { name: `app${stream}`, tags: Object.fromEntries(tags) };
  });
}

function connectionOf(sandbox: Sandbox): Readonly<Record<string, string>> {
  return { host: sandbox.url, token: sandbox.adminToken, caCert: sandbox.certificateAuthority };
}

/** As the engine does: checks one after another, then all creates at once; every resource in one process. */
async function ours(sandbox: Sandbox, declared: readonly Declared[]): Promise<void> {
  const connector = importClusters();
  await Promise.all(
    declared.map(({ name, tags }) =>
      new FakePulumi(
        () => createImportHandler({ newClaim: () => name }),
        () => connector,
        name,
      ).up({
        connection: connectionOf(sandbox),
        namespace,
        name,
        tags,
      }),
    ),
  );
}

async function streamsOf(sandbox: Sandbox): Promise<ImageStreams> {
  const connect = createConnector(processMachine);
  const inputs = connectionOf(sandbox);
  return (await connect({ inputs, config: () => undefined }, { signal: new AbortController().signal }))
    .streams;
}

const specOf = ([tag, image]: readonly [string, string]) => ({
  from: { kind: "DockerImage", name: image },
  to: { name: tag },
  importPolicy: {},
});

async function oneByOne(sandbox: Sandbox, declared: readonly Declared[]): Promise<void> {
  const streams = await streamsOf(sandbox);
  const options = { store: true, signal: new AbortController().signal };
  for (const { name, tags } of declared) {
    for (const tag of Object.entries(tags))
      await streams.importImages({ namespace, name }, [specOf(tag)], options);
  }
}

async function allAtOnce(sandbox: Sandbox, declared: readonly Declared[]): Promise<void> {
  const streams = await streamsOf(sandbox);
  const options = { store: true, signal: new AbortController().signal };
  for (const { name, tags } of declared) {
    await streams.importImages({ namespace, name }, Object.entries(tags).map(specOf), options);
  }
}

async function repeat(
  work: typeof ours,
  latencyMs: number,
  streams: number,
  tags: number,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    times.push(
      await withSandbox(latencyMs, (sandbox) => timed(() => work(sandbox, declare(sandbox, streams, tags)))),
    );
  }
  return times;
}

async function main(): Promise<void> {
  for (const latency of registryLatenciesMs) {
    printComparison({
      what: `100 tags of 10 streams from 10 hosts, check and create, registries at ${latency} ms`,
      ours: await repeat(ours, latency, 10, 10),
      peer: await repeat(oneByOne, latency, 10, 10),
      peerName: "one import a tag in sequence",
    });
    printComparison({
      what: `24 tags of one stream, check and create, registry at ${latency} ms`,
      ours: await repeat(ours, latency, 1, 24),
      peer: await repeat(allAtOnce, latency, 1, 24),
      peerName: "one request with everything",
    });
  }
}

void main();
