/**
 * What a provider process spends before its first answer: loading ./hooks, and a first check with one request to the
 * cluster. The peer is loading @kubernetes/client-node whole, as a program that uses it as its client would.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { startSandbox } from "okd-image-sandbox";
import { printComparison, printTimes } from "./report.js";

const runs = 9;
const hooks = join(__dirname, "../provider/hooks.js");

function inFreshProcess(code: string): number {
  return Number(execFileSync(process.execPath, ["-e", code], { encoding: "utf8" }));
}

async function inFreshProcesses(code: string): Promise<readonly number[]> {
  const { execFile } = await import("node:child_process");
  const { promisify } = await import("node:util");
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    // Not the synchronous form: the sandbox answers from this process.
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", code]);
    times.push(Number(stdout));
  }
  return times;
}

async function main(): Promise<void> {
  const load = `const t=performance.now();require(${JSON.stringify(hooks)});console.log(performance.now()-t)`;
  const whole = `const t=performance.now();import("@kubernetes/client-node").then(()=>console.log(performance.now()-t))`;
  const repeat = (code: string) => Array.from({ length: runs }, () => inFreshProcess(code));
  printComparison({
    what: "loading ./hooks",
    ours: repeat(load),
    peer: repeat(whole),
    peerName: "@kubernetes/client-node whole",
  });

  const sandbox = await startSandbox({
    namespaces: ["shop"],
    registries: { open: { protocol: "both" } },
    registryHosts: { "quay.io": "open" },
  });
  try {
    sandbox.registry().publishImage("acme/web", "v1");
    const news = {
      __urn: "urn:pulumi:dev::shop::okd:ImportedImageStream::web",
      __preview: true,
      namespace: "shop",
      connection: { kubeconfig: sandbox.kubeconfig() },
      tags: { v1: "quay.io/acme/web:v1" },
    };
    const check = `const t=performance.now();require(${JSON.stringify(hooks)}).importedImageStream.check({},${JSON.stringify(news)}).then((r)=>{if(r.failures)throw new Error(JSON.stringify(r.failures));console.log(performance.now()-t)})`;
    printTimes(
      "loading ./hooks and a first check (identity, stream, dry run, lookup)",
      await inFreshProcesses(check),
    );
  } finally {
    await sandbox.close();
  }
}

void main();
