import type { KubeObject } from "../model/object.js";

/** A change of a stored object; the object carries its new resourceVersion, a deleted one that of the deletion. */
export interface StoredChange {
  readonly revision: number;
  readonly object: KubeObject;
  /** What was stored before; undefined for a new object. */
  readonly previous: KubeObject | undefined;
  readonly isDeletion: boolean;
}

export type ChangeListener = (change: StoredChange) => void;

const changesKept = 20_000;

/** The latest changes of every kind, for watches. */
export class ChangeHistory {
  readonly #changes = new Map<string, StoredChange[]>();
  readonly #listeners = new Map<string, Set<ChangeListener>>();
  /** Changes up to here are forgotten. */
  #compactedAt = 0;
  #count = 0;

  record(resource: string, change: StoredChange): void {
    const changes = this.#changes.get(resource) ?? [];
    this.#changes.set(resource, changes);
    changes.push(change);
    this.#count += 1;
    if (this.#count > changesKept) this.compact(change.revision - 1);
    for (const listener of [...(this.#listeners.get(resource) ?? [])]) listener(change);
  }

  /** Undefined when some of them are forgotten. */
  since(resource: string, revision: number): readonly StoredChange[] | undefined {
    if (revision < this.#compactedAt) return undefined;
    return (this.#changes.get(resource) ?? []).filter((change) => change.revision > revision);
  }

  /** Answers the function that stops. */
  follow(resource: string, listener: ChangeListener): () => void {
    const listeners = this.#listeners.get(resource) ?? new Set();
    this.#listeners.set(resource, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** Forgets the changes up to a revision, as etcd's compaction does. */
  compact(revision: number): void {
    this.#compactedAt = Math.max(this.#compactedAt, revision);
    this.#count = 0;
    for (const [resource, changes] of this.#changes) {
      const kept = changes.filter((change) => change.revision > revision);
      this.#changes.set(resource, kept);
      this.#count += kept.length;
    }
  }
}
