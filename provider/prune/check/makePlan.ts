import { ImageError, isImageError } from "../../support/imageError.js";
import { countOf, pluralOf } from "../../support/text/wording.js";
import type { PruneArgs } from "../args/parsed.js";
import type { ClusterSurvey } from "../clusterSurvey.js";
import type { Surveys } from "../memory.js";
import {
  type Approval,
  approvesNothing,
  commonApproval,
  contentOf,
  fingerprintOf,
} from "../plan/approval.js";
import { planPrune } from "../plan/decide.js";
import { describePlanRefusal, type PruneDecision } from "../plan/decision.js";
import { saysAll } from "../plan/imageContent.js";
import { findObjections, type Objection } from "../plan/objections.js";
import type { PruneCluster } from "../ports.js";
import { completeImages } from "../survey/completeImages.js";
import { type SurveyOptions, surveyRequest } from "../survey/request.js";

/** What may be planned: the arguments, and what earlier steps have approved. */
export interface PlanningRequest {
  readonly args: PruneArgs;
  /** Only what all of them list may be deleted. */
  readonly approvals: readonly Approval[];
  /** Instant that ages are measured against, when an earlier step has fixed it: never later than the cluster's. */
  readonly takenAt: number | undefined;
}

/** A plan with everything that it was made from. */
export interface Planning {
  /** What would be deleted if everything were approved. */
  readonly full: PruneDecision;
  /** What may be deleted. */
  readonly plan: PruneDecision;
  /** With the instant that ages were measured against. */
  readonly survey: ClusterSurvey;
  readonly objections: readonly Objection[];
}

/**
 * Surveys the cluster and plans.
 * @throws ImageError PRUNE_INVALID_REFERENCE, PRUNE_REFUSED, API_FORBIDDEN and what else a list may answer
 */
export async function makePlan(
  cluster: PruneCluster,
  surveys: Surveys,
  { args, approvals, takenAt }: PlanningRequest,
  options: SurveyOptions,
): Promise<Planning> {
  const loaded = await surveys.get(cluster, surveyRequest(args), options);
  const seen = surveyAt(loaded, [args.asOf, takenAt]);
  const survey = await completed(cluster, seen, args, options);
  const full = planned(survey, args);
  const common = commonApproval([...approvals, ...fingerprintApproval(full, args)]);
  const plan = common === undefined ? full : planned(survey, args, common);
  return { full, plan, survey, objections: findObjections(plan, survey, args) };
}

/** Asks the registry for what Images leave out. */
async function completed(
  cluster: PruneCluster,
  survey: ClusterSurvey,
  { policy, registry: address }: PruneArgs,
  { signal }: SurveyOptions,
): Promise<ClusterSurvey> {
  if (policy.rules === "oc" || !policy.pruneRegistry || survey.snapshot.images.every(saysAll)) return survey;
  try {
    const registry = await cluster.openRegistry(survey.registry, address, { signal });
    return { ...survey, snapshot: await completeImages(survey.snapshot, registry, { signal }) };
  } catch (error) {
    signal.throwIfAborted();
    if (isImageError(error)) return survey;
    throw error;
  }
}

/** Measures ages at the earliest instant of all, because an earlier one keeps more. */
function surveyAt(survey: ClusterSurvey, instants: readonly (number | undefined)[]): ClusterSurvey {
  const takenAt = Math.min(survey.snapshot.takenAt, ...instants.filter((instant) => instant !== undefined));
  return { ...survey, snapshot: { ...survey.snapshot, takenAt } };
}

function planned({ snapshot }: ClusterSurvey, { policy }: PruneArgs, approval?: Approval): PruneDecision {
  const result = planPrune(snapshot, policy, approval);
  if (result.ok) return result.plan;
  const { refusal } = result;
  switch (refusal.kind) {
    case "invalid-references":
      throw new ImageError(
        "PRUNE_INVALID_REFERENCE",
        `invalidRefs: ${describeInvalid(refusal.references.length)} Nothing was planned: ${describePlanRefusal(refusal)}. Correct what has them, or set invalidRefs to "ignore"${policy.rules === "safe" ? ' or "wildcard"' : ""}`,
      );
    case "undecodable-metadata":
      throw new ImageError("PRUNE_REFUSED", `Nothing was planned: ${describePlanRefusal(refusal)}`);
  }
}

function describeInvalid(count: number): string {
  const protect = pluralOf(count, "it protects", "they protect");
  return `${countOf(count, "reference")} cannot be read, so what ${protect} is not known.`;
}

/** A fingerprint approves one plan as a whole, and nothing of any other plan. */
function fingerprintApproval(full: PruneDecision, { approvedFingerprint }: PruneArgs): readonly Approval[] {
  if (approvedFingerprint === undefined) return [];
  const content = contentOf(full);
  return [fingerprintOf(content) === approvedFingerprint ? content : approvesNothing];
}
