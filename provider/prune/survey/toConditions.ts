import { listAt, textAt, valueAt } from "../../support/json.js";
import type { ClusterConditions, ImagePrunerState } from "../clusterSurvey.js";
import type { ImageLimit } from "../snapshot.js";

/** ClusterVersion `version`. */
export function versionState(clusterVersion: unknown): ClusterConditions["clusterVersion"] {
  return hasCondition(clusterVersion, "Progressing", "True") ? "progressing" : "steady";
}

/** ClusterOperator `image-registry`. */
export function operatorState(operator: unknown): ClusterConditions["registryOperator"] {
  const isDegraded =
    hasCondition(operator, "Degraded", "True") || hasCondition(operator, "Available", "False");
  return isDegraded ? "degraded" : "healthy";
}

/** ImagePruner `cluster` with its defaults, and the Jobs of its namespace (facts/pruning.md 33). */
export function prunerState(pruner: unknown, jobs: readonly unknown[]): ImagePrunerState {
  if (isSuspended(pruner)) return { kind: "suspended" };
  const spec = valueAt(pruner, "spec");
  const revisions = valueAt(spec, "keepTagRevisions");
  return {
    kind: "active",
    schedule: textAt(spec, "schedule") || "0 0 * * *",
    keepTagRevisions: typeof revisions === "number" ? revisions : 3,
    keepYoungerThan: keepYoungerThan(spec),
    isRunning: jobs.some((job) => isPrunerJob(job) && !isFinished(job)),
  };
}

export function isSuspended(pruner: unknown): boolean {
  return valueAt(pruner, "spec", "suspend") === true;
}

/** The older field holds nanoseconds; the newer one wins. */
function keepYoungerThan(spec: unknown): string {
  const duration = textAt(spec, "keepYoungerThanDuration");
  if (duration !== "") return duration;
  const nanoseconds = valueAt(spec, "keepYoungerThan");
  return typeof nanoseconds === "number" ? `${nanoseconds / 1e9}s` : "60m0s";
}

function isPrunerJob(job: unknown): boolean {
  return listAt(job, "metadata", "ownerReferences").some(
    (owner) => textAt(owner, "kind") === "CronJob" && textAt(owner, "name") === "image-pruner",
  );
}

function isFinished(job: unknown): boolean {
  return hasCondition(job, "Complete", "True") || hasCondition(job, "Failed", "True");
}

function hasCondition(object: unknown, type: string, status: string): boolean {
  return listAt(object, "status", "conditions").some(
    (condition) => textAt(condition, "type") === type && textAt(condition, "status") === status,
  );
}

/** The limits on the size of images in a LimitRange. */
export function toImageLimits(range: unknown): readonly ImageLimit[] {
  const namespace = textAt(range, "metadata", "namespace");
  return listAt(range, "spec", "limits")
    .filter((limit) => textAt(limit, "type") === "openshift.io/Image")
    .map((limit) => valueAt(limit, "max", "storage"))
    .filter((storage) => typeof storage === "string" || typeof storage === "number")
    .map((storage) => ({ namespace, maxStorage: String(storage) }));
}
