/**
 * An archive of 1 GiB, in four layers that cannot be compressed, from docker-registry beside `skopeo copy`, and from
 * dockerd beside `curl` of the same endpoint; one of many small layers from afar; then looks at what has not changed. Needs these programs, and root for
 * dockerd. Every run of ours is a process of its own, for its peak memory.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startDockerd } from "../../test/support/programs/containerEngines.js";
import { startDockerRegistry } from "../../test/support/programs/dockerRegistry.js";
import { findProgram } from "../../test/support/programs/requireReal.js";
import { startDistance } from "../distance.js";
import { printComparison, printTimes, timed } from "../report.js";
import type { ArchiveMeasurement } from "./client.js";
import { pushRandomImage } from "./randomImage.js";

const runs = 3;
const programs = ["docker-registry", "skopeo", "dockerd", "containerd", "curl"];
const gibibyte = { layers: 4, layerBytes: 256 * 2 ** 20 };
/** One way. */
const distanceMs = 25;
const run = promisify(execFile);

async function write(args: { readonly path: string }): Promise<ArchiveMeasurement> {
  const client = join(__dirname, "client.js");
  const { stdout } = await run(process.execPath, [client, JSON.stringify(args)]);
  return JSON.parse(stdout) as ArchiveMeasurement;
}

interface Race {
  readonly what: string;
  readonly args: object;
  readonly folder: string;
  readonly peerName: string;
  readonly peer: (path: string) => Promise<unknown>;
}

/** In turns, so that other load on the machine affects both. */
async function race({ what, args, folder, peerName, peer }: Race): Promise<void> {
  const path = join(folder, "archive.tar");
  const ours: ArchiveMeasurement[] = [];
  const theirs: number[] = [];
  for (let turn = 0; turn < runs; turn += 1) {
    theirs.push(await timed(() => peer(path)));
    rmSync(path);
    ours.push(await write({ path, ...args }));
    rmSync(path);
  }
  printComparison({ what, ours: ours.map(({ write: time }) => time), peer: theirs, peerName });
  const peaks = ours.map(({ peak }) => `${Math.round(peak / 2 ** 20)} MiB`);
  console.log(`  peak memory ${peaks.join(", ")}`);
  printTimes(
    "  nothing has changed: check and diff",
    ours.flatMap(({ looks }) => looks),
  );
}

async function fromRegistry(folder: string, host: string, digest: string): Promise<void> {
  const source = `docker://${host}/acme/big:v1`;
  const copy = (path: string) =>
    run("skopeo", ["copy", "--quiet", "--src-tls-verify=false", source, `docker-archive:${path}`]);
  const common = { folder, peerName: "skopeo copy", peer: copy };
  const [byTag, byDigest] = [`${host}/acme/big:v1`, `${host}/acme/big@${digest}`];
  await race({ ...common, what: "1 GiB from a registry, by tag", args: { images: [byTag] } });
  await race({ ...common, what: "1 GiB from a registry, by digest", args: { images: [byDigest] } });
}

/** Many small layers, from a distant registry. */
async function fromAfar(folder: string, host: string): Promise<void> {
  await pushRandomImage(host, "acme/layered", { layers: 40, layerBytes: 256 * 1024 });
  const distant = await startDistance(host, distanceMs);
  try {
    const image = `${distant.host}/acme/layered:v1`;
    const source = `docker://${image}`;
    await race({
      what: `40 layers of 256 KiB from a registry ${distanceMs} ms away`,
      args: { images: [image] },
      folder,
      peerName: "skopeo copy",
      peer: (path) =>
        run("skopeo", ["copy", "--quiet", "--src-tls-verify=false", source, `docker-archive:${path}`]),
    });
  } finally {
    await distant.close();
  }
}

async function fromEngine(folder: string, host: string): Promise<void> {
  const engine = await startDockerd();
  try {
    await engine.pull(`${host}/acme/big`, "v1");
    const name = `${host}/acme/big:v1`;
    const url = `http://engine/v1.41/images/${name}/get`;
    await race({
      what: "1 GiB from dockerd",
      args: { images: [{ engine: name }], engine: { host: `unix://${engine.socket}` } },
      folder,
      peerName: "curl",
      peer: (path) => run("curl", ["--silent", "--fail", "--unix-socket", engine.socket, "-o", path, url]),
    });
  } finally {
    await engine.close();
  }
}

async function main(): Promise<void> {
  const missing = programs.filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) {
    console.log(`archives: not measured, because these programs are missing: ${missing.join(", ")}`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "bench-archive-"));
  const registry = await startDockerRegistry();
  try {
    const digest = await pushRandomImage(registry.host, "acme/big", gibibyte);
    await fromRegistry(folder, registry.host, digest);
    await fromAfar(folder, registry.host);
    await fromEngine(folder, registry.host);
  } finally {
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
