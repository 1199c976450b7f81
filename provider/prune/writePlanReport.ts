import type { ClusterIdentity } from "../support/clusterIdentity.js";
import type { Readiness } from "./checkReadiness.js";
import { explainKept } from "./plan/explainKept.js";
import { contentOf, fingerprintOf } from "./plan/fingerprint.js";
import type { Planning } from "./loadPlan.js";
import { notApproved } from "./plan/notApproved.js";
import type { PruneArgs } from "./pruneArgs.js";
import { buildReport } from "./report/reportModel.js";
import { writeReport } from "./report/writeReport.js";

export interface ReportRequest {
  readonly args: PruneArgs;
  readonly urn: string;
  readonly baseFolder: string;
}

/**
 * Writes the report that `planReport` asks for. It lists all that would go if everything were approved, so that it can
 * be approved.
 * @throws ImageError REPORT_NOT_WRITTEN
 */
export async function writePlanReport(
  cluster: ClusterIdentity,
  { args, urn, baseFolder }: ReportRequest,
  { full, plan, survey, objections }: Planning,
  readiness: Readiness,
): Promise<void> {
  if (args.planReport === undefined) return;
  const report = buildReport({
    resourceName: urn.split("::").at(-1) ?? "",
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
  await writeReport(args.planReport, report, baseFolder);
}

/** What decides, as plain JSON. */
function describedPolicy({
  mode,
  policy,
  limits,
  extraReferences,
  force,
}: PruneArgs): Record<string, unknown> {
  return { mode, ...policy, limits, extraReferences, force };
}

function cutoffsOf(
  { policy }: PruneArgs,
  takenAt: number,
): readonly { readonly argument: string; readonly at: number }[] {
  const before = (argument: string, seconds: number) => ({ argument, at: takenAt - seconds * 1000 });
  const common = before("keepYoungerThan", policy.retention.keepYoungerThanSeconds);
  return policy.rules === "oc"
    ? [common]
    : [common, before("keepUnreferencedYoungerThan", policy.keepUnreferencedYoungerThanSeconds)];
}
