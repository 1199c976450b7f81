import type { RequestOptions } from "../../okd/requestOptions.js";
import type { PlacedStream } from "../args/desiredStream.js";
import type { ResolvedTags } from "../outputs.js";
import type { LookupPlan } from "../plan/lookups.js";
import { movedTags } from "../plan/rollout/movedTags.js";
import { rolledOut, withoutRollouts, withRollouts } from "../plan/rollout/rolledOut.js";
import type { ObservedStream } from "../plan/tag/standing.js";
import type { Cluster } from "../ports.js";

interface RolloutRequest {
  readonly desired: PlacedStream;
  readonly observed: ObservedStream;
  readonly known: LookupPlan["known"];
  readonly resolved: ResolvedTags;
}

/**
 * What the tags resolve to, with what that rolls out. Asks nothing where no tag will serve another digest, nor for a stream
 * that is not there yet, on which hardly anything waits.
 */
export async function tellRollouts(
  { rollouts }: Pick<Cluster, "rollouts">,
  { desired, observed, known, resolved }: RolloutRequest,
  options: RequestOptions,
): Promise<ResolvedTags> {
  const { stream } = observed;
  const moved = stream === undefined ? [] : movedTags(resolved, known, stream);
  const before = withoutRollouts(resolved);
  if (moved.length === 0) return before;
  const byTag = rolledOut(desired, await rollouts.find(desired, options));
  return withRollouts(before, moved, byTag);
}
