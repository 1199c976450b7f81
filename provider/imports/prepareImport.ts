import { type DesiredStream, placed } from "./desiredStream.js";
import { checkUse } from "./loadStreamUse.js";
import { plannedRemoval } from "./plannedRemoval.js";
import type { Cluster } from "./ports.js";
import { type Resolution, type ResolveRequest, resolveStream, type ResolveWatch } from "./resolveStream.js";
import type { StreamSnapshots } from "./streamSnapshots.js";

export interface PrepareRequest extends Omit<ResolveRequest, "stream"> {
  /** As the last run declared it; undefined for a new resource. */
  readonly before: DesiredStream | undefined;
}

/**
 * What `check` answers: the digests that the tags have or will have, or why `up` must not happen. Asks who uses what
 * `up` would take away even where a tag cannot be resolved, so that all is said at once. Changes nothing.
 */
export async function prepareImport(
  cluster: Cluster,
  snapshots: StreamSnapshots,
  request: PrepareRequest,
  watch: ResolveWatch,
): Promise<Resolution> {
  const stream = await snapshots.get(cluster, request.desired, watch);
  const resolution = await resolveStream(cluster, { ...request, stream }, watch);
  const refusals = await checkRemoval(cluster, snapshots, request, watch);
  if (resolution.kind === "failed") return { ...resolution, reasons: [...resolution.reasons, ...refusals] };
  return refusals.length > 0 ? { kind: "failed", reasons: refusals } : resolution;
}

async function checkRemoval(
  cluster: Cluster,
  snapshots: StreamSnapshots,
  { desired, before: declared, claimant, isPreview }: PrepareRequest,
  watch: ResolveWatch,
): Promise<readonly string[]> {
  if (declared?.namespace === undefined) return [];
  const before = placed(declared);
  const stream = await snapshots.get(cluster, before, watch);
  const removal = plannedRemoval({ desired, before, stream, claimant });
  const info = isPreview ? watch.info : () => undefined;
  return await checkUse(cluster, removal, { ...watch, info });
}
