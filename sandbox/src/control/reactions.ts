import type { RequestHooks } from "../server/requestHooks.js";
import type { RequestMatch } from "../server/requestMatch.js";
import { requireSettings } from "../settings/require.js";
import { reactionSettings } from "./changeSettings.js";
import { applyChange, type ChangeParts, type ClusterChange } from "./changes.js";

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
  readonly #servers: readonly string[];
  #lastId = 0;

  /** `servers`: names that a reaction may be bound to. */
  constructor(hooks: RequestHooks, parts: ChangeParts, servers: readonly string[]) {
    this.#hooks = hooks;
    this.#parts = parts;
    this.#servers = servers;
  }

  /** @throws Error with a sentence for each field that is unknown or wrong */
  check(reaction: unknown): void {
    requireSettings("a reaction", reactionSettings(this.#servers), reaction);
  }

  add(reaction: Reaction): number {
    this.check(reaction);
    this.#lastId += 1;
    const { changes, ...match } = reaction;
    const remove = this.#hooks.add(match, () => {
      entry.hits += 1;
      for (const change of changes) applyChange(this.#parts, change);
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
