import { type ApiResource, type ClusterObjects, resourceName } from "../../okd/objects.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { ImageError } from "../../support/imageError.js";
import { textAt } from "../../support/json.js";
import { resourcePath } from "../api/answer.js";
import type { ClusterClient } from "../api/client.js";
import { createApiDiscovery } from "../api/discovery.js";
import { isApiError } from "../api/error.js";
import { listObjects } from "./pages.js";

const known = new WeakMap<ClusterClient, ClusterObjects>();

/** Objects of a live cluster; discovery is asked once for all resources that share the client. */
export function clusterObjects(client: ClusterClient): ClusterObjects {
  const objects = known.get(client) ?? openObjects(client);
  known.set(client, objects);
  return objects;
}

function openObjects(client: ClusterClient): ClusterObjects {
  return {
    ...createApiDiscovery(client),
    list: (resource, options) =>
      listObjects(client, resource, options, (name, namespace) =>
        getObject(client, resource, name, namespace === "" ? options : { ...options, namespace }),
      ),
    get: (resource, name, options) => getObject(client, resource, name, options),
  };
}

async function getObject(
  client: ClusterClient,
  resource: ApiResource,
  name: string,
  { signal, namespace }: RequestOptions & { readonly namespace?: string },
): Promise<unknown> {
  const where = namespace === undefined ? name : `${namespace}/${name}`;
  const attempted = `read ${resourceName(resource)} ${where}`;
  try {
    const object = await client.request<unknown>({
      method: "GET",
      path: `${resourcePath(resource, namespace)}/${encodeURIComponent(name)}`,
      signal,
      attempted,
    });
    if (textAt(object, "metadata", "name") === name) return object;
    throw new ImageError(
      "API_ERROR",
      `Cannot ${attempted}: the server answered something else than this object`,
    );
  } catch (error) {
    // Only a Status proves absence: a router's 404 does not.
    if (isApiError(error) && error.httpStatus === 404 && error.isStatus) return undefined;
    throw error;
  }
}
