import type { RequestOptions } from "../../okd/requestOptions.js";
import { type StreamKey, streamName } from "../../okd/streamName.js";
import type { StreamTrim, TagTrim } from "../../prune/plan/decision.js";
import type { ImageDeleter, StreamTagRestorer, TagCut } from "../../prune/ports.js";
import { putBack } from "../../support/collections.js";
import type { ImageError } from "../../support/imageError.js";
import { excerpt } from "../../support/text/excerpt.js";
import type { StreamFacts } from "../../usage/streamFacts.js";
import type { ClusterClient } from "../api/client.js";
import { explainedApiError, isApiError } from "../api/error.js";
import { explainStreamFailure, isObjectAbsent } from "./streamErrors.js";

const apiVersion = "image.openshift.io/v1";

/** The part of an ImageStream that a trim touches; all other fields are sent back as they came. */
interface RawStream {
  readonly metadata?: { readonly uid?: string };
  readonly status?: { readonly tags?: readonly RawHistory[] };
}

interface RawHistory {
  readonly tag: string;
  readonly items?: readonly RawItem[] | null;
}

interface RawItem {
  readonly image?: string;
  readonly created?: string | null;
}

/** What it takes to put back the items that a trim has cut; whole streams would take too much memory. */
interface RawTrim {
  readonly uid: string | undefined;
  readonly histories: readonly RawTagTrim[];
}

interface RawTagTrim {
  /** Without items. */
  readonly history: RawHistory;
  /** Keys of all items that it had. */
  readonly keys: readonly string[];
  readonly cut: ReadonlyMap<number, RawItem>;
}

/** Trims streams of a live cluster; `project` makes the value that rules judge out of the object as it was read. */
export function clusterStreamTrimmer(
  client: ClusterClient,
  project: (stream: unknown) => StreamFacts,
): StreamTagRestorer {
  const rawByStream = new WeakMap<StreamFacts, RawStream>();
  const rawByTrim = new WeakMap<StreamTrim, RawTrim>();
  const rawOf = (stream: StreamFacts): RawStream => {
    const raw = rawByStream.get(stream);
    if (raw === undefined) throw new TypeError("a stream is written that was not read here");
    return raw;
  };
  return {
    async readStream(key, options) {
      const raw = await readRaw(client, key, options);
      if (raw === undefined) return undefined;
      const stream = project(raw);
      rawByStream.set(stream, raw);
      return stream;
    },
    async trimStream(stream, trim, options) {
      const raw = rawOf(stream);
      const body = withoutCuts(raw, trim);
      rawByTrim.set(trim, rawTrimOf(raw, trim)); // before the answer, which may get lost
      return (await writeStatus(client, stream, body, "trim", options)) ? "trimmed" : "absent";
    },
    async restoreItems(stream, trim, cuts, options) {
      const raw = rawOf(stream);
      const known = rawByTrim.get(trim);
      if (known === undefined) throw new TypeError("a trim is taken back that was not made here");
      if (raw.metadata?.uid !== known.uid) return "absent";
      const body = withCutsBack(raw, known, cuts);
      const isThere = await writeStatus(client, stream, body, "put items back into", options);
      return isThere ? "restored" : "absent";
    },
  };
}

/** Undefined when there is no such stream. */
async function readRaw(
  client: ClusterClient,
  key: StreamKey,
  { signal }: RequestOptions,
): Promise<RawStream | undefined> {
  const attempted = `read image stream ${streamName(key)}`;
  try {
    return await client.request<RawStream>({ method: "GET", path: streamPath(key), signal, attempted });
  } catch (error) {
    if (isObjectAbsent(error)) return undefined;
    throw explained(error, key, attempted);
  }
}

/** Whether the stream is still there. */
async function writeStatus(
  client: ClusterClient,
  key: StreamKey,
  body: RawStream,
  verb: string,
  { signal }: RequestOptions,
): Promise<boolean> {
  const attempted = `${verb} image stream ${streamName(key)}`;
  try {
    await client.request({ method: "PUT", path: `${streamPath(key)}/status`, body, signal, attempted });
    return true;
  } catch (error) {
    if (isObjectAbsent(error)) return false;
    throw explained(error, key, attempted);
  }
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
        if (isObjectAbsent(error)) return "absent";
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

function rawTrimOf({ metadata, status }: RawStream, trim: StreamTrim): RawTrim {
  const histories = (status?.tags ?? []).flatMap((history): readonly RawTagTrim[] => {
    const cuts = trim.tags.find(({ tag }) => tag === history.tag)?.cuts ?? [];
    const all = history.items ?? [];
    const cut = cuts.flatMap(({ revision }) => {
      const item = all[revision];
      return item === undefined ? [] : [[revision, item] as const];
    });
    return cut.length === 0
      ? []
      : [{ history: { ...history, items: [] }, keys: all.map(keyOf), cut: new Map(cut) }];
  });
  return { uid: metadata?.uid, histories };
}

/** The items as they were before the cuts, tags that vanished included. */
function withCutsBack(stream: RawStream, { histories }: RawTrim, cuts: readonly TagCut[]): RawStream {
  const tags = stream.status?.tags ?? [];
  const names = new Set(tags.map(({ tag }) => tag));
  const vanished = histories
    .map(({ history }) => history)
    .filter(({ tag }) => !names.has(tag) && cuts.some((each) => each.tag === tag));
  const restored = [...tags, ...vanished].map((history) => {
    const known = histories.find((each) => each.history.tag === history.tag);
    const revisions = cuts.filter(({ tag }) => tag === history.tag).map(({ cut }) => cut.revision);
    if (known === undefined || revisions.length === 0) return history;
    const before = known.keys.map((key, revision) => ({ key, item: known.cut.get(revision) }));
    const now = (history.items ?? []).map((item) => ({ key: keyOf(item), item }));
    const items = putBack<Placed>(now, before, revisions, ({ key }) => key);
    return { ...history, items: items.flatMap(({ item }) => item ?? []) };
  });
  return { ...stream, status: { ...stream.status, tags: restored } };
}

interface Placed {
  readonly key: string;
  /** Absent for an item that was not cut. */
  readonly item: RawItem | undefined;
}

function keyOf({ image, created }: RawItem): string {
  return `${image ?? ""} ${created ?? ""}`;
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
  const text = `Cannot ${attempted}: ${excerpt(error.status.message ?? "forbidden")}. ClusterRole system:image-pruner has that right`;
  return explainedApiError(error, "API_FORBIDDEN", text);
}

function streamPath({ namespace, name }: StreamKey): string {
  return `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/imagestreams/${encodeURIComponent(name)}`;
}
