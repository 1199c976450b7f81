import {
  type ApiResource,
  type ListFacts,
  type ObjectChanges,
  resourceName,
  type WatchEvent,
} from "../../../okd/objects.js";
import type { RequestOptions } from "../../../okd/requestOptions.js";
import { abortReason } from "../../../support/async/abortable.js";
import { hasCode } from "../../../support/imageError.js";
import { textAt } from "../../../support/json.js";

/** The list that is followed. */
export interface FollowedList {
  readonly resource: ApiResource;
  readonly namespace?: string;
  readonly metadataOnly?: boolean;
}

export type ReadObject<Found> = (object: unknown) => readonly Found[];

/** Lists everything; undefined where there is nothing to list, or it may stay unread. */
export type ListObjects = (onObject: (object: unknown) => void) => Promise<ListFacts | undefined>;

/** Big lists for several surveys of one cluster, kept current by watches. */
export interface FollowedKinds {
  /**
   * The findings in all existing objects, grouped by object. Includes everything that was written before the call: where a
   * watch cannot show that, lists the objects. All surveys read an object in the same way.
   */
  collect<Found>(
    what: FollowedList,
    read: ReadObject<Found>,
    list: ListObjects,
    options: RequestOptions,
  ): Promise<readonly Found[]>;
  /** How many kinds at a time; a followed kind mostly waits. */
  atATime(): number;
  /** Makes the next survey list everything. */
  forget(): void;
}

export interface FollowingOptions {
  /** Lists of fewer bytes are read again, which costs one or two requests. Default 512 KiB. */
  readonly smallBytes?: number;
  /** Milliseconds until a watch must have proved that it is current. Default 6000. */
  readonly patienceMs?: number;
}

/**
 * A server that caches sends a bookmark two seconds before a watch ends, and each minute: so a short watch soon learns its
 * version.
 */
const watchSeconds = 3;

/** Beside the list of Images, which is the longest. */
export const listsAtATime = 3;
const followedAtATime = 12;

interface Followed {
  version: string;
  readonly found: Map<string, readonly unknown[]>;
}

export function createFollowedKinds(
  changes: ObjectChanges,
  { smallBytes = 512 * 1024, patienceMs = 6_000 }: FollowingOptions = {},
): FollowedKinds {
  const kinds = new Map<string, Followed>();
  const unwatchable = new Set<string>();

  async function begin(key: string, read: ReadObject<unknown>, list: ListObjects): Promise<Followed> {
    kinds.delete(key);
    const { bytes, ...kind } = await listAll(read, list);
    if (bytes > smallBytes && isComparable(kind.version) && !unwatchable.has(key)) kinds.set(key, kind);
    return kind;
  }

  return {
    async collect<Found>(
      what: FollowedList,
      read: ReadObject<Found>,
      list: ListObjects,
      options: RequestOptions,
    ) {
      const key = keyOf(what);
      const known = kinds.get(key);
      const following = { what, read, patienceMs, onUnwatchable: () => unwatchable.add(key), ...options };
      const isKept = known !== undefined && (await isCurrent(known, changes, following));
      const { found } = isKept ? known : await begin(key, read, list);
      return [...found.values()].flat() as Found[];
    },
    atATime: () => (kinds.size === 0 ? listsAtATime : followedAtATime),
    forget: () => kinds.clear(),
  };
}

async function listAll(
  read: ReadObject<unknown>,
  list: ListObjects,
): Promise<Followed & { readonly bytes: number }> {
  const found: Followed["found"] = new Map();
  const facts = await list((object) => put(found, object, read));
  return { found, version: facts?.resourceVersion ?? "", bytes: facts?.bytes ?? 0 };
}

interface Following extends RequestOptions {
  readonly what: FollowedList;
  readonly read: ReadObject<unknown>;
  readonly patienceMs: number;
  /** A watch tells nothing, now and later. */
  readonly onUnwatchable: () => void;
}

/** After any failure of a watch the list decides, which fails with the reason if there is one. */
async function isCurrent(kind: Followed, changes: ObjectChanges, following: Following): Promise<boolean> {
  try {
    return await catchUp(kind, changes, following);
  } catch (error) {
    if (following.signal.aborted) throw abortReason(following.signal);
    // Without the right, or without bookmarks in time, every survey would wait for the watch.
    if (!hasCode(error, "API_UNREACHABLE")) following.onUnwatchable();
    return false;
  }
}

/** False when only a list can tell. */
async function catchUp(
  kind: Followed,
  changes: ObjectChanges,
  { what: { resource, ...scope }, read, patienceMs, signal }: Following,
): Promise<boolean> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), patienceMs); // keeps the process waiting, which the socket does not
  const until = AbortSignal.any([signal, late.signal]);
  try {
    const target = await changes.version(resource, { ...scope, signal: until });
    // A version before the known one means a restored storage: the known events are not its history.
    if (!isComparable(target) || !isAtLeast(target, kind.version)) return false;
    while (!isAtLeast(kind.version, target)) {
      const options = { ...scope, resourceVersion: kind.version, timeoutSeconds: watchSeconds };
      const events = await changes.watch(resource, { ...options, signal: until });
      if (!(await take(events, kind, target, read))) return false;
    }
    return true;
  } finally {
    clearTimeout(timer);
    late.abort(); // closes a watch that has told enough
  }
}

/** Reads events up to the target version; false when the server has forgotten what happened since. */
async function take(
  events: AsyncIterable<WatchEvent>,
  kind: Followed,
  target: string,
  read: ReadObject<unknown>,
): Promise<boolean> {
  for await (const event of events) {
    if (event.kind === "expired" || !isComparable(event.resourceVersion)) return false;
    if (event.kind === "present") put(kind.found, event.object, read);
    if (event.kind === "absent") kind.found.delete(idOf(event.object));
    kind.version = event.resourceVersion;
    if (isAtLeast(kind.version, target)) return true;
  }
  return true; // ended by the server: the next one goes on from here
}

/** Drops objects without findings, as most are. */
function put(found: Followed["found"], object: unknown, read: ReadObject<unknown>): void {
  const own = read(object);
  if (own.length > 0) found.set(idOf(object), own);
  else found.delete(idOf(object));
}

function idOf(object: unknown): string {
  return `${textAt(object, "metadata", "namespace")}/${textAt(object, "metadata", "name")}`;
}

function keyOf({ resource, namespace = "", metadataOnly = false }: FollowedList): string {
  return `${resourceName(resource)} ${resource.version} ${namespace} ${String(metadataOnly)}`;
}

/** By Kubernetes' rules versions are opaque; those of etcd, which all of a cluster's own APIs use, are growing numbers. */
function isComparable(version: string): boolean {
  return /^[1-9]\d*$/.test(version);
}

/** Both are comparable. */
function isAtLeast(version: string, target: string): boolean {
  return version.length === target.length ? version >= target : version.length > target.length;
}
