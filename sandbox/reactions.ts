import { applyChange, type ChangeParts, type ClusterChange } from "./clusterChanges.js";
import type { RequestHooks } from "./http/requestHooks.js";
import type { RequestMatch } from "./http/requestMatch.js";

/** Changes that happen right before a request is handled. */
export interface Reaction extends RequestMatch {
  readonly changes: readonly ClusterChange[];
}

export interface ActiveReaction {
  readonly id: number;
  readonly reaction: Reaction;
  readonly hits: number;
}

interface Entry {
  readonly reaction: Reaction;
  hits: number;
  readonly remove: () => void;
}

/** Reactions that other processes asked for. */
export class Reactions {
  readonly #hooks: RequestHooks;
  readonly #parts: ChangeParts;
  readonly #entries = new Map<number, Entry>();
  #lastId = 0;

  constructor(hooks: RequestHooks, parts: ChangeParts) {
    this.#hooks = hooks;
    this.#parts = parts;
  }

  add(reaction: Reaction): number {
    this.#lastId += 1;
    const remove = this.#hooks.add(reaction, () => {
      entry.hits += 1;
      for (const change of reaction.changes) applyChange(this.#parts, change);
    });
    const entry: Entry = { reaction, hits: 0, remove };
    this.#entries.set(this.#lastId, entry);
    return this.#lastId;
  }

  list(): readonly ActiveReaction[] {
    return [...this.#entries].map(([id, { reaction, hits }]) => ({ id, reaction, hits }));
  }

  remove(id: number): boolean {
    this.#entries.get(id)?.remove();
    return this.#entries.delete(id);
  }

  clear(): void {
    for (const id of [...this.#entries.keys()]) this.remove(id);
  }
}
