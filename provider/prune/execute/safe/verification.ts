import { type StreamKey, streamName } from "../../../okd/streamName.js";
import { mapConcurrently } from "../../../support/async/concurrency.js";
import type { StreamFacts } from "../../../usage/streamFacts.js";
import { saysAll, visitContent } from "../../plan/imageContent.js";
import type { ClusterSnapshot, Image } from "../../snapshot.js";
import { isListed } from "../cutItem.js";
import type { PruneFailure } from "../failure.js";
import type { BrokenImage } from "../outcome.js";
import { cutImages, cutImagesUnseen } from "./cutImages.js";
import { type Look, lookAgain, lookFailures } from "./recheck.js";
import type { DeletedLinks, SafeRun } from "./streamBatches.js";

export interface Verification {
  readonly broken: readonly BrokenImage[];
  readonly failures: readonly PruneFailure[];
}

/** What this run has deleted in the registry. */
export interface TouchedContent {
  readonly blobs: ReadonlySet<string>;
  readonly links: readonly DeletedLinks[];
}

/** One survey to put back what is missing, and one to see that it is back. */
const looks = 2;

/**
 * Surveys the whole cluster once more, and puts back, or reports, what was cut and is in use now. Then asks the registry for
 * the deleted blobs of Images that streams list. The plan spares the blobs of every kept Image, so such an Image was pushed,
 * tagged or imported while its blobs were deleted.
 */
export async function executeVerification(touched: TouchedContent, run: SafeRun): Promise<Verification> {
  const { ledger, signal } = run;
  const isDue = touched.blobs.size > 0 || ledger.cutItems().length + ledger.restored().length > 0;
  if (!isDue || signal.aborted) return { broken: cutImagesUnseen(ledger.missed()), failures: [] };
  try {
    const look = await lookUntilRestored(run);
    const verdicts = await judge(suspects(look.now, touched, run), run);
    return {
      broken: [...cutImages(ledger.missed(), look, run.policy), ...verdicts.flatMap(({ broken }) => broken)],
      failures: [...untold(look.now, touched), ...verdicts.flatMap(({ failures }) => failures)],
    };
  } catch (cause) {
    const failures = lookFailures("verification", cause, signal);
    return { broken: cutImagesUnseen(ledger.missed()), failures };
  }
}

async function lookUntilRestored({ ports, ledger, restoration, ...run }: SafeRun): Promise<Look> {
  for (let left = looks; ; left -= 1) {
    const look = await lookAgain(ledger, { ...run, looks: ports.looks, isWhole: true });
    const restored = ledger.restored().length;
    await restoration.restore(ledger.missed(), run.signal);
    if (left === 1 || ledger.restored().length === restored) return look;
  }
}

/** A listed Image and its deleted parts. */
interface Suspect {
  readonly digest: string;
  readonly stream: StreamKey;
  readonly blobs: readonly string[];
  /** Its object was deleted, so the registry no longer serves it (facts/registries.md 1). */
  readonly isGone: boolean;
}

function suspects(
  { streams, images }: ClusterSnapshot,
  { blobs: touchedBlobs, links }: TouchedContent,
  { ledger }: SafeRun,
): readonly Suspect[] {
  const byDigest = new Map(images.map((image) => [image.digest, image]));
  const unlinked = new Map(links.map(({ stream, manifests }) => [streamName(stream), manifests]));
  const byName = new Map(streams.map((stream) => [streamName(stream), stream]));
  const restored = ledger.restored().flatMap((item): readonly Suspect[] => {
    const { namespace, name } = item.before;
    const { digest } = item.cut;
    const stream = byName.get(streamName(item.before));
    const isUnlinked = unlinked.get(streamName(item.before))?.has(digest) === true;
    if (!isUnlinked || stream === undefined || !isListed(item, stream)) return [];
    return [{ digest, stream: { namespace, name }, blobs: [digest], isGone: false }];
  });
  const listed = [...streamsByDigest(streams, byDigest)].flatMap(([digest, stream]): readonly Suspect[] => {
    const needed = new Set([digest]);
    const image = byDigest.get(digest);
    if (image === undefined && !ledger.isDeleted(digest)) return []; // somebody else's doing, and nothing new
    if (image !== undefined) visitContent(image, (blob) => needed.add(blob));
    const blobs = [...needed].filter((blob) => touchedBlobs.has(blob));
    return blobs.length === 0 ? [] : [{ digest, stream, blobs, isGone: image === undefined }];
  });
  return [...listed, ...restored];
}

/** Images that streams list, and that may share a deleted blob. */
function untold({ images, streams }: ClusterSnapshot, { blobs }: TouchedContent): readonly PruneFailure[] {
  const secretive = blobs.size === 0 ? [] : images.filter((image) => !saysAll(image));
  if (secretive.length === 0) return [];
  const listed = streamsByDigest(streams, new Map(images.map((image) => [image.digest, image])));
  const cause = new Error("it does not say what it needs, and the registry does not tell");
  return secretive
    .filter(({ digest }) => listed.has(digest))
    .map(({ digest }) => ({ kind: "verification", image: digest, cause }));
}

/** A stream for each digest that can be pulled from one: it lists the digest, or an index above it. */
function streamsByDigest(
  streams: readonly StreamFacts[],
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

async function judge(
  all: readonly Suspect[],
  { ports: { content }, workers, signal }: SafeRun,
): Promise<readonly Verification[]> {
  return await mapConcurrently(all, workers, async (suspect) => {
    const { digest, stream } = suspect;
    try {
      const blobs = suspect.isGone ? suspect.blobs : await missingFrom(suspect, content, signal);
      return {
        broken: blobs.length === 0 ? [] : [{ kind: "incomplete", digest, stream, blobs }],
        failures: [],
      };
    } catch (cause) {
      return { broken: [], failures: [{ kind: "verification", image: digest, cause }] };
    }
  });
}

async function missingFrom(
  { digest, stream, blobs }: Suspect,
  content: SafeRun["ports"]["content"],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const blob of blobs) {
    const isThere =
      blob === digest
        ? (await content.readManifest(stream, digest, { signal })) !== undefined
        : await content.hasBlob(stream, blob, { signal });
    if (!isThere) missing.push(blob);
  }
  return missing;
}
