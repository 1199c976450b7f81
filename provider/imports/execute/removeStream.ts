import { retryLostWrites } from "../../okd/conflicts.js";
import type { ImageStream } from "../../okd/imageStream.js";
import { streamName } from "../../okd/streamName.js";
import { ImageError } from "../../support/imageError.js";
import { destroyedTags, findClaim, readClaims, withClaims } from "../plan/claims.js";
import { destruction, type RemovalRequest } from "../plan/removal.js";
import { lookupAfter } from "../plan/streamWrite.js";
import { mergeKeys } from "../plan/tag/definition.js";
import { tagNames } from "../plan/tag/state.js";
import type { Cluster, ImageStreams } from "../ports.js";
import { unusedStream, type UnusedWatch } from "../use/check.js";

/** What a destroy has deleted, and what it has kept. */
export interface Removal {
  readonly tags: readonly string[];
  /** Tags of others that are kept; undefined when the stream was deleted. */
  readonly kept: readonly string[] | undefined;
}

/**
 * Removes what the claim owns, and the stream itself only if the claimant created it and nothing is left in it.
 * Removes nothing when the stream no longer carries the claim: a successor has taken over.
 * @throws ImageError STREAM_IN_USE before anything is removed; STREAM_CLAIMED, API_CONFLICT, ...
 */
export async function executeStreamRemoval(
  cluster: Cluster,
  request: RemovalRequest,
  watch: UnusedWatch,
): Promise<Removal> {
  const { key, recorded, onDestroy } = request;
  const { streams } = cluster;
  const { signal } = watch;
  const getStream = () => streams.getStream(key, { signal });
  const stream = await unusedStream(cluster, getStream, (live) => destruction(live, request), watch);
  if (stream === undefined) return { tags: [], kept: undefined };
  if (findClaim(stream, recorded.claim) === undefined) return { tags: [], kept: tagNames(stream) };
  if (onDestroy === "stream") return removeStream(streams, request, signal);

  const tags = destroyedTags(stream, recorded.claim, recorded.owned, onDestroy);
  const uid = stream.metadata.uid ?? "";
  for (const tag of tags) {
    signal.throwIfAborted();
    await streams.deleteTag(key, tag, { uid }, { signal });
  }
  const kept = await retryLostWrites(() => leaveStream(streams, request, signal), signal);
  return { tags, kept };
}

/** The last step, on a fresh read of the stream: deletes it if it is empty and ours, else only our annotations. */
async function leaveStream(
  streams: ImageStreams,
  { key, recorded, onDestroy }: RemovalRequest,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const stream = await streams.getStream(key, { signal });
  if (stream === undefined) return undefined;
  const claims = readClaims(stream);
  const mine = claims.find((claim) => claim.id === recorded.claim);
  if (mine === undefined) return tagNames(stream);
  const remaining = tagNames(stream);
  if (onDestroy !== "keep" && mine.created && claims.length === 1 && remaining.length === 0) {
    await streams.deleteStream(key, preconditions(stream), { signal });
    return undefined;
  }
  // The last claimant deletes a stream that one of the claimants created.
  const others = claims
    .filter((claim) => claim.id !== recorded.claim)
    .map((claim) => ({ ...claim, created: claim.created || mine.created }));
  const own = onDestroy === "keep" ? { labels: {}, annotations: {} } : recorded;
  const metadata = {
    ...stream.metadata,
    labels: mergeKeys(stream.metadata.labels, {}, own.labels),
    annotations: withClaims(mergeKeys(stream.metadata.annotations, {}, own.annotations), others),
  };
  const restored = onDestroy === "keep" ? undefined : recorded;
  const spec = { ...stream.spec, ...lookupAfter(stream.spec.lookupPolicy, undefined, restored) };
  await streams.replaceStream({ ...stream, metadata, spec }, { signal });
  return remaining;
}

async function removeStream(
  streams: ImageStreams,
  request: RemovalRequest,
  signal: AbortSignal,
): Promise<Removal> {
  const { key, recorded } = request;
  return retryLostWrites(async () => {
    const stream = await streams.getStream(key, { signal });
    if (stream === undefined) return { tags: [], kept: undefined };
    const other = readClaims(stream).find((claim) => claim.id !== recorded.claim);
    if (other !== undefined) {
      throw new ImageError(
        "STREAM_CLAIMED",
        `Image stream ${streamName(key)} was not deleted: its tags ${other.tags.join(", ")} belong to ${other.resource}. Destroy that resource first, or set onDestroy: "owned".`,
      );
    }
    await streams.deleteStream(key, preconditions(stream), { signal });
    return { tags: tagNames(stream), kept: undefined };
  }, signal);
}

function preconditions(stream: ImageStream): { readonly uid: string; readonly resourceVersion: string } {
  return { uid: stream.metadata.uid ?? "", resourceVersion: stream.metadata.resourceVersion ?? "" };
}
