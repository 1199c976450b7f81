/** Writes one archive in a process of its own, whose peak memory is then the archive's, and looks at it again. */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ArchiveArgs } from "../../provider/archive/args/parsed.js";
import { createArchiveHandler } from "../../provider/archive/handler.js";
import type { ArchivePorts } from "../../provider/archive/ports.js";
import type { Connector } from "../../provider/lifecycle/session.js";
import { createArchiveSources } from "../../provider/wiring/archive.js";
import { FakePulumi } from "../../test/support/fakes/pulumi.js";

/** Milliseconds and bytes. */
export interface ArchiveMeasurement {
  /** Check and create. */
  readonly write: number;
  /** Each a check and a diff that find nothing to do, with connections of their own. */
  readonly looks: readonly number[];
  readonly peak: number;
}

const looks = 9;
function connect(): Connector<ArchivePorts> {
  const ports = createArchiveSources(() => undefined)(() =>
    Promise.reject(new Error("no stream is asked for")),
  );
  return { issues: () => Promise.resolve([]), open: () => Promise.resolve(ports) };
}

async function main(args: { readonly path: string }): Promise<void> {
  const pulumi = new FakePulumi<ArchiveArgs, ArchivePorts>(
    () => createArchiveHandler({ baseFolder: dirname(args.path) }),
    connect,
    "bench",
  );
  const start = performance.now();
  await pulumi.up(args);
  const measurement = { write: performance.now() - start, looks: [] as number[], peak: peakBytes() };
  for (let look = 0; look < looks; look += 1) {
    const begin = performance.now();
    const { step } = await pulumi.preview(args);
    measurement.looks.push(performance.now() - begin);
    if (step !== "same") throw new Error(`the second run is to find nothing, but it says ${step}`);
  }
  console.log(JSON.stringify(measurement satisfies ArchiveMeasurement));
}

/** Of this program alone: `resourceUsage` begins with the memory of the process that started it. */
function peakBytes(): number {
  const [, kibibytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kibibytes) * 1024;
}

void main(JSON.parse(process.argv[2] ?? "") as { readonly path: string });
