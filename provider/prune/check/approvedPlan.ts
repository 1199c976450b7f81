import { resolve } from "node:path";
import { type ClusterIdentity, describeCluster, isSameCluster } from "../../okd/clusterIdentity.js";
import type { ArgumentIssue, Parsed } from "../../support/arguments/parsed.js";
import { readTextFile } from "../../support/files/place.js";
import { ImageError } from "../../support/imageError.js";
import type { Approval } from "../plan/approval.js";
import { reportKind, reportSchemaVersion } from "../report/model.js";

/**
 * The plan report that the argument `approvedPlan` names.
 * @throws ImageError PRUNE_NOT_APPROVED when it cannot be read or is for another cluster
 */
export function loadApprovedPlan(path: string, baseFolder: string, cluster: ClusterIdentity): Approval {
  const refuse = (problem: string) =>
    new ImageError("PRUNE_NOT_APPROVED", `approvedPlan: ${path} ${problem}. Nothing was planned`);
  const file = readTextFile(resolve(baseFolder, path));
  if (!file.ok) throw refuse(`cannot be read: it ${file.why}`);
  const parsed = parseApprovedPlan(file.text);
  const issues = parsed.ok ? approvedPlanIssues(parsed.args, cluster) : parsed.issues;
  const [issue] = issues;
  if (issue !== undefined || !parsed.ok) throw refuse(issue?.message ?? "cannot be read");
  return parsed.args;
}

/** What a report approves, when somebody gives it as `approvedPlan`. */
export interface ApprovedPlan extends Approval {
  readonly fingerprint: string;
  /** Which cluster it was made for. */
  readonly cluster: ClusterIdentity;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads a report that `renderJson` wrote; rows that somebody has removed are not approved. */
export function parseApprovedPlan(text: string): Parsed<ApprovedPlan> {
  const report = parseJson(text);
  if (!isFields(report))
    return refused("is not a plan report: it is no JSON object. Give the .json file that planReport wrote");
  if (report.kind !== reportKind)
    return refused(
      `is not a plan report: kind is not "${reportKind}". Give the .json file that planReport wrote`,
    );
  if (report.schemaVersion !== reportSchemaVersion) {
    return refused(
      `is a plan report of another version (schemaVersion ${JSON.stringify(report.schemaVersion)}, read here: ${reportSchemaVersion}). Write it anew and approve that`,
    );
  }
  const cuts = textsOf(report.items, "key");
  const images = textsOf(report.images, "digest");
  const cluster = clusterOf(report.cluster);
  const { fingerprint } = report;
  if (cuts === undefined) return damaged("items");
  if (images === undefined) return damaged("images");
  if (cluster === undefined) return damaged("cluster");
  if (typeof fingerprint !== "string") return damaged("fingerprint");
  return { ok: true, args: { cuts: new Set(cuts), images: new Set(images), fingerprint, cluster } };
}

/** What speaks against applying an approved plan to this cluster. */
export function approvedPlanIssues(
  approved: ApprovedPlan,
  cluster: ClusterIdentity,
): readonly ArgumentIssue[] {
  if (isSameCluster(approved.cluster, cluster)) return [];
  const message = `was made for the cluster ${describeCluster(approved.cluster)}, but the connection names ${describeCluster(cluster)}. Give a report of that one`;
  return [issue(message)];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textsOf(rows: unknown, field: string): readonly string[] | undefined {
  if (!Array.isArray(rows)) return undefined;
  const texts = rows.map((row: unknown) => (isFields(row) ? row[field] : undefined));
  return texts.every((text) => typeof text === "string") ? texts : undefined;
}

function clusterOf(value: unknown): ClusterIdentity | undefined {
  if (!isFields(value)) return undefined;
  const { server, uid, ca } = value;
  if (typeof server !== "string" || !isOptionalText(uid) || !isOptionalText(ca)) return undefined;
  return { server, ...(uid === undefined ? {} : { uid }), ...(ca === undefined ? {} : { ca }) };
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function damaged(field: string): Parsed<ApprovedPlan> {
  return refused(
    `is a damaged plan report: "${field}" is missing or not what a report holds. Write it anew and approve that`,
  );
}

function refused(message: string): Parsed<ApprovedPlan> {
  return { ok: false, issues: [issue(message)] };
}

function issue(message: string): ArgumentIssue {
  return { path: ["approvedPlan"], message };
}
