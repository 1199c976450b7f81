/**
 * Requests of a second `up` that finds nothing to do, in its two provider processes (preview and update), for a stream
 * with 20 tags. Read, check and diff of a process share one answer.
 */
import { startImportWorld } from "../../test/support/worlds/imports.js";

async function main(): Promise<void> {
  const world = await startImportWorld();
  try {
    const names = Array.from({ length: 20 }, (_, index) => `t${index}`);
    for (const name of names) world.publish(name);
    const tags = Object.fromEntries(names.map((name) => [name, `quay.io/acme/web:${name}`]));
    const args = { connection: world.connection, namespace: "shop", name: "web", tags };
    const pulumi = world.pulumi();
    await pulumi.up(args);
    world.sandbox.requests.clear();

    const preview = await pulumi.preview(args);
    const update = await pulumi.up(args);

    const requests = world.sandbox.requests.matching();
    console.log(`second up: preview ${preview.step}, update ${update.step}, ${requests.length} requests`);
    for (const { server, method, path } of requests) console.log(`  ${server} ${method} ${path}`);
  } finally {
    await world.sandbox.close();
  }
}

void main();
