import { resolve } from "node:path";
import type { ClusterIdentity } from "../support/clusterIdentity.js";
import { readTextFile } from "../support/filePlace.js";
import { ImageError } from "../support/imageError.js";
import type { Approval } from "./plan/approval.js";
import { approvedPlanIssues, parseApprovedPlan } from "./report/approvedPlan.js";

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
