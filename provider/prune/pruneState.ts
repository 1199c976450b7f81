import type { ClusterIdentity } from "../support/clusterIdentity.js";
import { pick } from "../support/pick.js";
import type { PlanInput } from "./plan/planInput.js";

type Bag = Readonly<Record<string, unknown>>;

/** Shape of the outputs; hooks read every older one. */
const schemaVersion = 1;

/** Arguments that outputs mirror, under the same names. */
const mirroredArguments = [
  "mode",
  "rules",
  "namespace",
  "allImages",
  "keepYoungerThan",
  "keepTagRevisions",
  "keepUnreferencedYoungerThan",
  "pruneOverSizeLimit",
  "pruneRegistry",
  "registry",
  "invalidRefs",
  "select",
  "keep",
  "limits",
  "extraReferences",
  "allowUnreadable",
  "approvedPlan",
  "approvedFingerprint",
  "planReport",
  "force",
  "asOf",
  "workers",
  "triggers",
  "timeouts",
] as const;

/** What the last execution that had something to do has done. */
export interface LastPrune {
  /** ISO 8601. */
  readonly at: string;
  readonly images: number;
  readonly revisions: number;
  readonly blobs: number;
  readonly links: number;
  readonly freedBytes: number;
  /** Planned, but no longer eligible when its turn came. */
  readonly notEligible: number;
  /** Digests, at most 200. */
  readonly deletedImages: readonly string[];
  /** How many items each stream has lost, at most 200 streams. */
  readonly updatedImageStreams: Readonly<Record<string, number>>;
}

export interface PruneStateParts {
  readonly inputs: Bag;
  readonly plan: PlanInput;
  readonly cluster: ClusterIdentity;
  readonly lastPrune: LastPrune | undefined;
  /** Nothing of the plan is left to do. */
  readonly isExecuted: boolean;
}

/** The outputs, field by field. Items are in the inputs already and would only be said twice. */
export function pruneOutputs({ inputs, plan, cluster, lastPrune, isExecuted }: PruneStateParts): Bag {
  return {
    ...mirrored(inputs),
    schemaVersion,
    cluster,
    plan: { ...plan, items: {}, moreItems: plan.moreItems + Object.keys(plan.items).length },
    executedFingerprint: isExecuted ? plan.fingerprint : "",
    ...(lastPrune === undefined ? {} : { lastPrune }),
  };
}

/** The arguments in inputs or outputs, without the plan. */
export function mirrored(bag: Bag): Bag {
  return pick(bag, mirroredArguments);
}

/** The computed input in inputs; in outputs the same without its items. */
export function recordedPlan(bag: Bag): PlanInput | undefined {
  return bag.plan as PlanInput | undefined;
}

export function recordedCluster(state: Bag): ClusterIdentity | undefined {
  return state.cluster as ClusterIdentity | undefined;
}

/** Of the last plan, when nothing of it is left to do; else empty. */
export function executedFingerprint(state: Bag): string {
  return typeof state.executedFingerprint === "string" ? state.executedFingerprint : "";
}

/** Undefined before the first prune that had something to do. */
export function recordedPrune(state: Bag): LastPrune | undefined {
  return state.lastPrune as LastPrune | undefined;
}
