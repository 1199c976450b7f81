import type { ApiResource, ObjectWatches, WatchEvent } from "../../okd/objects.js";
import { abortable, sleep } from "../../support/async/abortable.js";
import type { KindIndex } from "./kinds.js";

/**
 * - `current`: everything that happened has arrived, as far as a watch can tell.
 * - `expired`: the cluster has forgotten what happened since.
 * - `impossible`: nothing can be watched; only a new list tells more.
 */
type CaughtUp = "current" | "expired" | "impossible";

/** Keeps what was listed up to date, by watching from its version on. */
export interface KindWatch {
  /** Waits until everything written up to `writtenAt` has arrived too. */
  catchUp(writtenAt: number, signal: AbortSignal): Promise<CaughtUp>;
  /** Stops watching until the next `catchUp`, which continues from there. */
  rest(): void;
}

export interface WatchPorts {
  readonly watches: ObjectWatches;
  readonly now: () => number;
  /** Called when an object is created, changed or deleted. */
  readonly onChange: () => void;
}

export interface WatchScope {
  readonly resource: ApiResource;
  readonly namespace?: string;
  /** Of the list. */
  readonly resourceVersion: string;
}

/** Milliseconds after which a fresh watch has reported earlier events and our own writes. */
const settleMs = 250;
/** Milliseconds until a watch must be open, and until one must have ended that ends after a minute. */
const openWithinMs = 10_000;
const longestMs = 80_000;

interface OpenWatch {
  readonly stop: AbortController;
  readonly openedAt: number;
}

export function createKindWatch(scope: WatchScope, index: KindIndex, ports: WatchPorts): KindWatch {
  return new Watch(scope, index, ports);
}

class Watch implements KindWatch {
  readonly #scope: Omit<WatchScope, "resourceVersion">;
  readonly #index: KindIndex;
  readonly #ports: WatchPorts;
  #version: string;
  #hasExpired = false;
  #open: OpenWatch | undefined;
  #opening: Promise<CaughtUp> | undefined;

  constructor({ resourceVersion, ...scope }: WatchScope, index: KindIndex, ports: WatchPorts) {
    this.#scope = scope;
    this.#index = index;
    this.#ports = ports;
    this.#version = resourceVersion;
  }

  async catchUp(writtenAt: number, signal: AbortSignal): Promise<CaughtUp> {
    if (this.#hasExpired) return "expired";
    if (this.#opening === undefined && this.#isOpen()) {
      await sleep(Math.max(0, writtenAt + settleMs - this.#ports.now()), signal); // at least a turn: what has arrived is read
      if (this.#isOpen()) return "current";
    }
    this.#opening ??= this.#follow().finally(() => {
      this.#opening = undefined;
    });
    return await abortable(this.#opening, signal);
  }

  rest(): void {
    this.#close(this.#open);
  }

  async #follow(): Promise<CaughtUp> {
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), openWithinMs); // keeps the process waiting, which the socket does not
    try {
      const { resource, ...options } = this.#scope;
      const from = { ...options, resourceVersion: this.#version, signal: stop.signal };
      const events = await this.#ports.watches.watch(resource, from);
      this.#open = { stop, openedAt: this.#ports.now() };
      void this.#take(events, this.#open);
      await sleep(settleMs, stop.signal);
      return "current";
    } catch {
      return this.#hasExpired ? "expired" : "impossible";
    } finally {
      clearTimeout(late);
    }
  }

  async #take(events: AsyncIterable<WatchEvent>, watch: OpenWatch): Promise<void> {
    try {
      for await (const event of events) {
        if (event.kind === "expired") this.#hasExpired = true;
        else this.#note(event);
      }
    } catch {
      // The connection was lost: the next one continues from the last version.
    } finally {
      this.#close(watch);
    }
  }

  #note(event: Exclude<WatchEvent, { readonly kind: "expired" }>): void {
    if (event.resourceVersion !== "") this.#version = event.resourceVersion;
    if (event.kind === "mark") return;
    if (event.kind === "present") this.#index.put(event.object);
    else this.#index.remove(event.object);
    this.#ports.onChange();
  }

  #close(watch: OpenWatch | undefined): void {
    watch?.stop.abort();
    if (this.#open === watch) this.#open = undefined;
  }

  #isOpen(): boolean {
    if (this.#open !== undefined && this.#ports.now() - this.#open.openedAt > longestMs) {
      this.#close(this.#open);
    }
    return this.#open !== undefined;
  }
}
