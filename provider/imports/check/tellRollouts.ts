import type { RequestOptions } from "../../okd/requestOptions.js";
import { own } from "../../support/collections.js";
import type { PlacedStream } from "../args/desiredStream.js";
import type { ResolvedTag } from "../outputs.js";
import type { LookupPlan } from "../plan/lookups.js";
import { movedTags } from "../plan/rollout/movedTags.js";
import { rolledOut, withRollouts } from "../plan/rollout/rolledOut.js";
import type { ObservedStream } from "../plan/tag/standing.js";
import type { Cluster } from "../ports.js";

interface RolloutRequest {
  readonly desired: PlacedStream;
  readonly observed: ObservedStream;
  readonly known: LookupPlan["known"];
  readonly resolved: Readonly<Record<string, ResolvedTag>>;
}

/**
 * What the tags resolve to, with what that rolls out. Asks nothing where no tag will serve another digest, nor for a stream
 * that is not there yet, on which hardly anything waits.
 */
export async function tellRollouts(
  { rollouts }: Pick<Cluster, "rollouts">,
  { desired, observed, known, resolved }: RolloutRequest,
  options: RequestOptions,
): Promise<Readonly<Record<string, ResolvedTag>>> {
  const { stream } = observed;
  const moved = stream === undefined ? [] : movedTags(resolved, known, stream);
  if (moved.length === 0) return resolved;
  const byTag = rolledOut(desired, await rollouts.find(desired, options));
  const told = moved.map((name) => [name, withRollouts(own(resolved, name), byTag.get(name))] as const);
  return {
    ...resolved,
    ...Object.fromEntries(told.flatMap(([name, tag]) => (tag === undefined ? [] : [[name, tag]]))),
  };
}
