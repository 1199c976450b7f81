import type { ClusterIdentity } from "../../okd/clusterIdentity.js";
import { streamName } from "../../okd/streamName.js";
import { byKey } from "../../support/text/spelling.js";
import { describeInvalidReference } from "../../usage/oc/index.js";
import type { ClusterSurvey } from "../clusterSurvey.js";
import type { PruneDecision } from "../plan/decision.js";
import type { KeptExplanation } from "../plan/explainKept.js";
import { imageOwners, isoInstant, itemFacts, plannedCuts, plannedDeletions } from "../plan/items.js";
import { totalsOf } from "../plan/totals.js";
import { reportKept } from "./kept.js";
import {
  type NotApproved,
  type ReportedObjection,
  type PlanReport,
  type ReportCoverage,
  reportKind,
  reportSchemaVersion,
} from "./model.js";
import { plannedImages, sharesBy } from "./shares.js";
import { unknownImages } from "./unknownImages.js";
import { reportWarnings } from "./warnings.js";
import { describeCondition, describeImagePruner } from "./wording.js";

export interface ReportInput {
  readonly resourceName: string;
  readonly urn: string;
  readonly plan: PruneDecision;
  readonly survey: Pick<ClusterSurvey, "snapshot" | "coverage" | "conditions">;
  /** Where the integrated registry is and whether it was reached, for people. */
  readonly registry: string;
  /** The arguments as plain JSON, without the connection and without secrets. */
  readonly policy: Readonly<Record<string, unknown>>;
  readonly cluster: ClusterIdentity;
  /** Instants, milliseconds since 1970, of the arguments that keep what is younger. */
  readonly cutoffs: readonly { readonly argument: string; readonly at: number }[];
  readonly fingerprint: string;
  readonly kept: KeptExplanation;
  readonly objections: readonly ReportedObjection[];
  /** Warnings that neither the plan nor the survey hold. */
  readonly warnings: readonly string[];
  readonly notApproved: NotApproved;
}

/** The report of a plan. Pure, and none of the arguments is changed. */
export function buildReport(input: ReportInput): PlanReport {
  const { plan, survey } = input;
  const { snapshot } = survey;
  const cuts = plannedCuts(plan);
  const deletions = plannedDeletions(plan);
  const imageByDigest = new Map(snapshot.images.map((image) => [image.digest, image]));
  const owners = imageOwners(cuts, deletions, imageByDigest);
  const images = plannedImages(cuts, deletions, imageByDigest);
  return {
    kind: reportKind,
    schemaVersion: reportSchemaVersion,
    resource: { name: input.resourceName, urn: input.urn },
    cluster: input.cluster,
    takenAt: isoInstant(snapshot.takenAt),
    cutoffs: input.cutoffs.map(({ argument, at }) => ({ argument, at: isoInstant(at) })),
    fingerprint: input.fingerprint,
    policy: sorted(input.policy) as PlanReport["policy"],
    totals: {
      ...totalsOf(plan),
      isUpperBound: images.some(({ managed, bytes }) => !managed && bytes > 0),
    },
    notApproved: input.notApproved,
    objections: input.objections,
    warnings: [...reportWarnings(plan, survey, input.notApproved), ...input.warnings],
    unknownImages: unknownImages(plan.warnings),
    coverage: coverageOf(input),
    byNamespace: sharesBy(({ namespace }) => namespace, cuts, images, owners),
    byStream: sharesBy(streamName, cuts, images, owners),
    items: itemFacts(plan, snapshot),
    images,
    kept: reportKept(plan.kept, input.kept),
  };
}

function coverageOf({ plan, survey, registry }: ReportInput): ReportCoverage {
  const { coverage, conditions } = survey;
  return {
    read: sorted(coverage.read) as ReportCoverage["read"],
    costs: sorted(coverage.costs) as ReportCoverage["costs"],
    absent: sorted(coverage.absent) as ReportCoverage["absent"],
    uncovered: coverage.uncovered.toSorted(),
    clockSkewSeconds: coverage.clockSkewSeconds,
    registry,
    imagePruner: describeImagePruner(conditions.imagePruner),
    clusterVersion: describeCondition(conditions.clusterVersion),
    registryOperator: describeCondition(conditions.registryOperator),
    ignoredReferences: plan.ignoredReferences.map(describeInvalidReference),
  };
}

/** Keys in order all the way down, so that the same arguments give the same text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(byKey);
  return Object.fromEntries(entries.map(([key, element]) => [key, sorted(element)]));
}
