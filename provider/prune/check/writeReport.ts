import type { ClusterIdentity } from "../../okd/clusterIdentity.js";
import { nameInUrn } from "../../support/text/spelling.js";
import type { PruneArgs } from "../args/parsed.js";
import { contentOf, fingerprintOf, notApproved } from "../plan/approval.js";
import { explainKept } from "../plan/explainKept.js";
import { cutoffBefore } from "../plan/rules/age.js";
import { buildReport } from "../report/build.js";
import type { Planning } from "./makePlan.js";
import type { Readiness } from "./readiness.js";
import { writeReport } from "./reportFile.js";

export interface ReportRequest {
  readonly args: PruneArgs;
  readonly urn: string;
  readonly baseFolder: string;
}

/**
 * Writes the report that `planReport` asks for. It lists all that would be deleted if everything were approved, so that it
 * can be approved.
 * @throws ImageError REPORT_NOT_WRITTEN
 */
export async function writePlanReport(
  cluster: ClusterIdentity,
  { args, urn, baseFolder }: ReportRequest,
  { full, plan, survey, objections }: Planning,
  readiness: Readiness,
): Promise<void> {
  const { planReport, approvedPlan } = args;
  if (planReport === undefined) return;
  const report = buildReport({
    resourceName: nameInUrn(urn),
    urn,
    plan: full,
    survey,
    registry: readiness.registry ?? (args.policy.pruneRegistry ? "not asked" : "not pruned"),
    policy: describedPolicy(args),
    cluster,
    cutoffs: cutoffsOf(args, survey.snapshot.takenAt),
    fingerprint: fingerprintOf(contentOf(full)),
    kept: explainKept(survey.snapshot, args.policy),
    objections,
    warnings: readiness.problems,
    notApproved: notApproved(full, plan),
  });
  await writeReport({ planReport, approvedPlan, baseFolder }, report);
}

/** The arguments that decide, without those that are not given; ages in whole seconds. */
function describedPolicy({
  mode,
  policy,
  limits,
  extraReferences,
  allowUnreadable,
  skipKinds,
  force,
}: PruneArgs): Record<string, unknown> {
  const { rules, namespace, allImages, pruneRegistry, retention } = policy;
  const described = {
    mode,
    rules,
    namespace,
    allImages,
    pruneRegistry,
    keepYoungerThan: `${retention.keepYoungerThanSeconds}s`,
    ...(retention.kind === "revisions"
      ? { keepTagRevisions: retention.keepTagRevisions }
      : { pruneOverSizeLimit: true }),
    ...(policy.rules === "oc"
      ? { invalidRefs: policy.ignoreInvalidRefs ? "ignore" : "fail" }
      : {
          invalidRefs: policy.invalidRefs,
          keepUnreferencedYoungerThan: `${policy.keepUnreferencedYoungerThanSeconds}s`,
          select: policy.select,
          keep: policy.keep,
        }),
    limits,
    extraReferences,
    allowUnreadable,
    skipKinds,
    force,
  };
  return withoutEmpty(described);
}

function withoutEmpty(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(value).map(([key, element]) => {
    const isObject = typeof element === "object" && element !== null && !Array.isArray(element);
    return [key, isObject ? withoutEmpty(element as Readonly<Record<string, unknown>>) : element] as const;
  });
  return Object.fromEntries(entries.filter(([, element]) => !isEmpty(element)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function cutoffsOf(
  { policy }: PruneArgs,
  takenAt: number,
): readonly { readonly argument: string; readonly at: number }[] {
  const before = (argument: string, seconds: number) => ({ argument, at: cutoffBefore(takenAt, seconds) });
  const common = before("keepYoungerThan", policy.retention.keepYoungerThanSeconds);
  return policy.rules === "oc"
    ? [common]
    : [common, before("keepUnreferencedYoungerThan", policy.keepUnreferencedYoungerThanSeconds)];
}
