/**
 * A cluster of 50,000 pods and 10,000 streams that are listed from pages rendered beforehand; everything else, watches
 * too, is the sandbox. A page takes as long as on the API server that was measured, so that one look takes five seconds.
 * Tells its address and what it was asked when it is sent a line.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { gzipSync } from "node:zlib";
import { type Sandbox, startSandbox } from "okd-image-sandbox";
import { rawPod, rawStream, sizes } from "../bigCluster.js";

const pageSize = 500;
const pageDelayMs = 45;

const lists = {
  "/api/v1/pods": { kind: "PodList", count: sizes.pods, render: rawPod },
  "/apis/image.openshift.io/v1/imagestreams": {
    kind: "ImageStreamList",
    count: sizes.streams,
    render: rawStream,
  },
} as const;

function renderPages(path: keyof typeof lists, resourceVersion: string): readonly Buffer[] {
  const { kind, count, render } = lists[path];
  return Array.from({ length: Math.ceil(count / pageSize) }, (_, page) => {
    const start = page * pageSize;
    const end = Math.min(start + pageSize, count);
    const json = JSON.stringify({
      kind,
      apiVersion: "v1",
      metadata: { resourceVersion, ...(end < count ? { continue: String(page + 1) } : {}) },
      items: Array.from({ length: end - start }, (__, index) => render(start + index)),
    });
    return gzipSync(json, { level: 4 });
  });
}

async function versionOf({ httpUrl, adminToken }: Sandbox): Promise<string> {
  const headers = { authorization: `Bearer ${adminToken}` };
  const list = (await (await fetch(`${httpUrl}/api/v1/pods`, { headers })).json()) as {
    readonly metadata: { readonly resourceVersion: string };
  };
  return list.metadata.resourceVersion;
}

function forward(sandbox: Sandbox, incoming: http.IncomingMessage, outgoing: http.ServerResponse): void {
  const { method, headers, url = "/" } = incoming;
  const onward = http.request(`${sandbox.httpUrl}${url}`, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.flushHeaders();
    answer.pipe(outgoing);
  });
  onward.on("error", () => outgoing.destroy());
  outgoing.on("close", () => onward.destroy());
  incoming.pipe(onward);
}

async function main(): Promise<void> {
  const sandbox = await startSandbox({
    namespaces: ["bench"],
    plainHttp: true,
    throttleImports: false,
    registries: { open: { protocol: "both" } },
    registryHosts: { "quay.io": "open" },
  });
  for (const tag of ["v1", "v2", "v3"]) sandbox.registry().publishImage("acme/web", tag, { content: tag });
  const version = await versionOf(sandbox);
  const paths = Object.keys(lists) as (keyof typeof lists)[];
  const pages = new Map<string, readonly Buffer[]>(paths.map((path) => [path, renderPages(path, version)]));
  let looks = 0;
  const server = http.createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? "/", "http://bench");
    const found = url.searchParams.has("watch") ? undefined : pages.get(url.pathname);
    if (found === undefined) {
      forward(sandbox, incoming, outgoing);
      return;
    }
    const token = url.searchParams.get("continue");
    if (token === null && url.pathname.endsWith("/pods")) looks += 1;
    setTimeout(() => {
      outgoing.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      outgoing.end(found[Number(token ?? 0)]);
    }, pageDelayMs);
  });
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    const token = sandbox.adminToken;
    const tell = () => console.log(JSON.stringify({ url: `http://127.0.0.1:${port}`, token, looks }));
    tell();
    createInterface(process.stdin).on("line", tell);
  });
}

void main();
// Ends with the process that started it.
process.stdin.on("end", () => process.exit());
