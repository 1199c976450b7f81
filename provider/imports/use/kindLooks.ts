import type { ApiResource, ClusterObjects, ObjectWatches } from "../../okd/objects.js";
import { sleep } from "../../support/async/abortable.js";
import { createBell, createLinger } from "../../support/async/bell.js";
import { createGate } from "../../support/async/concurrency.js";
import { createKindLook, type Currency, type KindLook, type LookPorts } from "./kindLook.js";
import type { KindIndex, UserKind } from "./kinds.js";

const listsAtATime = 3;
/** Milliseconds that watches remain open after the last question; they keep no process alive. */
const lingerMs = 30_000;
/** Milliseconds between two answers to a waiting caller: changes come in swarms. */
const gatherMs = 100;

export interface KindSources {
  readonly objects: Pick<ClusterObjects, "serves" | "list">;
  readonly watches: ObjectWatches;
}

/** Which objects of a kind are known: all of them, or those of the stream's namespace, or none. */
export interface Seen {
  readonly scope: "everywhere" | "here" | "nowhere";
  /** Absent too where the kind is not served. */
  readonly index: KindIndex | undefined;
}

/**
 * Objects of kinds that name images, in all namespaces where that is allowed, else in one. They are listed once for all
 * that ask in a process; docs/design/imports.md tells how they are kept up to date.
 */
export interface KindLooks {
  /** @throws ImageError every failure but a refused right */
  see(kind: UserKind, namespace: string, currency: Currency, signal: AbortSignal): Promise<Seen>;
  /** Holds watches open while the work runs, and for a moment after it. */
  whileWatching<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Resolves when something has changed, at the latest after `withinMs` milliseconds. */
  changed(withinMs: number, signal: AbortSignal): Promise<void>;
  noteWrite(resource: ApiResource): void;
}

export function createKindLooks({ objects, watches }: KindSources): KindLooks {
  const changes = createBell();
  const known = createKnownKinds({
    objects,
    watches,
    listing: createGate(listsAtATime),
    now: Date.now,
    onChange: () => changes.ring(),
  });
  const linger = createLinger(lingerMs, () => known.all().forEach(({ look }) => look.rest()));
  const whileWatching: KindLooks["whileWatching"] = async (work) => {
    const done = linger.hold();
    try {
      return await work();
    } finally {
      done();
    }
  };
  return {
    whileWatching,
    async see(kind, namespace, currency, signal) {
      if (!(await objects.serves(kind.resource, { signal })))
        return { scope: "everywhere", index: undefined };
      const all = await known.lookAt(kind, undefined).read(currency, signal);
      if (all !== "refused") return { scope: "everywhere", index: all };
      const here = kind.isNamespaced ? await known.lookAt(kind, namespace).read(currency, signal) : "refused";
      return here === "refused" ? { scope: "nowhere", index: undefined } : { scope: "here", index: here };
    },
    changed: (withinMs, signal) =>
      whileWatching(async () => {
        await changes.next(withinMs, signal);
        await sleep(Math.min(gatherMs, withinMs), signal);
      }),
    noteWrite: (resource) => known.of(resource).forEach(({ look }) => look.noteWrite()),
  };
}

interface KnownKind {
  readonly kind: UserKind;
  readonly look: KindLook;
}

interface KnownKinds {
  readonly lookAt: (kind: UserKind, namespace: string | undefined) => KindLook;
  all(): readonly KnownKind[];
  of(resource: ApiResource): readonly KnownKind[];
}

function createKnownKinds(ports: LookPorts): KnownKinds {
  const known = new Map<string, KnownKind>();
  const all = () => [...known.values()];
  return {
    lookAt(kind, namespace) {
      const { group, resource } = kind.resource;
      const key = `${group}/${resource}/${namespace ?? ""}`;
      const found = known.get(key) ?? { kind, look: createKindLook(kind, namespace, ports) };
      known.set(key, found);
      return found.look;
    },
    all,
    of: (resource) => all().filter(({ kind }) => kind.resource === resource),
  };
}
