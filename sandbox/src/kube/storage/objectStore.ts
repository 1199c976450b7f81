import { randomUUID } from "node:crypto";
import { ServerClock, timestamp } from "../../http/clock.js";
import type { KubeObject } from "../model/object.js";
import { ChangeHistory } from "./history.js";

interface Collection {
  readonly objects: Map<string, KubeObject>;
  /** All objects in the order of etcd; undefined after a write. */
  sorted: readonly Entry[] | undefined;
  /** The objects of a paged list, by revision, as long as its continue tokens live. */
  readonly snapshots: Map<number, readonly Entry[]>;
}

export interface Entry {
  readonly key: string;
  readonly object: KubeObject;
}

export type WriteListener = (resource: string, object: KubeObject) => void;

const firstRevision = 1;

/** Objects of every kind with one revision counter, as in etcd. Stored objects are never changed, only replaced. */
export class ObjectStore {
  #revision = firstRevision;
  readonly history = new ChangeHistory();
  readonly #collections = new Map<string, Collection>();
  readonly #writeListeners: WriteListener[] = [];
  readonly #clock: ServerClock;

  constructor(clock: ServerClock = new ServerClock()) {
    this.#clock = clock;
  }

  get revision(): number {
    return this.#revision;
  }

  /** The time by the server's clock. */
  timestamp(): string {
    return timestamp(this.#clock.now());
  }

  resources(): readonly string[] {
    return [...this.#collections.keys()];
  }

  get(resource: string, key: string): KubeObject | undefined {
    return this.#collection(resource).objects.get(key);
  }

  /** Stores a new object with a fresh uid and time, unless it brings its own; null is a time before all others. The caller made sure that the key is free. */
  insert(resource: string, object: KubeObject): KubeObject {
    const collection = this.#collection(resource);
    const stored = this.#stamped({
      ...object,
      metadata: {
        ...object.metadata,
        uid: object.metadata.uid ?? randomUUID(),
        creationTimestamp:
          object.metadata.creationTimestamp === undefined
            ? this.timestamp()
            : object.metadata.creationTimestamp,
      },
    });
    this.#put(resource, collection, stored);
    return stored;
  }

  replace(resource: string, object: KubeObject): KubeObject {
    const stored = this.#stamped(object);
    this.#put(resource, this.#collection(resource), stored);
    return stored;
  }

  onWrite(listener: WriteListener): void {
    this.#writeListeners.push(listener);
  }

  remove(resource: string, object: KubeObject): void {
    const collection = this.#collection(resource);
    const previous = collection.objects.get(keyOf(object));
    collection.objects.delete(keyOf(object));
    collection.sorted = undefined;
    const deleted = this.#stamped(object);
    this.history.record(resource, { revision: this.#revision, object: deleted, previous, isDeletion: true });
  }

  entries(resource: string): readonly Entry[] {
    const collection = this.#collection(resource);
    collection.sorted ??= [...collection.objects]
      .map(([key, object]) => ({ key, object }))
      .sort((left, right) => compareKeys(left.key, right.key));
    return collection.sorted;
  }

  list(resource: string, namespace?: string): readonly KubeObject[] {
    const entries = this.entries(resource);
    return (namespace === undefined ? entries : entriesOf(entries, namespace)).map((entry) => entry.object);
  }

  /** Keeps what a list sees now, so that its next pages show the same. */
  keepSnapshot(resource: string): number {
    this.#collection(resource).snapshots.set(this.#revision, this.entries(resource));
    return this.#revision;
  }

  snapshot(resource: string, revision: number): readonly Entry[] | undefined {
    return this.#collection(resource).snapshots.get(revision);
  }

  /** What compaction does to earlier continue tokens, and to watches from earlier versions. */
  dropSnapshots(): void {
    this.history.compact(this.#revision);
    for (const collection of this.#collections.values()) collection.snapshots.clear();
  }

  #put(resource: string, collection: Collection, stored: KubeObject): void {
    const previous = collection.objects.get(keyOf(stored));
    collection.objects.set(keyOf(stored), stored);
    collection.sorted = undefined;
    this.history.record(resource, {
      revision: this.#revision,
      object: stored,
      previous,
      isDeletion: false,
    });
    for (const listener of this.#writeListeners) listener(resource, stored);
  }

  #stamped(object: KubeObject): KubeObject {
    this.#revision += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } };
  }

  #collection(resource: string): Collection {
    const existing = this.#collections.get(resource);
    if (existing !== undefined) return existing;
    const created: Collection = { objects: new Map(), sorted: [], snapshots: new Map() };
    this.#collections.set(resource, created);
    return created;
  }
}

export function objectKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ""}/${name}`;
}

/** Keys of one namespace are neighbours: the character behind the slash is the zero. */
export function entriesOf(entries: readonly Entry[], namespace: string): readonly Entry[] {
  return entries.slice(indexFrom(entries, `${namespace}/`), indexFrom(entries, `${namespace}0`));
}

/** Where the keys begin that are not below the given one. */
export function indexFrom(entries: readonly Entry[], key: string): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const entry = entries[middle];
    if (entry !== undefined && entry.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function keyOf(object: KubeObject): string {
  return objectKey(object.metadata.namespace, object.metadata.name);
}

function compareKeys(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
