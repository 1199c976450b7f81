/**
 * The lists of a big cluster over HTTP: every page is rendered and gzipped beforehand, so that what is measured is the
 * client. Tells its address on standard output when it is ready. With the argument `custom` the cluster has custom resources.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { rawImage, rawPod, rawStream, sizes } from "../bigCluster.js";
import { customKindOf, customSizes, objectsOf, rawCustomObject, rawDefinition } from "./customKinds.js";

interface ServedList {
  readonly kind: string;
  readonly count: number;
  readonly limit: number;
  readonly render: (index: number) => object;
}

const customKinds = process.argv[2] === "custom" ? customSizes.kinds : 0;

const lists: Readonly<Record<string, ServedList>> = {
  "/api/v1/pods": { kind: "PodList", count: sizes.pods, limit: 500, render: rawPod },
  "/apis/image.openshift.io/v1/images": {
    kind: "ImageList",
    count: sizes.images,
    limit: 1_000,
    render: rawImage,
  },
  "/apis/image.openshift.io/v1/imagestreams": {
    kind: "ImageStreamList",
    count: sizes.streams,
    limit: 500,
    render: rawStream,
  },
  "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": {
    kind: "CustomResourceDefinitionList",
    count: customKinds,
    limit: 20,
    render: rawDefinition,
  },
  ...Object.fromEntries(
    Array.from({ length: customKinds }, (_, kind) => {
      const { group, plural } = customKindOf(kind);
      const list: ServedList = {
        kind: `Thing${kind}List`,
        count: objectsOf(kind),
        limit: 500,
        render: (index) => rawCustomObject(kind, index),
      };
      return [`/apis/${group}/v1/${plural}`, list];
    }),
  ),
};

const served = (group: string, ...resources: readonly string[]) => ({
  metadata: { name: group },
  versions: [
    {
      version: "v1",
      freshness: "Current",
      resources: resources.map((resource) => ({ resource, responseKind: { kind: "" }, verbs: ["list"] })),
    },
  ],
});

const documents: Readonly<Record<string, object>> = {
  "/api": { kind: "APIGroupDiscoveryList", items: [served("", "pods")] },
  "/apis": {
    kind: "APIGroupDiscoveryList",
    items: [
      served("image.openshift.io", "images", "imagestreams"),
      served("apiextensions.k8s.io", "customresourcedefinitions"),
    ],
  },
};

let bytes = 0;
let zippedBytes = 0;

function renderPages({ kind, count, limit, render }: ServedList): readonly Buffer[] {
  return Array.from({ length: Math.max(1, Math.ceil(count / limit)) }, (_, page) => {
    const start = page * limit;
    const end = Math.min(start + limit, count);
    const json = JSON.stringify({
      kind,
      apiVersion: "v1",
      metadata: { resourceVersion: "1", ...(end < count ? { continue: String(page + 1) } : {}) },
      items: Array.from({ length: end - start }, (__, index) => render(start + index)),
    });
    const zipped = gzipSync(json, { level: 4 });
    bytes += json.length;
    zippedBytes += zipped.length;
    return zipped;
  });
}

const pages = new Map(Object.entries(lists).map(([path, list]) => [path, renderPages(list)]));

const server = http.createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://bench");
  const page = pages.get(url.pathname)?.[Number(url.searchParams.get("continue") ?? 0)];
  const document = documents[url.pathname];
  if (page !== undefined) {
    response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
    response.end(page);
  } else {
    response.writeHead(document === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(document ?? { kind: "Status", status: "Failure", code: 404 }));
  }
});

server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}`, bytes, zippedBytes }));
});
// Ends with the process that started it.
process.stdin.resume().on("end", () => process.exit());
