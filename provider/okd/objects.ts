import type { RequestOptions } from "./requestOptions.js";

/** A resource as discovery names it; the core group is "". */
export interface ApiResource {
  readonly group: string;
  readonly version: string;
  /** Plural: `pods`. */
  readonly resource: string;
}

/** A resource with the name of its kind: `VirtualMachine`. */
export interface ServedKind extends ApiResource {
  readonly kind: string;
}

export interface DiscoveryOptions extends RequestOptions {
  /** Asks the server again, because something may have changed. Default false: one discovery a run. */
  readonly isAfresh?: boolean;
}

export interface ListOptions extends RequestOptions {
  /** Only this namespace; default all of them. */
  readonly namespace?: string;
  /** Only `metadata` of each object (PartialObjectMetadataList). */
  readonly metadataOnly?: boolean;
  /** Called for every page as it arrives, an empty one too, with the objects as the server wrote them. */
  readonly onPage: (objects: readonly unknown[]) => void;
}

export interface ListFacts {
  readonly count: number;
  /** Of all answers, unzipped. */
  readonly bytes: number;
  /** Milliseconds since 1970 by the Date header of the first page's answer. */
  readonly serverTime: number;
  /** The version to watch from; absent when the list expired on the way, so that it shows no single moment. */
  readonly resourceVersion?: string;
}

export interface WatchOptions extends RequestOptions {
  /** Only this namespace; default all of them. */
  readonly namespace?: string;
  /** Of a list, or of the last event. */
  readonly resourceVersion: string;
  /** Only `metadata` of each object. */
  readonly metadataOnly?: boolean;
  /** How long the watch lasts; default a minute. */
  readonly timeoutSeconds?: number;
}

/**
 * - `present`: the object is new or was changed.
 * - `absent`: the object was deleted.
 * - `mark`: nothing happened up to this version.
 * - `expired`: the server has forgotten what happened since; list again.
 */
export type WatchEvent =
  | { readonly kind: "present" | "absent"; readonly object: unknown; readonly resourceVersion: string }
  | { readonly kind: "mark"; readonly resourceVersion: string }
  | { readonly kind: "expired" };

/** Changes of objects, as a cluster tells them. */
export interface ObjectWatches {
  /**
   * Resolves when the watch is open, with the events as they come; they end after about a minute, and the caller may watch
   * again from the last version. Keeps no process alive.
   * @throws ImageError API_FORBIDDEN, API_ERROR, ...; the events: API_UNREACHABLE when the connection is lost
   */
  watch(resource: ApiResource, options: WatchOptions): Promise<AsyncIterable<WatchEvent>>;
}

/** Changes, and the version of their collection. */
export interface ObjectChanges extends ObjectWatches {
  /**
   * The current version of a whole collection in its storage; earlier writes have no later version.
   * @throws ImageError as `ClusterObjects.list`
   */
  version(
    resource: ApiResource,
    options: Omit<WatchOptions, "resourceVersion" | "timeoutSeconds">,
  ): Promise<string>;
}

/** Objects of any kind, read from a cluster. */
export interface ClusterObjects {
  /**
   * Whether the server serves the resource: false only when discovery proves it. A group whose backend is down or that
   * may not be discovered is an error (facts/api-server.md 8, 9).
   */
  serves(resource: ApiResource, options: DiscoveryOptions): Promise<boolean>;
  /**
   * Every resource that can be listed, in its preferred version. A group whose backend is down is one resource `*` without a
   * kind, because nobody knows what it serves.
   */
  servedKinds(options: DiscoveryOptions): Promise<readonly ServedKind[]>;
  /** The resource that holds objects of a kind; undefined only when discovery proves that it is not served. */
  resourceOfKind(
    type: { readonly apiVersion: string; readonly kind: string },
    options: RequestOptions,
  ): Promise<ApiResource | undefined>;
  /**
   * Lists page by page, to the end. When a continue token expires, continues with the token of the 410 and then reconciles
   * the list by a second, metadata-only pass, so that no object that existed all the time is missed (facts/api-server.md 3).
   * Reports each object once.
   * @throws ImageError API_FORBIDDEN, API_NOT_FOUND, API_ERROR, API_UNREACHABLE, ...
   */
  list(resource: ApiResource, options: ListOptions): Promise<ListFacts>;
  /** One object; undefined only on a proven 404. */
  get(
    resource: ApiResource,
    name: string,
    options: RequestOptions & { readonly namespace?: string },
  ): Promise<unknown>;
}

/** A resource of Kubernetes with its group, as it is written everywhere: `deployments.apps`, and `pods` of the core group. */
export function resourceName({
  group,
  resource,
}: {
  readonly group: string;
  readonly resource: string;
}): string {
  return group === "" ? resource : `${resource}.${group}`;
}
