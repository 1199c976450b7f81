import { mapConcurrently } from "../../support/concurrency.js";
import { visitContent } from "../plan/imageContent.js";
import type { ContentFinder, FreshSnapshots } from "./ports.js";
import type { PruneFailure } from "./pruneFailure.js";
import type { BrokenImage } from "./pruneOutcome.js";
import type { ClusterSnapshot, Image, ImageStream, StreamKey } from "../plan/snapshot.js";

export interface Verification {
  readonly broken: readonly BrokenImage[];
  readonly failures: readonly PruneFailure[];
}

export interface VerificationRun {
  readonly snapshots: FreshSnapshots;
  readonly content: ContentFinder;
  readonly workers: number;
  readonly signal: AbortSignal;
}

/**
 * Asks the registry for the deleted blobs of Images that streams list. The plan spares those of every Image that stays,
 * so such an Image was pushed, tagged or imported while its blobs were deleted (safety.md 3.2).
 */
export async function executeVerification(
  touchedBlobs: ReadonlySet<string>,
  last: ClusterSnapshot,
  { snapshots, content, workers, signal }: VerificationRun,
): Promise<Verification> {
  if (touchedBlobs.size === 0 || signal.aborted) return { broken: [], failures: [] };
  let snapshot: ClusterSnapshot;
  try {
    snapshot = await snapshots.refresh(last, { signal });
  } catch (cause) {
    return { broken: [], failures: [{ kind: "look", before: "verification", cause }] };
  }
  const verdicts = await mapConcurrently(suspects(snapshot, touchedBlobs), workers, async (suspect) => {
    try {
      return { broken: await missingFrom(suspect, content, signal), failures: [] };
    } catch (cause) {
      const failure: PruneFailure = { kind: "verification", image: suspect.digest, cause };
      return { broken: [], failures: [failure] };
    }
  });
  return {
    broken: verdicts.flatMap(({ broken }) => broken),
    failures: verdicts.flatMap(({ failures }) => failures),
  };
}

/** A listed Image and those of the blobs that it needs. */
interface Suspect extends BrokenImage {
  /** Its object was deleted, so the registry serves it no more (okd-live.md 7.1). */
  readonly isGone: boolean;
}

function suspects(snapshot: ClusterSnapshot, touchedBlobs: ReadonlySet<string>): readonly Suspect[] {
  const images = new Map(snapshot.images.map((image) => [image.digest, image]));
  return [...streamsByDigest(snapshot.streams, images)].flatMap(([digest, stream]): readonly Suspect[] => {
    const needed = new Set([digest]);
    const image = images.get(digest);
    if (image !== undefined) visitContent(image, (blob) => needed.add(blob));
    const blobs = [...needed].filter((blob) => touchedBlobs.has(blob));
    return blobs.length === 0 ? [] : [{ digest, stream, blobs, isGone: image === undefined }];
  });
}

/** A stream for each digest that can be pulled from one: it lists the digest, or an index above it. */
function streamsByDigest(
  streams: readonly ImageStream[],
  images: ReadonlyMap<string, Image>,
): ReadonlyMap<string, StreamKey> {
  const found = new Map<string, StreamKey>();
  const pending = streams.flatMap(({ namespace, name, tags }) =>
    tags.flatMap(({ items }) => items.map(({ digest }) => ({ digest, stream: { namespace, name } }))),
  );
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { digest, stream } = next;
    if (found.has(digest)) continue;
    found.set(digest, stream);
    for (const child of images.get(digest)?.manifests ?? []) pending.push({ digest: child, stream });
  }
  return found;
}

async function missingFrom(
  { digest, stream, blobs, isGone }: Suspect,
  content: ContentFinder,
  signal: AbortSignal,
): Promise<readonly BrokenImage[]> {
  if (isGone) return [{ digest, stream, blobs }];
  const missing: string[] = [];
  for (const blob of blobs) {
    const isThere =
      blob === digest
        ? (await content.readManifest(stream, digest, { signal })) !== undefined
        : await content.hasBlob(stream, blob, { signal });
    if (!isThere) missing.push(blob);
  }
  return missing.length === 0 ? [] : [{ digest, stream, blobs: missing }];
}
