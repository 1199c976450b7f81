import { streamName } from "../../../okd/streamName.js";
import { ImageError } from "../../../support/imageError.js";
import type { StreamFacts } from "../../../usage/streamFacts.js";
import type { SafePolicy } from "../../args/policy.js";
import { type Approval, cutKey } from "../../plan/approval.js";
import { planPrune } from "../../plan/decide.js";
import {
  describePlanRefusal,
  type PlanRefusal,
  type PruneDecision,
  type StreamTrim,
} from "../../plan/decision.js";
import type { ClusterLooks } from "../../ports.js";
import type { ClusterSnapshot } from "../../snapshot.js";
import type { CutItem } from "../cutItem.js";
import type { PruneFailure } from "../failure.js";
import type { RunLedger } from "./ledger.js";

/** The cluster at one moment of a run, and what follows from it for the run. */
export interface Look {
  readonly now: ClusterSnapshot;
  /** As `now` would be without this run. */
  readonly withoutThisRun: ClusterSnapshot;
  /** For `withoutThisRun`: what is still to be deleted, and what may remain deleted. */
  readonly plan: PruneDecision;
  /** The approval that the plan was made with. */
  readonly approval: Approval;
}

export interface LookOptions {
  readonly policy: SafePolicy;
  readonly looks: ClusterLooks;
  readonly signal: AbortSignal;
  /** Reads all lists, without watches. */
  readonly isWhole: boolean;
}

/**
 * Surveys the cluster and plans as if this run had done nothing yet. What this run has deleted and that plan would no longer
 * delete is missed, as the ledger then tells.
 * @throws ImageError PRUNE_REFUSED, and what the survey throws
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
  ledger.noteMissed(missedBy({ plan, now, withoutThisRun }, ledger.cutItems()));
  return { now, withoutThisRun, plan, approval };
}

function missedBy(
  { plan, now, withoutThisRun }: Omit<Look, "approval">,
  cuts: readonly CutItem[],
): readonly CutItem[] {
  if (cuts.length === 0) return [];
  // Items of one digest and instant have one key; if one of them has to come back, all do.
  const kept = countKeys(cuts.map(({ key }) => key));
  for (const [key, count] of countKeys(plan.streams.flatMap(keysIn)))
    kept.set(key, (kept.get(key) ?? 0) - count);
  const byName = (streams: ClusterSnapshot["streams"]) =>
    new Map(streams.map((stream) => [streamName(stream), stream]));
  const [streams, streamsBefore] = [byName(now.streams), byName(withoutThisRun.streams)];
  return cuts.filter((item) => {
    const stream = streams.get(streamName(item.before));
    if ((kept.get(item.key) ?? 0) <= 0 || stream?.createdAt !== item.before.createdAt) return false;
    // An image that was pushed or tagged again meanwhile is served as before, unless its tag means another one now.
    return !lists(stream, item.cut.digest) || isCurrent(item, streamsBefore.get(streamName(item.before)));
  });
}

function lists({ tags }: StreamFacts, digest: string): boolean {
  return tags.some(({ items }) => items.some((item) => item.digest === digest));
}

function isCurrent({ tag, key }: CutItem, stream: StreamFacts | undefined): boolean {
  const newest = stream?.tags.find((each) => each.tag === tag)?.items[0];
  return stream !== undefined && newest !== undefined && cutKey(stream, tag, newest) === key;
}

function keysIn(trim: StreamTrim): readonly string[] {
  return trim.tags.flatMap(({ tag, cuts }) => cuts.map((cut) => cutKey(trim, tag, cut)));
}

function countKeys(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Empty where the run was ended, which is no failure of the survey. */
export function lookFailures(
  before: Extract<PruneFailure, { kind: "look" }>["before"],
  cause: unknown,
  { aborted }: AbortSignal,
): readonly PruneFailure[] {
  return aborted ? [] : [{ kind: "look", before, cause }];
}

/** Which part of the approval may be deleted, as the cluster is now. @throws ImageError PRUNE_REFUSED */
export function planAgain(snapshot: ClusterSnapshot, policy: SafePolicy, approval: Approval): PruneDecision {
  const result = planPrune(snapshot, policy, approval);
  if (result.ok) return result.plan;
  const text = `Cannot prune what was planned: ${describePlanRefusal(result.refusal)}. ${adviceFor(result.refusal)}`;
  throw new ImageError("PRUNE_REFUSED", text);
}

function adviceFor(refusal: PlanRefusal): string {
  switch (refusal.kind) {
    case "undecodable-metadata":
      return "Repair or delete that Image";
    case "invalid-references":
      return 'Correct these objects, or set invalidRefs to "wildcard" or "ignore"';
  }
}
