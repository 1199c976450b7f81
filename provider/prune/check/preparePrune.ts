import type { RequestOptions } from "../../okd/requestOptions.js";
import { hasCode } from "../../support/imageError.js";
import { countOf } from "../../support/text/wording.js";
import type { PruneArgs } from "../args/parsed.js";
import type { Surveys } from "../memory.js";
import type { PrunePlan } from "../outputs.js";
import { contentOf, fingerprintOf, notApproved } from "../plan/approval.js";
import type { Objection } from "../plan/objections.js";
import { previewPlan } from "../plan/preview.js";
import { hasWork, totalsOf } from "../plan/totals.js";
import type { PruneCluster } from "../ports.js";
import { reportWarnings } from "../report/warnings.js";
import { surveyRequest } from "../survey/request.js";
import { listRights } from "../survey/rights.js";
import { loadApprovedPlan } from "./approvedPlan.js";
import { type HandedOver, howPruned } from "./handOver.js";
import { makePlan, type Planning } from "./makePlan.js";
import { checkNames } from "./names.js";
import { requiredRights, requireRights } from "./preflight.js";
import { checkReadiness, type Readiness } from "./readiness.js";
import { requireReportPlace } from "./reportFile.js";
import { type RunApproval, runApproval } from "./runApproval.js";
import { writePlanReport } from "./writeReport.js";

export interface PreparePruneRequest {
  readonly args: PruneArgs;
  /** What the preview of this run has left, in its update; undefined in a preview. */
  readonly handed: HandedOver | undefined;
  readonly urn: string;
  readonly baseFolder: string;
}

export interface PrepareOptions extends RequestOptions {
  readonly progress: (text: string) => void;
  readonly now: () => number;
}

/** A plan as a check answers it. */
export interface PreparedPrune {
  readonly planning: Planning;
  readonly input: PrunePlan;
  /** The plan is never executed. */
  readonly isReport: boolean;
  /** Why the plan must not be executed, each beginning with the argument to change. */
  readonly refusals: readonly string[];
  /** Why the plan could not be executed. */
  readonly problems: readonly string[];
  /** A warning: something would be deleted, and nothing in this run approves it. */
  readonly objection: string | undefined;
}

/** Plans, asks whether the plan could be carried out, and writes the report; in that order, so that a refused plan is reported too. */
export async function preparePrune(
  cluster: PruneCluster,
  surveys: Surveys,
  request: PreparePruneRequest,
  options: PrepareOptions,
): Promise<PreparedPrune> {
  const { args, baseFolder } = request;
  if (args.planReport !== undefined) await requireReportPlace(args.planReport, baseFolder);
  const { approvals, shown, objection } = approvalOf(cluster, request);
  const planningRequest = { args, approvals, takenAt: shown?.takenAt };
  const planning = await makePlan(cluster, surveys, planningRequest, options).catch((error: unknown) =>
    namingEveryRight(error, cluster, args, options),
  );
  const isReport = args.mode === "report";
  const isDue = !isReport && hasWork(totalsOf(planning.plan));
  const readiness: Readiness = isDue
    ? await checkReadiness(cluster, planning.survey, args, options)
    : { registry: undefined, problems: [] };
  const { streams } = planning.survey.snapshot;
  const problems = [...(await checkNames(cluster, args.policy, streams, options)), ...readiness.problems];
  await writePlanReport(cluster.identity, request, planning, { ...readiness, problems });
  const input = inputOf(planning, readiness, isReport, args);
  return {
    planning,
    input: shown?.input.fingerprint === input.fingerprint ? shown.input : input,
    isReport,
    refusals: isReport ? [] : planning.objections.map((each) => describeObjection(each, args)),
    problems,
    objection: objection === undefined ? undefined : objected(planning, objection),
  };
}

/** When a list is refused, names all missing rights at once. */
async function namingEveryRight(
  error: unknown,
  { objects, permissions }: PruneCluster,
  args: PruneArgs,
  { signal }: RequestOptions,
): Promise<never> {
  if (!hasCode(error, "API_FORBIDDEN")) throw error;
  const lists = await listRights(objects, surveyRequest(args), { signal });
  const rights = args.mode === "report" ? lists : [...lists, ...requiredRights(args.policy)];
  await requireRights(permissions, rights, { signal });
  throw error;
}

function approvalOf(
  { identity }: PruneCluster,
  { args, handed, baseFolder }: PreparePruneRequest,
): RunApproval {
  const { approvedPlan, approvedFingerprint } = args;
  return runApproval({
    handed,
    cluster: identity,
    how: howPruned(args),
    approvedPlan:
      approvedPlan === undefined ? undefined : loadApprovedPlan(approvedPlan, baseFolder, identity),
    hasApprovedFingerprint: approvedFingerprint !== undefined,
  });
}

/** Undefined when there is nothing to object to. */
function objected({ full, plan }: Planning, objection: string): string | undefined {
  const { revisions, images } = notApproved(full, plan);
  if (revisions + images === 0) return undefined;
  return `${countOf(images, "image")} and ${countOf(revisions, "revision")} would go, but ${objection} The plan has the fingerprint ${fingerprintOf(contentOf(full))} [PRUNE_NOT_PREVIEWED]`;
}

function inputOf(
  planning: Planning,
  { registry }: Readiness,
  isReport: boolean,
  { approvedFingerprint }: PruneArgs,
): PrunePlan {
  const { plan, full, survey, objections } = planning;
  const warnings = [
    ...(isReport ? objections.map(({ message }) => message) : []),
    ...reportWarnings(plan, survey, notApproved(full, plan)),
    ...fingerprintWarnings(full, approvedFingerprint),
  ];
  return previewPlan({ plan, snapshot: survey.snapshot, coverage: survey.coverage, registry, warnings });
}

function fingerprintWarnings(full: Planning["full"], approved: string | undefined): readonly string[] {
  const found = fingerprintOf(contentOf(full));
  if (approved === undefined || approved === found) return [];
  return [
    `approvedFingerprint approves another plan: this one has the fingerprint ${found}. Nothing of it is pruned.`,
  ];
}

function describeObjection({ name, message }: Objection, { planReport }: PruneArgs): string {
  const where = planReport === undefined ? "" : ` The plan is in ${planReport}.`;
  if (name.startsWith("limits.")) return `${name}: ${message}${where} [PRUNE_LIMIT]`;
  return `force: ${message}, so nothing is pruned; force: ["${name}"] passes over it.${where} [PRUNE_REFUSED]`;
}
