import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import { pick } from "../support/collections.js";
import type { Fields } from "../support/json.js";
import { withCurrentNames } from "./args/earlierNames.js";
import type { PolicyInputs } from "./args/schema.js";
import type { LastPrune, PrunePlan } from "./outputs.js";
import { clearedPlan } from "./plan/preview.js";

/** Every argument of the schema: outputs mirror all of them, under the same names. */
const mirroredArguments = {
  mode: true,
  rules: true,
  namespace: true,
  allImages: true,
  keepYoungerThan: true,
  keepTagRevisions: true,
  keepUnreferencedYoungerThan: true,
  pruneOverSizeLimit: true,
  pruneRegistry: true,
  registry: true,
  invalidRefs: true,
  select: true,
  keep: true,
  limits: true,
  extraReferences: true,
  allowUnreadable: true,
  skipKinds: true,
  approvedPlan: true,
  approvedFingerprint: true,
  planReport: true,
  force: true,
  asOf: true,
  workers: true,
  triggers: true,
  timeouts: true,
} as const satisfies Record<keyof PolicyInputs, true>;

export interface PruneStateParts {
  readonly inputs: Fields;
  readonly plan: PrunePlan;
  readonly cluster: ClusterIdentity;
  readonly lastPrune: LastPrune | undefined;
  /** Nothing of the plan is left to do: it was executed or reported, or was empty. */
  readonly isExecuted: boolean;
}

/**
 * The outputs, field by field. Items of an executed plan are in the inputs already, so they are left out; those of any other
 * plan are stored, because a refresh has to return them unchanged.
 */
export function pruneOutputs({ inputs, plan, cluster, lastPrune, isExecuted }: PruneStateParts): Fields {
  const isCarriedOut = isExecuted && inputs.mode !== "report";
  return {
    ...mirrored(inputs),
    cluster,
    plan: isCarriedOut
      ? { ...plan, items: {}, moreItems: plan.moreItems + Object.keys(plan.items).length }
      : plan,
    executedFingerprint: isExecuted ? plan.fingerprint : "",
    ...(lastPrune === undefined ? {} : { lastPrune }),
  };
}

/** The arguments in inputs or outputs, without the plan. */
export function mirrored(bag: Fields): Fields {
  return withCurrentNames(pick(bag, Object.keys(mirroredArguments)));
}

/** The computed input in inputs; in outputs the same without its items. */
export function recordedPlan(bag: Fields): PrunePlan | undefined {
  return bag.plan as PrunePlan | undefined;
}

/**
 * The plan after a refresh: the recorded one, but cleared if it was executed.
 */
export function refreshedPlan(state: Fields): PrunePlan | undefined {
  const plan = recordedPlan(state);
  if (plan === undefined || plan.images + plan.revisions === 0) return plan;
  const isCarriedOut = state.mode !== "report" && plan.fingerprint === executedFingerprint(state);
  return isCarriedOut ? clearedPlan() : plan;
}

/**
 * The plan as a check answers it when the arguments are those of the last run. If nothing is new, the recorded one, so that
 * inputs and outputs agree and a refresh finds nothing to change. Counts of what was read change all the time.
 */
export function settledPlan(now: PrunePlan, before: PrunePlan | undefined, isReport: boolean): PrunePlan {
  if (before === undefined || (!isReport && now.images + now.revisions > 0)) return now;
  if (now.fingerprint === before.fingerprint) return before;
  return isReport ? now : clearedPlan();
}

/**
 * Whether a plan is worth an update: it has something to do that has not been done, or something new to report. Counts of
 * what was read change all the time and do not matter.
 */
export function isNews(inputs: Fields, state: Fields, computedIsKept: boolean): boolean {
  const plan = recordedPlan(inputs);
  if (plan === undefined || computedIsKept) return false;
  const hasSomething = inputs.mode === "report" || plan.images + plan.revisions > 0;
  return hasSomething && plan.fingerprint !== executedFingerprint(state);
}

/** Fingerprint of the last plan, if nothing of it is left to do; else empty. */
function executedFingerprint(state: Fields): string {
  return typeof state.executedFingerprint === "string" ? state.executedFingerprint : "";
}

/** Undefined before the first prune that had something to do. */
export function recordedPrune(state: Fields): LastPrune | undefined {
  return state.lastPrune as LastPrune | undefined;
}
