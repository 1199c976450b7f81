import type { VanishingImages } from "../../usage/findUsers.js";
import { streamResource } from "../../usage/kinds.js";
import { describeReferrer, type Referrer } from "../../usage/referrer.js";
import type { FoundUsers, StreamUsers } from "../ports.js";
import type { KindLooks, Seen } from "./kindLooks.js";
import { userKinds } from "./kinds.js";

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

/** Users found among the objects of every kind that names images. */
export function createStreamUsers(looks: KindLooks): StreamUsers {
  return {
    async find(vanishing, { signal, isForRemoval }) {
      const currency = { askedAt: Date.now(), isForRemoval };
      const seen = await looks.whileWatching(() =>
        Promise.all(userKinds.map((kind) => looks.see(kind, vanishing.namespace, currency, signal))),
      );
      return foundUsers(seen, vanishing);
    },
    changed: ({ signal, withinMs }) => looks.changed(withinMs, signal),
    noteWrite: () => looks.noteWrite(streamResource),
  };
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
