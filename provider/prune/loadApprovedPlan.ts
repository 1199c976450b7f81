import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ClusterIdentity } from "../support/clusterIdentity.js";
import { ImageError } from "../support/imageError.js";
import type { Approval } from "./plan/approval.js";
import { approvedPlanIssues, parseApprovedPlan } from "./report/approvedPlan.js";

/**
 * The plan report that the argument `approvedPlan` names.
 * @throws ImageError PRUNE_NOT_APPROVED when it cannot be read or is for another cluster
 */
export async function loadApprovedPlan(
  path: string,
  baseFolder: string,
  cluster: ClusterIdentity,
): Promise<Approval> {
  const refuse = (problem: string, cause?: unknown) =>
    new ImageError("PRUNE_NOT_APPROVED", `approvedPlan: ${path} ${problem}. Nothing was planned`, { cause });
  let text: string;
  try {
    text = await readFile(resolve(baseFolder, path), "utf8");
  } catch (cause) {
    throw refuse("cannot be read", cause);
  }
  const parsed = parseApprovedPlan(text);
  const issues = parsed.ok ? approvedPlanIssues(parsed.args, cluster) : parsed.issues;
  const [issue] = issues;
  if (issue !== undefined || !parsed.ok) throw refuse(issue?.message ?? "cannot be read");
  return parsed.args;
}
