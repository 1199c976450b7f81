import { clusterObjects } from "../../../provider/cluster/lists/objects.js";
import type { ApiResource, ListFacts } from "../../../provider/okd/objects.js";
import { textAt } from "../../../provider/support/json.js";
import { clientFor, never } from "../clients/cluster.js";
import { type Answer, type SeenRequest, startServer, type TestServer } from "./scripted.js";

export const pods: ApiResource = { group: "", version: "v1", resource: "pods" };
export const builds: ApiResource = { group: "build.openshift.io", version: "v1", resource: "builds" };
export const images: ApiResource = { group: "image.openshift.io", version: "v1", resource: "images" };
export const signal = never;

export type Routes = Readonly<Record<string, (request: SeenRequest, url: URL) => Answer>>;

export function pod(name: string, image = `r.io/a/${name}`): object {
  return { metadata: { name, namespace: "shop", uid: `uid-${name}` }, spec: { containers: [{ image }] } };
}

export function page(items: readonly object[], next = ""): Answer {
  return {
    body: {
      kind: "PodList",
      apiVersion: "v1",
      metadata: { resourceVersion: "1", ...(next === "" ? {} : { continue: next }) },
      items,
    },
  };
}

export function status(code: number, reason: string, message: string, more: object = {}): Answer {
  return { status: code, body: { kind: "Status", status: "Failure", reason, message, code, ...more } };
}

export const expired = (next: string): Answer =>
  status(410, "Expired", "The provided continue parameter is too old", { metadata: { continue: next } });

/** The objects of servers that answer by path. */
export interface ServedObjects {
  /** The present server. */
  server: TestServer | undefined;
  /** Starts a server with these routes; an unknown path is a plain 404, as for a group that is not served. */
  readonly serve: (routes: Routes) => Promise<ReturnType<typeof clusterObjects>>;
}

/** For the body of a suite. */
export function useClusterObjects(): ServedObjects {
  afterEach(async () => {
    await served.server?.close();
    served.server = undefined;
  });
  const served: ServedObjects = {
    server: undefined,
    serve: async (routes) => {
      const server = await startServer((request) => {
        const url = new URL(request.url, "http://x");
        return routes[url.pathname]?.(request, url) ?? { status: 404, body: "404 page not found" };
      });
      served.server = server;
      return clusterObjects(clientFor(server.url));
    },
  };
  return served;
}

export async function listOf(
  objects: ReturnType<typeof clusterObjects>,
  resource = pods,
  options: { readonly namespace?: string; readonly metadataOnly?: boolean } = {},
): Promise<{ readonly names: readonly string[]; readonly facts: ListFacts; readonly pages: number }> {
  const names: string[] = [];
  let pages = 0;
  const facts = await objects.list(resource, {
    signal,
    ...options,
    onPage: (found) => {
      pages += 1;
      names.push(...found.map((object) => textAt(object, "metadata", "name")));
    },
  });
  return { names, facts, pages };
}
