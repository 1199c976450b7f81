import { readFileSync } from "node:fs";
import { strictPolicy } from "../support/builders/snapshot.js";
import { type ClusterAddress, connectPruneRun } from "../support/worlds/pruneRun.js";

const policy = strictPolicy();

/** Plans and prunes the cluster whose address is JSON in the file that the first argument names. */
async function main([file = ""]: readonly string[]): Promise<void> {
  const run = connectPruneRun(JSON.parse(readFileSync(file, "utf8")) as ClusterAddress, "child");
  const { signal } = new AbortController();
  const { failures } = await run.execute(await run.plan(policy, { signal }), policy, { signal });
  if (failures.length > 0) throw new Error(`${failures.length} steps failed`, { cause: failures[0] });
  await run.close();
}

void main(process.argv.slice(2));
