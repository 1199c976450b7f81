import type { AnswerStream, HttpAnswer } from "../../http/exchange.js";
import type { KubeObject } from "../model/object.js";
import {
  apiVersionOf,
  type RenderObject,
  type ResourceContext,
  type ResourceKind,
  storageName,
} from "../model/resource.js";
import { badRequest, StatusError } from "../model/status.js";
import type { StoredChange } from "./history.js";
import type { ObjectStore } from "./objectStore.js";
import { selectorOf } from "./selectors.js";

/** One line of a watch's answer. */
export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: unknown;
}

const defaultTimeoutSeconds = 1_800;
const bookmarkIntervalMs = 60_000;
/** A longer watch gets its bookmark this long before its end, a shorter one at its end. */
const lastBookmarkSeconds = 2;

/**
 * The changes of a kind after `resourceVersion`, one JSON document a line, until `timeoutSeconds` are over or the client
 * disconnects. Without a version, or with 0, existing objects come first. A version that is too old is an event ERROR with
 * HTTP 200 (facts/api-server.md 7).
 */
export function watchAnswer(
  kind: ResourceKind,
  store: ObjectStore,
  { namespace, query }: ResourceContext,
  render: RenderObject,
): HttpAnswer {
  const seconds = wholeNumber(query, "timeoutSeconds") ?? defaultTimeoutSeconds;
  const version = wholeNumber(query, "resourceVersion") ?? 0;
  const selects = selectorOf(query);
  const isWatched = (object: KubeObject | undefined) =>
    object !== undefined &&
    (namespace === undefined || object.metadata.namespace === namespace) &&
    selects(object);
  const typed = (object: KubeObject) =>
    render({ ...object, kind: kind.kind, apiVersion: apiVersionOf(kind) });
  const follow = { kind, store, version, isWatched, render: typed };
  const stream: AnswerStream = (line, end) => {
    const send = ({ type, object }: WatchEvent) => line(JSON.stringify({ type, object }));
    const bookmark = () => {
      if (query.get("allowWatchBookmarks") === "true") send(bookmarkOf(kind, store.revision));
    };
    const stop = sendChanges(follow, send, end);
    const beat = setInterval(bookmark, bookmarkIntervalMs);
    const beforeEnd = seconds > lastBookmarkSeconds ? seconds - lastBookmarkSeconds : seconds;
    const last = setTimeout(bookmark, beforeEnd * 1_000);
    const timer = setTimeout(end, seconds * 1_000);
    return () => {
      clearInterval(beat);
      clearTimeout(last);
      clearTimeout(timer);
      stop();
    };
  };
  return { status: 200, headers: { "content-type": "application/json" }, stream };
}

interface Followed {
  readonly kind: ResourceKind;
  readonly store: ObjectStore;
  readonly version: number;
  readonly isWatched: (object: KubeObject | undefined) => boolean;
  readonly render: RenderObject;
}

function sendChanges(
  { kind, store, version, isWatched, render }: Followed,
  send: (event: WatchEvent) => void,
  end: () => void,
): () => void {
  const resource = storageName(kind);
  const sendChange = ({ object, previous, isDeletion }: StoredChange) => {
    const [was, is] = [isWatched(previous), !isDeletion && isWatched(object)];
    if (!was && !is) return;
    send({ type: !was ? "ADDED" : is ? "MODIFIED" : "DELETED", object: render(object) });
  };
  if (version === 0) {
    for (const object of store.list(resource)) {
      if (isWatched(object)) send({ type: "ADDED", object: render(object) });
    }
    return store.history.follow(resource, sendChange);
  }
  const changes = store.history.since(resource, version);
  if (changes === undefined) {
    const message = `too old resource version: ${version} (${store.revision})`;
    send({ type: "ERROR", object: new StatusError(410, "Expired", message).toStatus() });
    end();
    return () => undefined;
  }
  changes.forEach(sendChange);
  return store.history.follow(resource, sendChange);
}

function bookmarkOf(kind: ResourceKind, revision: number): WatchEvent {
  const metadata = { resourceVersion: String(revision), creationTimestamp: null };
  return { type: "BOOKMARK", object: { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata } };
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
}
