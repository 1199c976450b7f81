import { type ClusterIdentity, describeCluster, isSameCluster } from "../../okd/clusterIdentity.js";
import { type Approval, approvesNothing } from "../plan/approval.js";
import type { HandedOver, HowPruned, ShownPlan } from "./handOver.js";

/** What is known, before planning, about what a check may allow to be deleted. */
export interface RunFacts {
  /** Undefined in a preview, which shows everything that somebody may approve. */
  readonly handed: HandedOver | undefined;
  readonly cluster: ClusterIdentity;
  readonly how: HowPruned;
  /** The content of the report that `approvedPlan` names. */
  readonly approvedPlan: Approval | undefined;
  /** Whether `approvedFingerprint` is given; it is compared with the plan once there is one. */
  readonly hasApprovedFingerprint: boolean;
}

export interface RunApproval {
  /** Only what all of them list may be deleted; without any, everything. */
  readonly approvals: readonly Approval[];
  /** The plan that this run's preview has shown, to be measured and answered alike. */
  readonly shown: ShownPlan | undefined;
  /** Why nothing is approved, and the way out, as the end of a sentence: `this policy was not in the preview …`. */
  readonly objection: string | undefined;
}

/**
 * What may be deleted in this run. Its preview is the upper bound. Without a known preview nothing may be deleted, unless the
 * user told the CLI to skip it, or approved a plan beforehand. `approvedPlan` and `approvedFingerprint` narrow further.
 */
export function runApproval(facts: RunFacts): RunApproval {
  const { handed, approvedPlan, how } = facts;
  const approved = approvedPlan === undefined ? [] : [approvedPlan];
  const everythingApproved = { approvals: approved, shown: undefined, objection: undefined };
  if (handed === undefined) return everythingApproved;
  const difference = handed.kind === "planned" ? differenceOf(handed, facts) : undefined;
  if (handed.kind === "planned" && difference === undefined) {
    return { approvals: [handed.approval, ...approved], shown: handed, objection: undefined };
  }
  // A report deletes nothing, so it may show everything.
  if (how.mode === "report") return everythingApproved;
  switch (handed.kind) {
    case "planned":
      return nothing(difference ?? "");
    case "unknown":
      return nothing(
        `the plan was not known in the preview of this run, so nothing is pruned in it. ${upAgain}`,
      );
    case "refused":
      return nothing(`the preview of this run has refused the plan, so nothing is pruned in it. ${upAgain}`);
    case "nothing":
      if (handed.preview === "skipped") return everythingApproved;
      break;
    case "unreadable":
    case "unavailable":
      break;
  }
  const isApproved = approvedPlan !== undefined || facts.hasApprovedFingerprint;
  return isApproved ? everythingApproved : nothing(`${missing(handed)} ${approveIt}`);
}

const upAgain = "Run pulumi up again: its preview lists what goes.";
const approveIt = "To approve a plan beforehand, give approvedPlan or approvedFingerprint.";

function nothing(objection: string): RunApproval {
  return { approvals: [approvesNothing], shown: undefined, objection };
}

/** How the previewed plan differs from this one. */
function differenceOf({ cluster, how }: ShownPlan, facts: RunFacts): string | undefined {
  if (!isSameCluster(cluster, facts.cluster)) {
    return `the preview of this run was of ${describeCluster(cluster)}, and the connection now names ${describeCluster(facts.cluster)}, so nothing is pruned in it. ${upAgain}`;
  }
  const changed = (["mode", "rules", "pruneRegistry"] as const).find((key) => how[key] !== facts.how[key]);
  if (changed === undefined) return undefined;
  return `in the preview of this run ${changed} was ${JSON.stringify(how[changed])} and now is ${JSON.stringify(facts.how[changed])}, so nothing is pruned in it. ${upAgain}`;
}

function missing(handed: Extract<HandedOver, { kind: "nothing" | "unreadable" | "unavailable" }>): string {
  switch (handed.kind) {
    case "nothing":
      return handed.preview === "shown"
        ? `this policy was not in the preview of this run, or what that has left in the temporary folder is gone, so nothing is pruned in it. ${upAgain}`
        : "it cannot be told from the CLI's arguments that a preview of this run was skipped on purpose, so nothing is pruned in it. Run pulumi up, or give --skip-preview as its first argument.";
    case "unreadable":
      return `what the preview of this run has left ${handed.why}, so nothing is pruned in it. ${upAgain}`;
    case "unavailable":
      return "the CLI's process cannot be found from here, and so neither what its preview has shown, so nothing is pruned in it.";
  }
}
