import type { StreamTrim, TagTrim } from "../prune/plan/plan.js";
import type { ImageDeleter, StreamTagTrimmer } from "../prune/execute/ports.js";
import type { ImageStream, StreamKey } from "../prune/plan/snapshot.js";
import { type ImageError } from "../support/imageError.js";
import { explainedApiError, isApiError } from "./apiError.js";
import type { ClusterClient } from "./clusterClient.js";
import { explainStreamFailure, isProvenAbsent } from "./streamErrors.js";

const apiVersion = "image.openshift.io/v1";

/** As much of an ImageStream as a trim touches; everything else goes back as it came. */
interface RawStream {
  readonly status?: { readonly tags?: readonly RawHistory[] };
}

interface RawHistory {
  readonly tag: string;
  readonly items?: readonly RawItem[] | null;
}

interface RawItem {
  readonly image?: string;
}

/** Trims streams of a live cluster; `project` makes the value that rules judge out of the object as it was read. */
export function clusterStreamTrimmer(
  client: ClusterClient,
  project: (stream: unknown) => ImageStream,
): StreamTagTrimmer {
  const rawByStream = new WeakMap<ImageStream, RawStream>();
  return {
    async readStream(key, { signal }) {
      const attempted = `read image stream ${nameOf(key)}`;
      try {
        const raw = await client.request<RawStream>({
          method: "GET",
          path: streamPath(key),
          signal,
          attempted,
        });
        const stream = project(raw);
        rawByStream.set(stream, raw);
        return stream;
      } catch (error) {
        if (isProvenAbsent(error)) return undefined;
        throw explained(error, key, attempted);
      }
    },
    async trimStream(stream, trim, { signal }) {
      const raw = rawByStream.get(stream);
      if (raw === undefined) throw new TypeError("a stream is trimmed that was not read here");
      const attempted = `trim image stream ${nameOf(stream)}`;
      const path = `${streamPath(stream)}/status`;
      try {
        await client.request({ method: "PUT", path, body: withoutCuts(raw, trim), signal, attempted });
        return "trimmed";
      } catch (error) {
        if (isProvenAbsent(error)) return "absent";
        throw explained(error, stream, attempted);
      }
    },
  };
}

/** Deletes Images of a live cluster. */
export function clusterImageDeleter(client: ClusterClient): ImageDeleter {
  return {
    async deleteImage({ digest, uid }, { signal }) {
      const attempted = `delete Image ${digest}`;
      const preconditions = uid === "" ? {} : { preconditions: { uid } };
      try {
        await client.request({
          method: "DELETE",
          path: `/apis/${apiVersion}/images/${encodeURIComponent(digest)}`,
          body: { apiVersion: "v1", kind: "DeleteOptions", ...preconditions },
          signal,
          attempted,
        });
        return "deleted";
      } catch (error) {
        if (isProvenAbsent(error)) return "absent";
        throw explainedDeletion(error, attempted);
      }
    },
  };
}

function withoutCuts(stream: RawStream, trim: StreamTrim): RawStream {
  const trims = new Map(trim.tags.map((each) => [each.tag, each]));
  const tags = (stream.status?.tags ?? []).flatMap((history) => {
    const tagTrim = trims.get(history.tag);
    if (tagTrim === undefined) return [history];
    const items = remainingItems(history, tagTrim);
    return tagTrim.vanishes && items.length === 0 ? [] : [{ ...history, items }];
  });
  return { ...stream, status: { ...stream.status, tags } };
}

/** A cut names a position; that its digest stands there shows that plan and object belong together. */
function remainingItems({ tag, items }: RawHistory, { cuts }: TagTrim): readonly RawItem[] {
  const all = items ?? [];
  for (const { revision, digest } of cuts) {
    const found = all[revision]?.image ?? "";
    if (found !== digest) throw new TypeError(`item ${revision} of tag ${tag} is ${found} and not ${digest}`);
  }
  const gone = new Set(cuts.map(({ revision }) => revision));
  return all.filter((_, revision) => !gone.has(revision));
}

function explained(error: unknown, key: StreamKey, attempted: string): unknown {
  if (!isApiError(error) || error.httpStatus !== 403) return explainStreamFailure(error, key, attempted);
  return explainedForbidden(error, attempted);
}

function explainedDeletion(error: unknown, attempted: string): unknown {
  if (!isApiError(error)) return error;
  if (error.httpStatus === 403) return explainedForbidden(error, attempted);
  if (error.httpStatus !== 409) return error;
  const text = `Cannot ${attempted}: the Image was replaced by another one of the same name meanwhile, which stays`;
  return explainedApiError(error, "API_CONFLICT", text);
}

function explainedForbidden(error: Parameters<typeof explainedApiError>[0], attempted: string): ImageError {
  const text = `Cannot ${attempted}: ${error.status.message ?? "forbidden"}. ClusterRole system:image-pruner has that right`;
  return explainedApiError(error, "API_FORBIDDEN", text);
}

function streamPath({ namespace, name }: StreamKey): string {
  return `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/imagestreams/${encodeURIComponent(name)}`;
}

function nameOf({ namespace, name }: StreamKey): string {
  return `${namespace}/${name}`;
}
