import type { ApiResource, ClusterObjects, ObjectWatches } from "../../okd/objects.js";
import { sleep } from "../../support/async/abortable.js";
import { createBell, createLinger } from "../../support/async/bell.js";
import { createGate } from "../../support/async/concurrency.js";
import type { VanishingImages } from "../../usage/findUsers.js";
import { streamResource } from "../../usage/kinds.js";
import { describeReferrer, type Referrer } from "../../usage/referrer.js";
import type { FoundUsers, StreamUsers } from "../ports.js";
import { createKindLook, type Currency, type KindLook, type LookPorts } from "./kindLook.js";
import { type KindIndex, type UserKind, userKinds } from "./kinds.js";

const listsAtATime = 3;
/** Milliseconds that watches remain open after the last question; they keep no process alive. */
const lingerMs = 30_000;
/** Milliseconds between two answers to a waiting caller: changes come in swarms. */
const gatherMs = 100;
/** Kinds that a rollback or a record needs, and that run nothing. */
const historyKinds: ReadonlySet<string> = new Set([
  "replicaset",
  "replicationcontroller",
  "controllerrevision",
  "podtemplate",
  "template",
  "build",
  "job",
]);

export interface UserSources {
  readonly objects: Pick<ClusterObjects, "serves" | "list">;
  readonly watches: ObjectWatches;
}

/**
 * Users found among the objects of every kind that names images, in all namespaces. They are listed once
 * for all that ask in a process; docs/design/imports.md tells how they are kept up to date.
 */
export function createStreamUsers({ objects, watches }: UserSources): StreamUsers {
  const changes = createBell();
  const ports: LookPorts = {
    objects,
    watches,
    listing: createGate(listsAtATime),
    now: Date.now,
    onChange: () => changes.ring(),
  };
  const kinds = createKnownKinds(ports);
  const linger = createLinger(lingerMs, () => kinds.all().forEach(({ look }) => look.rest()));

  return {
    async find(vanishing, { signal, isForRemoval }) {
      const currency = { askedAt: ports.now(), isForRemoval };
      const done = linger.hold();
      const see = async (kind: UserKind): Promise<Seen> =>
        (await objects.serves(kind.resource, { signal }))
          ? await readKind(kinds, kind, vanishing.namespace, currency, signal)
          : { scope: "everywhere", index: undefined };
      try {
        return foundUsers(await Promise.all(userKinds.map(see)), vanishing);
      } finally {
        done();
      }
    },
    async changed({ signal, withinMs }) {
      const done = linger.hold();
      try {
        await changes.next(withinMs, signal);
        await sleep(Math.min(gatherMs, withinMs), signal);
      } finally {
        done();
      }
    },
    noteWrite: () => kinds.of(streamResource).forEach(({ look }) => look.noteWrite()),
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

/** Of all namespaces where that is allowed, else of one. */
async function readKind(
  { lookAt }: KnownKinds,
  kind: UserKind,
  namespace: string,
  currency: Currency,
  signal: AbortSignal,
): Promise<Seen> {
  const all = await lookAt(kind, undefined).read(currency, signal);
  if (all !== "refused") return { scope: "everywhere", index: all };
  const here = kind.isNamespaced ? await lookAt(kind, namespace).read(currency, signal) : "refused";
  return here === "refused" ? { scope: "nowhere", index: undefined } : { scope: "here", index: here };
}

/** Which objects of a kind are known: all of them, or those of the stream's namespace, or none. */
interface Seen {
  readonly scope: "everywhere" | "here" | "nowhere";
  /** Absent too where the kind is not served. */
  readonly index: KindIndex | undefined;
}

function foundUsers(seen: readonly Seen[], vanishing: VanishingImages): FoundUsers {
  const users = seen.flatMap(({ index }) => index?.usersOf(vanishing) ?? []);
  const described = (isHistory: boolean) => {
    const chosen = users.filter((user) => historyKinds.has(kindOf(user)) === isHistory);
    return [...new Set(chosen.map(describeReferrer))].sort();
  };
  const named = (scope: Seen["scope"]) =>
    userKinds.filter((_, at) => seen[at]?.scope === scope).map(({ resource }) => resource.resource);
  return {
    blocking: described(false),
    history: described(true),
    unread: [...unreadIn("of other namespaces", named("here")), ...unreadIn("at all", named("nowhere"))],
  };
}

function kindOf(referrer: Referrer): string {
  return referrer.kind === "other" ? referrer.objectKind : referrer.kind;
}

function unreadIn(scope: string, resources: readonly string[]): readonly string[] {
  return resources.length === 0 ? [] : [`${[...resources].sort().join(", ")} ${scope}`];
}
