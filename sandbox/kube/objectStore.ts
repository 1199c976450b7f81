import { randomUUID } from "node:crypto";
import { timestamp, type KubeObject } from "./objects.js";

interface Collection {
  readonly objects: Map<string, KubeObject>;
  /** All objects in the order of etcd; undefined after a write. */
  sorted: readonly Entry[] | undefined;
  /** What a paged list saw, by revision, for as long as its continue tokens live. */
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
  readonly #collections = new Map<string, Collection>();
  readonly #writeListeners: WriteListener[] = [];

  get revision(): number {
    return this.#revision;
  }

  resources(): readonly string[] {
    return [...this.#collections.keys()];
  }

  get(resource: string, key: string): KubeObject | undefined {
    return this.#collection(resource).objects.get(key);
  }

  /** Stores a new object with a fresh uid, unless it brings its own. The caller made sure that the key is free. */
  insert(resource: string, object: KubeObject): KubeObject {
    const collection = this.#collection(resource);
    const stored = this.#stamped({
      ...object,
      metadata: {
        ...object.metadata,
        uid: object.metadata.uid ?? randomUUID(),
        creationTimestamp: object.metadata.creationTimestamp ?? timestamp(),
      },
    });
    collection.objects.set(keyOf(object), stored);
    collection.sorted = undefined;
    for (const listener of this.#writeListeners) listener(resource, stored);
    return stored;
  }

  replace(resource: string, object: KubeObject): KubeObject {
    const stored = this.#stamped(object);
    const collection = this.#collection(resource);
    collection.objects.set(keyOf(object), stored);
    collection.sorted = undefined;
    for (const listener of this.#writeListeners) listener(resource, stored);
    return stored;
  }

  onWrite(listener: WriteListener): void {
    this.#writeListeners.push(listener);
  }

  remove(resource: string, object: KubeObject): void {
    const collection = this.#collection(resource);
    collection.objects.delete(keyOf(object));
    collection.sorted = undefined;
    this.#revision += 1;
  }

  entries(resource: string): readonly Entry[] {
    const collection = this.#collection(resource);
    collection.sorted ??= [...collection.objects]
      .map(([key, object]) => ({ key, object }))
      .sort((left, right) => compareKeys(left.key, right.key));
    return collection.sorted;
  }

  list(resource: string, namespace?: string): readonly KubeObject[] {
    const objects = this.entries(resource).map((entry) => entry.object);
    return namespace === undefined
      ? objects
      : objects.filter((object) => object.metadata.namespace === namespace);
  }

  /** Keeps what a list sees now, so that its next pages show the same. */
  keepSnapshot(resource: string): number {
    this.#collection(resource).snapshots.set(this.#revision, this.entries(resource));
    return this.#revision;
  }

  snapshot(resource: string, revision: number): readonly Entry[] | undefined {
    return this.#collection(resource).snapshots.get(revision);
  }

  /** What compaction does to continue tokens that were handed out before it. */
  dropSnapshots(): void {
    for (const collection of this.#collections.values()) collection.snapshots.clear();
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

function keyOf(object: KubeObject): string {
  return objectKey(object.metadata.namespace, object.metadata.name);
}

function compareKeys(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
