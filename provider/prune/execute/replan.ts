import { ImageError } from "../../support/imageError.js";
import type { Approval } from "../plan/approval.js";
import type { PlanRefusal, PrunePlan } from "../plan/plan.js";
import { planPrune } from "../plan/planPrune.js";
import type { SafePolicy } from "../plan/policy.js";
import { describeRefusal } from "../plan/refusal.js";
import type { ClusterSnapshot } from "../plan/snapshot.js";

/** What of the approved may go, as the cluster is now. @throws ImageError PRUNE_REFUSED */
export function planAgain(snapshot: ClusterSnapshot, policy: SafePolicy, approval: Approval): PrunePlan {
  const result = planPrune(snapshot, policy, approval);
  if (result.ok) return result.plan;
  const text = `Cannot prune what was planned: ${describeRefusal(result.refusal)}. ${adviceFor(result.refusal)}`;
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
