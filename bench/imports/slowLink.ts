/**
 * Checks of 30 streams one after another, as the engine asks for them, in a provider process of its own that reaches the
 * API server over a link where every request takes 300 ms: a first preview, and one that finds nothing to do. A round
 * trip is what takes that time: requests that are under way together count once.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Sandbox, startSandbox } from "okd-image-sandbox";
import { startDistance } from "../distance.js";

const streams = 30;
const roundTripMs = 300;
const hooks = join(__dirname, "../../provider/hooks.js");

interface Checked {
  readonly milliseconds: number;
  readonly inputs: readonly object[];
}

function argsOf(sandbox: Sandbox, host: string, at: number) {
  return {
    __urn: `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/okd:ImportedImageStream::app-${at}`,
    __preview: true,
    __provider: "code",
    namespace: "shop",
    name: `app-${at}`,
    connection: { host: `https://${host}`, token: sandbox.adminToken, caCert: sandbox.certificateAuthority },
    tags: Object.fromEntries(["v1", "v2", "v3"].map((tag) => [tag, `quay.io/acme/web:${tag}`])),
  };
}

/** In a process of its own; `olds` are the inputs of the run before. */
async function checkAll(
  news: readonly object[],
  olds: readonly object[],
  creates: boolean,
): Promise<Checked> {
  const program = `
    const { importedImageStream: hooks } = require(${JSON.stringify(hooks)});
    let text = "";
    process.stdin.on("data", (chunk) => (text += chunk)).on("end", async () => {
      const { news, olds, creates } = JSON.parse(text);
      const start = performance.now();
      const inputs = [];
      for (const [at, each] of news.entries()) {
        const { inputs: checked, failures } = await hooks.check(olds[at] ?? {}, each);
        if (failures !== undefined) throw new Error(JSON.stringify(failures));
        inputs.push(checked);
      }
      const milliseconds = performance.now() - start;
      if (creates) await Promise.all(inputs.map((each) => hooks.create(each)));
      console.log(JSON.stringify({ milliseconds, inputs }));
    });`;
  const run = promisify(execFile)(process.execPath, ["-e", program], { maxBuffer: 2 ** 28 });
  run.child.stdin?.end(JSON.stringify({ news, olds, creates }));
  return JSON.parse((await run).stdout) as Checked;
}

async function main(): Promise<void> {
  const sandbox = await startSandbox({
    namespaces: ["shop"],
    throttleImports: false,
    registries: { open: { protocol: "both" } },
    registryHosts: { "quay.io": "open" },
  });
  for (const tag of ["v1", "v2", "v3"]) sandbox.registry().publishImage("acme/web", tag, { content: tag });
  const server = new URL(sandbox.url).host;
  const far = await startDistance(server, roundTripMs / 2);
  const news = (host: string) => Array.from({ length: streams }, (_, at) => argsOf(sandbox, host, at));
  const report = (what: string, { milliseconds }: Checked) => {
    const requests = sandbox.requests.matching({ server: "api" }).length;
    const trips = milliseconds / roundTripMs / streams;
    console.log(
      `${what} of ${streams} streams at ${roundTripMs} ms a request\n` +
        `  ${(milliseconds / 1000).toFixed(1)} s: ${trips.toFixed(2)} round trips a stream, ` +
        `${(requests / streams).toFixed(2)} requests a stream, ${far.connections()} connections`,
    );
    sandbox.requests.clear();
  };
  try {
    report("first preview", await checkAll(news(far.host), [], false));
    const { inputs } = await checkAll(news(server), [], true);
    const olds = inputs.map((each, at) => ({ ...each, connection: news(far.host)[at]?.connection }));
    sandbox.requests.clear();
    report("quiet preview", await checkAll(news(far.host), olds, false));
  } finally {
    await far.close();
    await sandbox.close();
  }
}

void main();
