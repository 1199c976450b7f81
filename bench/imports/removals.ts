/**
 * `destroy` of 200 streams with three tags each, in one provider process, on a cluster of 50,000 pods and 10,000 streams
 * where one look at everything takes five seconds. A number as argument takes so many streams instead. The peer is one
 * look for each stream, as it was measured for the first of them.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { createImportHandler } from "../../provider/imports/handler.js";
import { FakePulumi } from "../../test/support/fakes/pulumi.js";
import { importClusters } from "../../test/support/worlds/imports.js";
import { printTimes, timed } from "../report.js";

const streams = Number(process.argv[2] ?? 200);
const createsAtATime = 16;

interface Told {
  readonly url: string;
  readonly token: string;
  /** Lists of all pods. */
  readonly looks: number;
}

interface Server {
  readonly process: ChildProcessWithoutNullStreams;
  readonly lines: Interface;
}

function startServer(): Server {
  const server = spawn(process.execPath, [join(__dirname, "removalsServer.js")]);
  server.stderr.pipe(process.stderr);
  return { process: server, lines: createInterface(server.stdout) };
}

async function told({ lines }: Server): Promise<Told> {
  const [line] = (await once(lines, "line")) as [string];
  return JSON.parse(line) as Told;
}

/** One provider process: the resources share handler and connections. */
function createEngines(count: number) {
  const handler = createImportHandler({ newClaim: () => Math.random().toString(16).slice(2, 18) });
  const connector = importClusters();
  return Array.from(
    { length: count },
    (_, at) =>
      new FakePulumi(
        () => handler,
        () => connector,
        `app-${at}`,
      ),
  );
}

async function inGroups<Item>(items: readonly Item[], work: (item: Item, at: number) => Promise<unknown>) {
  for (let start = 0; start < items.length; start += createsAtATime) {
    const group = items.slice(start, start + createsAtATime);
    await Promise.all(group.map((item, at) => work(item, start + at)));
  }
}

async function measure(atATime: number): Promise<void> {
  const server = startServer();
  try {
    const { url, token } = await told(server);
    const tags = Object.fromEntries(["v1", "v2", "v3"].map((tag) => [tag, `quay.io/acme/web:${tag}`]));
    const engines = createEngines(streams + 1);
    await inGroups(engines, (pulumi, at) =>
      pulumi.up({ connection: { host: url, token }, namespace: "bench", name: `app-${at}`, tags }),
    );
    const [first, ...others] = engines as [(typeof engines)[number], ...typeof engines];
    const one = await timed(() => first.destroy());
    const queue = [...others];
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await next.destroy();
    };
    const all = await timed(() => Promise.all(Array.from({ length: atATime }, worker)));
    server.process.stdin.write("\n");
    const { looks } = await told(server);
    const memory = Math.round(process.resourceUsage().maxRSS / 1024);
    printTimes("destroy of one stream, with the first look", [one]);
    printTimes(`destroy of ${streams} streams more, ${atATime} at a time (${looks} looks in all)`, [all]);
    const ratio = (one + all) / (one * (streams + 1));
    console.log(`  ours / one look a stream ${ratio.toFixed(3)}; peak memory ${memory} MiB`);
  } finally {
    server.process.stdin.end();
    server.process.kill();
  }
}

async function main(): Promise<void> {
  for (const atATime of [16, streams]) await measure(atATime);
}

void main();
