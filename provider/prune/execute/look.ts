import type { Approval } from "../plan/approval.js";
import { contentOf } from "../plan/fingerprint.js";
import type { PrunePlan } from "../plan/plan.js";
import type { SafePolicy } from "../plan/policy.js";
import type { ClusterSnapshot } from "../plan/snapshot.js";
import { streamName } from "../plan/streamName.js";
import type { CutItem } from "./cutItem.js";
import type { ClusterLooks } from "./ports.js";
import type { PruneFailure } from "./pruneFailure.js";
import { planAgain } from "./replan.js";
import type { RunLedger } from "./runLedger.js";

/** The cluster at one moment of a run, and what follows from it for the run. */
export interface Look {
  readonly now: ClusterSnapshot;
  /** As `now` would be without this run. */
  readonly withoutThisRun: ClusterSnapshot;
  /** For `withoutThisRun`: what still goes, and what may stay gone. */
  readonly plan: PrunePlan;
  /** What the plan was made with. */
  readonly approval: Approval;
}

export interface LookOptions {
  readonly policy: SafePolicy;
  readonly looks: ClusterLooks;
  readonly signal: AbortSignal;
  /** Nothing from watches: all lists are read. */
  readonly isWhole: boolean;
}

/**
 * Looks at the cluster and plans as if this run had done nothing yet. What that plan would not let go any more, and has
 * gone, is missed, as the ledger then tells.
 * @throws ImageError PRUNE_REFUSED, and what the look throws
 */
export async function lookAgain(
  ledger: RunLedger,
  { policy, looks, signal, isWhole }: LookOptions,
): Promise<Look> {
  const now = await (isWhole ? looks.whole({ signal }) : looks.next({ signal }));
  ledger.settle(now);
  const approval = ledger.approval();
  const withoutThisRun = ledger.withoutThisRun(now);
  const plan = planAgain(withoutThisRun, policy, approval);
  ledger.noteMissed(missedBy(plan, now, ledger.cutItems()));
  return { now, withoutThisRun, plan, approval };
}

function missedBy(plan: PrunePlan, now: ClusterSnapshot, cuts: readonly CutItem[]): readonly CutItem[] {
  if (cuts.length === 0) return [];
  const { cuts: free } = contentOf(plan);
  const streams = new Map(now.streams.map((stream) => [streamName(stream), stream]));
  return cuts.filter(({ key, before, tag, cut }) => {
    const stream = streams.get(streamName(before));
    if (free.has(key) || stream?.createdAt !== before.createdAt) return false;
    const digests = new Set(stream.tags.flatMap(({ items }) => items.map(({ digest }) => digest)));
    const hasCurrent = stream.tags.some((each) => each.tag === tag && each.items.length > 0);
    return !(hasCurrent && digests.has(cut.digest)); // pushed or tagged again, and served as before
  });
}

/** None where the run was ended, which is no failure of the look. */
export function lookFailures(
  before: Extract<PruneFailure, { kind: "look" }>["before"],
  cause: unknown,
  { aborted }: AbortSignal,
): readonly PruneFailure[] {
  return aborted ? [] : [{ kind: "look", before, cause }];
}
