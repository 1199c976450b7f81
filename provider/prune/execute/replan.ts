import { ImageError } from "../../support/imageError.js";
import type { Approval } from "../plan/approval.js";
import type { ImageStage, PlanRefusal, PrunePlan } from "../plan/plan.js";
import { planPrune } from "../plan/planPrune.js";
import type { SafePolicy, StreamSelection } from "../plan/policy.js";
import { describeRefusal } from "../plan/refusal.js";
import type { ClusterSnapshot } from "../plan/snapshot.js";

/** What of the approved may go, as the cluster is now. @throws ImageError PRUNE_REFUSED */
export function planAgain(snapshot: ClusterSnapshot, policy: SafePolicy, approval: Approval): PrunePlan {
  const result = planPrune(snapshot, policy, approval);
  if (result.ok) return result.plan;
  const text = `Cannot prune what was planned: ${describeRefusal(result.refusal)}. ${adviceFor(result.refusal)}`;
  throw new ImageError("PRUNE_REFUSED", text);
}

const everything: StreamSelection = { namespaces: [], streams: [], tags: [], labels: {} };

/**
 * Which of these Images nothing needs, as the cluster is now. No item counts as cut, so what a stream lists stays, also
 * where its write has failed. The policy's scope has decided when they were planned; now that their items are gone,
 * nothing is left that would say which scope they belong to.
 * @throws ImageError PRUNE_REFUSED
 */
export function planImagesAgain(
  snapshot: ClusterSnapshot,
  policy: SafePolicy,
  images: ReadonlySet<string>,
): ImageStage {
  const unscoped = { ...policy, namespace: undefined, select: everything };
  return planAgain(snapshot, unscoped, { cuts: new Set(), images }).images;
}

function adviceFor(refusal: PlanRefusal): string {
  switch (refusal.kind) {
    case "undecodable-metadata":
      return "Repair or delete that Image";
    case "invalid-references":
      return 'Correct these objects, or set invalidRefs to "wildcard" or "ignore"';
  }
}
