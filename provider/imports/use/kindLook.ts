import type { ClusterObjects } from "../../okd/objects.js";
import { abortable } from "../../support/async/abortable.js";
import type { Gate } from "../../support/async/concurrency.js";
import { createContentPool } from "../../support/contentPool.js";
import { hasCode } from "../../support/imageError.js";
import { createKindWatch, type KindWatch, type WatchPorts } from "./kindWatch.js";
import { createKindIndex, type KindIndex, type UserKind } from "./kinds.js";

/** How current an answer must be. */
export interface Currency {
  /** When it was asked for; milliseconds of `now`. */
  readonly askedAt: number;
  /**
   * The caller is about to remove something, so only a list that began later counts, or one that a watch keeps up to date.
   * Otherwise, and where nothing can be watched, a list that began a moment before counts too.
   */
  readonly isForRemoval: boolean;
}

export interface LookPorts extends WatchPorts {
  readonly objects: Pick<ClusterObjects, "list">;
  /** Lists at a time. */
  readonly listing: Gate;
}

/** One kind's objects, of the cluster or of one namespace: listed once and then kept up to date. */
export interface KindLook {
  /** @throws ImageError every failure but a refused right: unreadable is not unused */
  read(currency: Currency, signal: AbortSignal): Promise<KindIndex | "refused">;
  /** To be called after a write, which earlier lists may not show. */
  noteWrite(): void;
  /** Stops watching until the next `read`. */
  rest(): void;
}

/** Milliseconds that a list counts when nothing keeps it up to date. */
const freshForMs = 5_000;
/** Milliseconds until a refused right is asked for again. */
const refusedForMs = 60_000;

interface Look {
  readonly begunAt: number;
  readonly index: KindIndex | "refused";
  readonly watch: KindWatch | undefined;
}

interface Listing {
  readonly look: Promise<Look>;
  /** The signal of the first caller; when it fires, the others list again. */
  readonly signal: AbortSignal;
}

export function createKindLook(kind: UserKind, namespace: string | undefined, ports: LookPorts): KindLook {
  return new KeptKind(ports, (signal) => listKind(kind, namespace, ports, signal));
}

class KeptKind implements KindLook {
  readonly #now: () => number;
  readonly #list: (signal: AbortSignal) => Promise<Look>;
  #last: Look | undefined;
  #running: Listing | undefined;
  #writtenAt = -Infinity;
  #unwatchableUntil = -Infinity;

  constructor({ now }: LookPorts, list: (signal: AbortSignal) => Promise<Look>) {
    this.#now = now;
    this.#list = list;
  }

  async read({ askedAt, isForRemoval }: Currency, signal: AbortSignal): Promise<KindIndex | "refused"> {
    const last = this.#running === undefined ? this.#last : undefined;
    const look = last ?? (await this.#listed(-Infinity, signal));
    if (look.index === "refused") {
      const isRecent = look.begunAt >= askedAt - refusedForMs;
      return isRecent ? "refused" : (await this.#listed(askedAt, signal)).index;
    }
    const fresh = Math.max(askedAt - freshForMs, this.#writtenAt);
    if (look.begunAt >= (isForRemoval ? Math.max(askedAt, this.#writtenAt) : fresh)) return look.index;
    if (await this.#isUpToDate(look, signal)) return look.index;
    const canWatch = look.watch !== undefined && this.#now() >= this.#unwatchableUntil;
    const notBefore = isForRemoval && canWatch ? askedAt : fresh;
    return look.begunAt >= notBefore ? look.index : (await this.#listed(notBefore, signal)).index;
  }

  noteWrite(): void {
    this.#writtenAt = this.#now();
  }

  rest(): void {
    this.#last?.watch?.rest();
  }

  /** A list that began late enough, for whichever caller. */
  async #listed(notBefore: number, signal: AbortSignal): Promise<Look> {
    for (;;) {
      const listing = this.#running ?? this.#begin(signal);
      try {
        const look = await abortable(listing.look, signal);
        if (look.begunAt >= notBefore) return look;
      } catch (error) {
        if (signal.aborted || !listing.signal.aborted) throw error;
      }
      if (this.#running === undefined) return await this.#listed(notBefore, signal);
    }
  }

  #begin(signal: AbortSignal): Listing {
    this.rest();
    const listing: Listing = { look: this.#list(signal), signal };
    this.#running = listing;
    const end = () => {
      if (this.#running === listing) this.#running = undefined;
    };
    listing.look.then((look) => {
      this.#last = look;
      end();
    }, end);
    return listing;
  }

  async #isUpToDate({ watch }: Look, signal: AbortSignal): Promise<boolean> {
    if (watch === undefined || this.#now() < this.#unwatchableUntil) return false;
    const caughtUp = await watch.catchUp(this.#writtenAt, signal);
    if (caughtUp === "impossible") this.#unwatchableUntil = this.#now() + refusedForMs;
    return caughtUp === "current";
  }
}

async function listKind(
  kind: UserKind,
  namespace: string | undefined,
  ports: LookPorts,
  signal: AbortSignal,
): Promise<Look> {
  const scope = { resource: kind.resource, ...(namespace === undefined ? {} : { namespace }) };
  const begunAt = ports.now();
  const index = createKindIndex(kind);
  const pool = createContentPool();
  const onPage = (page: readonly unknown[]) => {
    for (const object of page) index.put(object, pool);
  };
  try {
    const { resourceVersion } = await ports.listing(() =>
      ports.objects.list(kind.resource, { ...scope, signal, onPage }),
    );
    if (resourceVersion === undefined) return { begunAt, index, watch: undefined };
    return { begunAt, index, watch: createKindWatch({ ...scope, resourceVersion }, index, ports) };
  } catch (error) {
    if (!hasCode(error, "API_FORBIDDEN")) throw error;
    return { begunAt, index: "refused", watch: undefined };
  }
}
