import { hasKnownContent, visitContent } from "./imageContent.js";
import type { ImageDeletion, ImageKeepReason, ImageStage } from "./plan.js";
import { firstAnswer } from "./rules.js";
import type { ClusterSnapshot, Image } from "./snapshot.js";
import type { Planning } from "./streamTrim.js";
import type { Tally } from "./tally.js";

/**
 * Which Images go once the streams list only `listed`, and which blobs go with them (prune.md 1.4). What `approves` vetoes
 * stays, blobs included.
 */
export function planImageStage(
  snapshot: Pick<ClusterSnapshot, "images" | "layerBytes">,
  listed: ReadonlySet<string>,
  planning: Planning,
  tally: Tally<ImageKeepReason>,
  approves: (digest: string) => boolean = () => true,
): ImageStage {
  if (!planning.rules.prunesImages) return { kind: "skipped" };
  const unreadable = snapshot.images.filter((image) => !hasKnownContent(image));
  if (unreadable.length > 0) {
    return { kind: "blocked", unreadable: unreadable.map((image) => image.digest).sort() };
  }
  const doomed = judgeImages(snapshot.images, listed, planning, tally)
    .filter((image) => approves(image.digest))
    .sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const freedWith = planning.rules.prunesRegistry ? freedBlobs(doomed, snapshot) : () => nothingFreed;
  const children = new Set(doomed.flatMap((image) => image.manifests));
  const deletions = doomed.map((image): ImageDeletion => {
    const reason = children.has(image.digest) ? "child-of-removed-index" : "unreferenced-image";
    return { digest: image.digest, reason, ...freedWith(image) };
  });
  return { kind: "planned", deletions };
}

/** The Images that no rule keeps. */
function judgeImages(
  images: readonly Image[],
  listed: ReadonlySet<string>,
  { images: byDigest, rules }: Planning,
  tally: Tally<ImageKeepReason>,
): readonly Image[] {
  const below = belowAnchors(images, byDigest, (image) => firstAnswer(rules.anchorRules, image, listed));
  return images.filter((image) => {
    const reason =
      firstAnswer(rules.anchorRules, image, listed) ??
      (below.has(image.digest) ? "child-of-kept-index" : undefined) ??
      firstAnswer(rules.imageRules, image, listed);
    if (reason !== undefined) tally.add(reason, 1);
    return reason === undefined;
  });
}

/**
 * Everything that anchored indexes reach. `oc` looks one level deep in the random order of a map, so that a nested index
 * may or may not protect its children; what any of its runs keeps is kept here (prune.md 1.9).
 */
function belowAnchors(
  images: readonly Image[],
  byDigest: ReadonlyMap<string, Image>,
  anchor: (image: Image) => ImageKeepReason | undefined,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const pending = images.filter((image) => image.manifests.length > 0 && anchor(image) !== undefined);
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    for (const digest of index.manifests) {
      if (reached.has(digest)) continue;
      reached.add(digest);
      const child = byDigest.get(digest);
      if (child !== undefined) pending.push(child);
    }
  }
  return reached;
}

type FreedBlobs = Pick<ImageDeletion, "blobs" | "manifestBlob" | "bytes">;

const nothingFreed: FreedBlobs = { blobs: [], manifestBlob: false, bytes: 0 };

/**
 * A blob goes with the last of the doomed Images that need it, and only if no other Image does: so a run that ends early
 * leaves blobs that it can find again, and hardly ever an Image without its blobs.
 */
function freedBlobs(
  doomed: readonly Image[],
  { images, layerBytes }: Pick<ClusterSnapshot, "images" | "layerBytes">,
): (image: Image) => FreedBlobs {
  const lastUser = new Map<string, string>();
  const doomedDigests = new Set<string>();
  for (const image of doomed) {
    doomedDigests.add(image.digest);
    lastUser.set(image.digest, image.digest);
    visitContent(image, (blob) => lastUser.set(blob, image.digest));
  }
  const keep = (blob: string) => lastUser.delete(blob);
  for (const image of images) {
    if (doomedDigests.has(image.digest)) continue;
    keep(image.digest);
    visitContent(image, keep);
  }
  return (image) => {
    const blobs = new Set<string>();
    visitContent(image, (blob) => {
      if (blob !== image.digest && lastUser.get(blob) === image.digest) blobs.add(blob);
    });
    return {
      blobs: [...blobs],
      manifestBlob: lastUser.get(image.digest) === image.digest,
      bytes: [...blobs].reduce((sum, blob) => sum + (layerBytes.get(blob) ?? 0), 0),
    };
  };
}
