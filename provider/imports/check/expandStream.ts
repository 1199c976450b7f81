import type { PlacedStream } from "../args/desiredStream.js";
import { repositoryQuestion } from "../plan/repository/question.js";
import type { Cluster } from "../ports.js";
import { expandRepository, type ExpandRequest, type Expansion } from "./repository/expand.js";
import { fromHandOver, toHandOver } from "./repository/handOver.js";
import type { ResolveWatch } from "./resolution.js";

/** Carries what a preview has listed to the update of the same run. */
export interface ListedTags {
  readonly leave: (value: object) => Promise<void>;
  /** Undefined where the preview has left nothing, or there was none. */
  readonly find: () => Promise<unknown>;
}

/** What a stream with a repository needs beside the request of every stream. */
export interface WithRepository {
  readonly listedTags: ListedTags;
  /** Notes the tags of the stream, all of them; answers a reason for each that another resource declares too. */
  readonly note: (desired: PlacedStream) => readonly string[];
}

/** The stream with the tags of its repository: in `up` those that the preview has shown. */
export async function expandStream(
  cluster: Cluster,
  request: Omit<ExpandRequest, "handed">,
  { listedTags, note }: WithRepository,
  watch: ResolveWatch,
): Promise<Expansion> {
  const { desired, isPreview } = request;
  const asks = isAsking(request);
  const handed = asks && !isPreview ? fromHandOver(await listedTags.find(), desired) : undefined;
  const expansion = await expandRepository(cluster, { ...request, handed }, watch);
  if (expansion.kind !== "expanded" || desired.repository === undefined) return expansion;
  const rivals = note(expansion.desired);
  if (rivals.length > 0) return { kind: "failed", reasons: rivals };
  if (asks && isPreview) await listedTags.leave(toHandOver(expansion.desired));
  return expansion;
}

function isAsking({ desired, last, triggersChanged }: Omit<ExpandRequest, "handed">): boolean {
  if (desired.repository === undefined) return false;
  return repositoryQuestion(desired, last, triggersChanged) !== "recorded";
}
