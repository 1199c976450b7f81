import { isImageError } from "../../support/imageError.js";
import type { Rollouts } from "../ports.js";
import type { KindLooks } from "./kindLooks.js";
import { userKinds } from "./kinds.js";

/** Milliseconds: what a new digest rolls out is worth knowing, and not worth a long wait. */
const patienceMs = 10_000;

/** Objects with triggers, among those that the search for users lists too. */
export function createRollouts(looks: KindLooks): Rollouts {
  const kinds = userKinds.filter(({ triggered }) => triggered !== undefined);
  return {
    async find(stream, { signal }) {
      const currency = { askedAt: Date.now(), isForRemoval: false };
      const until = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
      const seen = await looks.whileWatching(() =>
        Promise.allSettled(kinds.map((kind) => looks.see(kind, stream.namespace, currency, until))),
      );
      signal.throwIfAborted();
      const bug = seen.find((each) => each.status === "rejected" && !isExpected(each.reason, until));
      if (bug?.status === "rejected") throw bug.reason;
      return seen.flatMap((each) =>
        each.status === "fulfilled" ? (each.value.index?.triggeredBy(stream) ?? []) : [],
      );
    },
  };
}

function isExpected(reason: unknown, { aborted }: AbortSignal): boolean {
  return aborted || isImageError(reason);
}
