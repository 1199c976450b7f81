/**
 * A survey of a cluster of 100,000 images, 10,000 streams and 50,000 pods, and the plan of a prune of it, with memory.
 * The peer is `oc adm prune images` without --confirm against an API server with as many objects on two cores, as it was
 * measured once: 38 s and 1.25 GiB, of which the server alone needed 21 s for the images. Here the server has rendered
 * its pages beforehand, so the times are those of the client. The same cluster with 200 kinds and 100,000 objects of
 * operators stands beside it.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { median, printTimes } from "../report.js";
import type { PruneMeasurement } from "./client.js";

const runs = 3;
const oc = { seconds: 38, serverSeconds: 21, peakBytes: 1.25 * 2 ** 30 };

interface ServedCluster {
  readonly url: string;
  readonly bytes: number;
  readonly zippedBytes: number;
}

async function withServer<Result>(
  args: readonly string[],
  work: (cluster: ServedCluster) => Promise<Result>,
): Promise<Result> {
  const server = spawn(process.execPath, [join(__dirname, "server.js"), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(server.stdout), "line")) as [string];
  try {
    return await work(JSON.parse(line) as ServedCluster);
  } finally {
    server.kill();
  }
}

async function measure(url: string): Promise<PruneMeasurement> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(__dirname, "client.js"), url]);
  return JSON.parse(stdout) as PruneMeasurement;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function printMemory(what: string, peaks: readonly number[]): void {
  const ratio = median(peaks) / oc.peakBytes;
  console.log(`${what}\n  ${peaks.map(mebibytes).join(", ")}; ours / oc ${ratio.toFixed(3)}`);
}

async function main(): Promise<void> {
  await withServer([], async (plain) => {
    await withServer(["custom"], async (custom) => {
      const without: PruneMeasurement[] = [];
      const withCustom: PruneMeasurement[] = [];
      for (let run = 0; run < runs; run += 1) {
        without.push(await measure(plain.url));
        withCustom.push(await measure(custom.url));
      }
      printAll(plain, without);
      console.log("\nthe same with custom resources");
      printAll(custom, withCustom);
      const ratio = (what: (measured: PruneMeasurement) => number) =>
        (median(withCustom.map(what)) / median(without.map(what))).toFixed(3);
      console.log(
        `with / without: survey and plan ${ratio(({ survey, plan }) => survey + plan)}, ` +
          `processor time of the survey ${ratio(({ surveyCpu }) => surveyCpu)}, memory ${ratio(({ peak }) => peak)}`,
      );
    });
  });
}

function printAll({ bytes, zippedBytes }: ServedCluster, measured: readonly PruneMeasurement[]): void {
  const [{ images, streams, referrers, deletions }] = measured as [PruneMeasurement];
  console.log(
    `${images} images, ${streams} streams, ${referrers} users: ${mebibytes(bytes)} of JSON, ${mebibytes(zippedBytes)} gzipped`,
  );
  const surveys = measured.map(({ survey }) => survey);
  printTimes("survey, the server's work left out", surveys);
  printTimes(
    "processor time of the survey",
    measured.map(({ surveyCpu }) => surveyCpu),
  );
  const ratio = median(surveys) / 1000 / (oc.seconds - oc.serverSeconds);
  console.log(`  survey / what oc adds to the time of its server ${ratio.toFixed(3)}`);
  printMemory(
    "peak memory of the survey",
    measured.map(({ peakAfterSurvey }) => peakAfterSurvey),
  );
  printTimes(
    `planPrune alone (${deletions} images to delete)`,
    measured.map(({ plan }) => plan),
  );
  printMemory(
    "peak memory of survey and plan",
    measured.map(({ peak }) => peak),
  );
}

void main();
