import type { StreamImages } from "../../imports/lookup/ports.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { type StreamKey, streamName } from "../../okd/streamName.js";
import { valueAt } from "../../support/json.js";
import type { ClusterClient } from "../api/client.js";
import { namespacePath } from "./streams.js";
import { explainStreamFailure, isObjectAbsent } from "./streamErrors.js";

/** Images of the streams of a live cluster. */
export function clusterStreamImages(client: ClusterClient): StreamImages {
  return {
    byDigest: (key, id, options) =>
      readImage(client, key, { resource: "imagestreamimages", name: `${key.name}@${id}` }, options),
    byTag: (key, tag, options) =>
      readImage(client, key, { resource: "imagestreamtags", name: `${key.name}:${tag}` }, options),
  };
}

async function readImage(
  client: ClusterClient,
  key: StreamKey,
  { resource, name }: { readonly resource: string; readonly name: string },
  { signal }: RequestOptions,
): Promise<unknown> {
  const attempted = `read image ${streamName({ ...key, name })}`;
  try {
    const answer = await client.request<unknown>({
      method: "GET",
      path: `${namespacePath(key.namespace)}/${resource}/${encodeURIComponent(name)}`,
      signal,
      attempted,
    });
    return valueAt(answer, "image");
  } catch (error) {
    if (isObjectAbsent(error)) return undefined;
    throw explainStreamFailure(error, key, attempted);
  }
}
