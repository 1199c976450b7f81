import type { DesiredRepository } from "../../args/desiredRepository.js";
import { areCertainlyAllowed } from "../../plan/allowedSources.js";
import { planLookups } from "../../plan/lookups.js";
import { withSelected } from "../../plan/repository/expand.js";
import { noLastRun } from "../../plan/tag/standing.js";
import type { Cluster } from "../../ports.js";
import { rehearseWrite } from "../rehearsal.js";
import type { ResolveStreamRequest } from "../resolution.js";

/**
 * Why the cluster forbids the repository's registry, before it is contacted: a list by an administrator would contact it
 * (facts/importing.md 22). Asked by a dry run of the stream with one tag of the repository, unless it is certainly allowed.
 */
export async function forbiddenRegistry(
  cluster: Cluster,
  request: ResolveStreamRequest,
  repository: DesiredRepository,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (areCertainlyAllowed(await cluster.rules.allowedRegistries({ signal }), [repository])) return [];
  const { observed, last = noLastRun } = request;
  const latest = { name: "latest", source: "latest" };
  const desired = withSelected({ ...request.desired, tags: [], adopt: true }, [latest]);
  const plan = planLookups(desired, observed, last, false);
  const rehearsal = await rehearseWrite(cluster, { ...request, desired }, plan, signal);
  if (rehearsal.kind !== "failed") return [];
  return rehearsal.reasons
    .filter((reason) => reason.includes("[IMPORT_REGISTRY_NOT_ALLOWED]"))
    .map((reason) => `repository: ${reason}`);
}
