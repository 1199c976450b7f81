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

export function createKindWatch(
  { resourceVersion, ...scope }: WatchScope,
  index: KindIndex,
  { watches, now, onChange }: WatchPorts,
): KindWatch {
  let version = resourceVersion;
  let hasExpired = false;
  let open: OpenWatch | undefined;
  let opening: Promise<CaughtUp> | undefined;

  async function follow(): Promise<CaughtUp> {
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), openWithinMs); // keeps the process waiting, which the socket does not
    try {
      const { resource, ...options } = scope;
      const events = await watches.watch(resource, {
        ...options,
        resourceVersion: version,
        signal: stop.signal,
      });
      open = { stop, openedAt: now() };
      void take(events, open);
      await sleep(settleMs, stop.signal);
      return "current";
    } catch {
      return hasExpired ? "expired" : "impossible";
    } finally {
      clearTimeout(late);
    }
  }

  async function take(events: AsyncIterable<WatchEvent>, watch: OpenWatch): Promise<void> {
    try {
      for await (const event of events) {
        if (event.kind === "expired") hasExpired = true;
        else note(event);
      }
    } catch {
      // The connection was lost: the next one continues from the last version.
    } finally {
      close(watch);
    }
  }

  function note(event: Exclude<WatchEvent, { readonly kind: "expired" }>): void {
    if (event.resourceVersion !== "") version = event.resourceVersion;
    if (event.kind === "mark") return;
    if (event.kind === "present") index.put(event.object);
    else index.remove(event.object);
    onChange();
  }

  function close(watch: OpenWatch | undefined): void {
    watch?.stop.abort();
    if (open === watch) open = undefined;
  }

  function isOpen(): boolean {
    if (open !== undefined && now() - open.openedAt > longestMs) close(open);
    return open !== undefined;
  }

  return {
    async catchUp(writtenAt, signal) {
      if (hasExpired) return "expired";
      if (opening === undefined && isOpen()) {
        await sleep(Math.max(0, writtenAt + settleMs - now()), signal); // at least a turn: what has arrived is read
        if (isOpen()) return "current";
      }
      opening ??= follow().finally(() => {
        opening = undefined;
      });
      return await abortable(opening, signal);
    },
    rest: () => close(open),
  };
}
