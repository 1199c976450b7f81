import { anyTag } from "./customResources/specScope.js";
import type { Referrer } from "./referrer.js";
import { createLiveUsage, tagKey } from "./safe/index.js";

/** Objects by the names under which they can be asked for, each kept under an ID so that it can be exchanged. */
export interface NameIndex<Held> {
  /** Replaces what was held under the ID. A value without names is not held. */
  put(id: string, held: Held, names: readonly string[]): void;
  remove(id: string): void;
  /** Everything that has one of the names, once. */
  withNames(names: Iterable<string>): ReadonlySet<Held>;
}

interface Entry<Held> {
  readonly held: Held;
  readonly names: readonly string[];
}

export function createNameIndex<Held>(): NameIndex<Held> {
  const entries = new Map<string, Entry<Held>>();
  const byName = new Map<string, Set<Entry<Held>>>();

  function remove(id: string): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    for (const name of entry.names) {
      const named = byName.get(name);
      named?.delete(entry);
      if (named?.size === 0) byName.delete(name);
    }
  }

  return {
    put(id, held, names) {
      remove(id);
      if (names.length === 0) return;
      const entry = { held, names };
      entries.set(id, entry);
      for (const name of names) {
        const named = byName.get(name);
        if (named === undefined) byName.set(name, new Set([entry]));
        else named.add(entry);
      }
    },
    remove,
    withNames(names) {
      const found = new Set<Held>();
      for (const name of names) {
        for (const { held } of byName.get(name) ?? []) found.add(held);
      }
      return found;
    },
  };
}

/** The names by which `findUsers` finds a referrer. */
export function namesUsedBy(referrer: Referrer): readonly string[] {
  const { usersOfTag, usersOfDigest } = createLiveUsage([referrer]);
  return [...usersOfTag.keys(), ...[...usersOfDigest.keys()].map(digestName)];
}

/** What `findUsers` asks for. */
export function vanishingNames(vanishing: {
  readonly namespace: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
}): readonly string[] {
  const { namespace, name, tags, digests } = vanishing;
  return [...[...tags, anyTag].map((tag) => tagKey(namespace, name, tag)), ...digests.map(digestName)];
}

/** A prefix that no name of a tag begins with. */
function digestName(digest: string): string {
  return `@${digest}`;
}
