/**
 * Requests of a second `up` that finds nothing to do, in its two provider processes (preview and update), for a stream
 * with 20 tags. Read, check and diff of a process share one answer.
 */
import { startImportBench } from "../test/support/worlds/imports.js";

async function main(): Promise<void> {
  const bench = await startImportBench();
  try {
    const names = Array.from({ length: 20 }, (_, index) => `t${index}`);
    for (const name of names) bench.publish(name);
    const tags = Object.fromEntries(names.map((name) => [name, `quay.io/acme/web:${name}`]));
    const args = { connection: bench.connection, namespace: "shop", name: "web", tags };
    const engine = bench.engine();
    await engine.up(args);
    bench.sandbox.requests.clear();

    const preview = await engine.preview(args);
    const update = await engine.up(args);

    const requests = bench.sandbox.requests.matching();
    console.log(`second up: preview ${preview.step}, update ${update.step}, ${requests.length} requests`);
    for (const { server, method, path } of requests) console.log(`  ${server} ${method} ${path}`);
  } finally {
    await bench.sandbox.close();
  }
}

void main();
