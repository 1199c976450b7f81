import type { ImageStreams } from "../../imports/ports.js";
import type { ImageImportSpec, ImageImportStatus, ImageStream, ImportResult } from "../../okd/imageStream.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { type StreamKey, streamName } from "../../okd/streamName.js";
import { hasCode, ImageError } from "../../support/imageError.js";
import { listAt, objectAt, valueAt } from "../../support/json.js";
import { countOf, pluralOf } from "../../support/text/wording.js";
import type { ApiRequest, ClusterClient } from "../api/client.js";
import { readList } from "../lists/answer.js";
import { explainStreamFailure, isObjectAbsent } from "./streamErrors.js";

const apiVersion = "image.openshift.io/v1";
/** The longest time that the server gives an import; unasked it is 34 s (facts/importing.md 17). */
const importTimeoutSeconds = 60;
const importPatienceMs = (importTimeoutSeconds + 15) * 1000;

/** Image streams of a live cluster. */
export function clusterImageStreams(client: ClusterClient): ImageStreams {
  return {
    getStream: (key, options) => getStream(client, key, options),
    lostImages: (key, options) => lostImages(client, key, options),
    indexContents: (key, options) => indexContents(client, key, options),
    listStreams: (namespace, options) => listStreams(client, namespace, options),
    createStream: (stream, options) => {
      const path = streamsPath(stream.metadata.namespace);
      return writeStream(client, stream, { method: "POST", path, verb: "create" }, options);
    },
    replaceStream: (stream, options) => {
      const path = streamPath(stream.metadata);
      return writeStream(client, stream, { method: "PUT", path, verb: "update" }, options);
    },
    deleteStream: (key, preconditions, { signal }) =>
      deleteObject(client, key, {
        path: streamPath(key),
        body: deleteOptions(preconditions),
        signal,
        attempted: `delete image stream ${streamName(key)}`,
      }),
    deleteTag: (key, tag, preconditions, { signal }) =>
      deleteObject(client, key, {
        path: `${namespacePath(key.namespace)}/imagestreamtags/${encodeURIComponent(`${key.name}:${tag}`)}`,
        body: deleteOptions(preconditions),
        signal,
        attempted: `delete tag ${streamName(key)}:${tag}`,
      }),
    importImages: (key, images, options) => importImages(client, key, images, options),
  };
}

async function getStream(
  client: ClusterClient,
  key: StreamKey,
  { signal }: RequestOptions,
): Promise<ImageStream | undefined> {
  try {
    return await client.request<ImageStream>({
      method: "GET",
      path: streamPath(key),
      signal,
      attempted: `read image stream ${streamName(key)}`,
    });
  } catch (error) {
    if (isObjectAbsent(error)) return undefined;
    throw explainStreamFailure(error, key, `read image stream ${streamName(key)}`);
  }
}

async function writeStream(
  client: ClusterClient,
  stream: ImageStream,
  { verb, ...request }: { readonly method: "POST" | "PUT"; readonly path: string; readonly verb: string },
  { signal, dryRun = false }: Parameters<ImageStreams["createStream"]>[1],
): Promise<ImageStream> {
  return await send<ImageStream>(client, stream.metadata, {
    ...request,
    query: dryRunQuery(dryRun),
    body: { apiVersion, kind: "ImageStream", ...stream },
    signal,
    attempted: `${dryRun ? `try to ${verb}` : verb} image stream ${streamName(stream.metadata)}`,
  });
}

async function lostImages(
  client: ClusterClient,
  key: StreamKey,
  options: RequestOptions,
): Promise<readonly string[]> {
  const images = await layersByImage(client, key, options);
  return images.filter(([, image]) => valueAt(image, "imageMissing") === true).map(([digest]) => digest);
}

async function indexContents(
  client: ClusterClient,
  key: StreamKey,
  options: RequestOptions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const images = await layersByImage(client, key, options);
  const contents = images.map(([digest, image]) => {
    const manifests = listAt(image, "manifests").filter((child) => typeof child === "string");
    return [digest, manifests] as const;
  });
  return new Map(contents.filter(([, manifests]) => manifests.length > 0));
}

/** The images of an ImageStreamLayers, which the server caches for the integrated registry. */
async function layersByImage(
  client: ClusterClient,
  key: StreamKey,
  { signal }: RequestOptions,
): Promise<readonly (readonly [digest: string, image: unknown])[]> {
  const layers = await send<unknown>(client, key, {
    method: "GET",
    path: `${streamPath(key)}/layers`,
    signal,
    attempted: `read the layers of image stream ${streamName(key)}`,
  });
  return Object.entries(objectAt(layers, "images"));
}

/** A namespace with more than a page of streams is not worth a list: it may be megabytes for a few of ours. */
const listedStreams = 500;

async function listStreams(
  client: ClusterClient,
  namespace: string,
  { signal }: RequestOptions,
): Promise<readonly ImageStream[] | undefined> {
  try {
    const attempted = `list image streams in namespace ${namespace}`;
    const answer = await client.request<unknown>({
      method: "GET",
      path: streamsPath(namespace),
      query: { limit: listedStreams },
      signal,
      attempted,
    });
    const { items, next } = readList(answer, attempted);
    return next === "" ? (items as readonly ImageStream[]) : undefined;
  } catch (error) {
    if (hasCode(error, "API_FORBIDDEN")) return undefined;
    throw error;
  }
}

async function deleteObject(
  client: ClusterClient,
  key: StreamKey,
  request: Omit<ApiRequest, "method">,
): Promise<"deleted" | "absent"> {
  try {
    await client.request({ method: "DELETE", ...request });
    return "deleted";
  } catch (error) {
    if (isObjectAbsent(error)) return "absent";
    throw explainStreamFailure(error, key, request.attempted);
  }
}

async function importImages(
  client: ClusterClient,
  key: StreamKey,
  images: readonly ImageImportSpec[],
  { signal, store }: RequestOptions & { readonly store: boolean },
): Promise<ImportResult> {
  const attempted = `${store ? "import into" : "look up images for"} image stream ${streamName(key)}`;
  const answer = await postImport<ImportAnswer>(
    client,
    key,
    { import: store, images },
    { attempted, signal },
  );
  const rows = answer.status?.images ?? [];
  if (rows.length !== images.length) {
    const text = `Cannot ${attempted}: ${countOf(images.length, "image")} ${pluralOf(images.length, "was", "were")} asked for and ${rows.length} answered`;
    throw new ImageError("API_ERROR", text);
  }
  const stream = answer.status?.import;
  return { images: rows, ...(stream === undefined || stream === null ? {} : { stream }) };
}

/** POST of an ImageStreamImport about the stream; `attempted` completes "Cannot ...". */
export async function postImport<Answer>(
  client: ClusterClient,
  key: StreamKey,
  spec: object,
  { signal, attempted }: RequestOptions & { readonly attempted: string },
): Promise<Answer> {
  return await send<Answer>(client, key, {
    method: "POST",
    path: `${namespacePath(key.namespace)}/imagestreamimports`,
    query: { timeout: `${importTimeoutSeconds}s` },
    body: {
      apiVersion,
      kind: "ImageStreamImport",
      metadata: { name: key.name, namespace: key.namespace },
      spec,
    },
    timeoutMs: importPatienceMs,
    signal,
    attempted,
  });
}

interface ImportAnswer {
  readonly status?: {
    readonly images?: readonly ImageImportStatus[] | null;
    readonly import?: ImageStream | null;
  };
}

async function send<T>(client: ClusterClient, key: StreamKey, request: ApiRequest): Promise<T> {
  try {
    return await client.request<T>(request);
  } catch (error) {
    throw explainStreamFailure(error, key, request.attempted);
  }
}

/** Path of the objects of the image API in a namespace. */
export function namespacePath(namespace: string): string {
  return `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}`;
}

function streamsPath(namespace: string): string {
  return `${namespacePath(namespace)}/imagestreams`;
}

function streamPath({ namespace, name }: StreamKey): string {
  return `${streamsPath(namespace)}/${encodeURIComponent(name)}`;
}

function dryRunQuery(dryRun: boolean): { readonly dryRun?: string } {
  return dryRun ? { dryRun: "All" } : {};
}

function deleteOptions(preconditions: { readonly uid: string; readonly resourceVersion?: string }): unknown {
  return { apiVersion: "v1", kind: "DeleteOptions", preconditions };
}
