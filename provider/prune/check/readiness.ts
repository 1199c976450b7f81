import type { RequestOptions } from "../../okd/requestOptions.js";
import { isImageError } from "../../support/imageError.js";
import type { PruneArgs } from "../args/parsed.js";
import type { ClusterSurvey } from "../clusterSurvey.js";
import type { PruneCluster } from "../ports.js";
import { requiredRights, requireRights } from "./preflight.js";

/** Whether a prune could be carried out now, by this user. */
export interface Readiness {
  /** The registry's address and state, for people; undefined where `pruneRegistry` is false. */
  readonly registry: string | undefined;
  /** Why it could not be carried out; empty when it could. */
  readonly problems: readonly string[];
}

/** Asks for rights and for the registry's state, and changes nothing. */
export async function checkReadiness(
  cluster: PruneCluster,
  { registry: hints }: ClusterSurvey,
  { policy, registry: address }: PruneArgs,
  { signal }: RequestOptions,
): Promise<Readiness> {
  const problems: string[] = [];
  const attempt = async (step: () => Promise<void>): Promise<boolean> => {
    try {
      await step();
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!isImageError(error)) throw error;
      problems.push(error.message);
      return false;
    }
  };
  await attempt(() => requireRights(cluster.permissions, requiredRights(policy), { signal }));
  if (!policy.pruneRegistry) return { registry: undefined, problems };
  let found = "not reached";
  const isWritable = await attempt(async () => {
    const registry = await cluster.openRegistry(hints, address, { signal });
    found = `${registry.server} (${registry.origin})`;
    await registry.preflight({ signal });
  });
  const unread = address.url === undefined ? hints.unread.map((why) => `; ${why}`).join("") : "";
  return { registry: `${found}, ${isWritable ? "writable" : "cannot be pruned"}${unread}`, problems };
}
