import { byText } from "../../support/text/spelling.js";
import type { ClusterSnapshot, Image } from "../snapshot.js";
import type { ImageDeletion, ImageKeepReason, ImageStage } from "./decision.js";
import { visitContent } from "./imageContent.js";
import { withDescendants } from "./imageGraph.js";
import { firstReason } from "./rules/set.js";
import type { PreparedRules } from "./streamTrim.js";
import type { Tally } from "./totals.js";

/**
 * Which Images are deleted once the streams list only `listed`, and which blobs with them (facts/pruning.md 19, 20). Keeps
 * what `approves` vetoes, blobs included.
 */
export function planImageStage(
  snapshot: Pick<ClusterSnapshot, "images" | "layerBytes">,
  listed: ReadonlySet<string>,
  planning: PreparedRules,
  tally: Tally<ImageKeepReason>,
  approves: (digest: string) => boolean = () => true,
): ImageStage {
  if (!planning.rules.prunesImages) return { kind: "skipped" };
  const { blockers } = planning.rules;
  if (blockers.size > 0) return { kind: "blocked", unreadable: [...blockers].sort() };
  const judged = judgeImages(snapshot.images, listed, planning, approves);
  for (const { reason } of judged) if (reason !== undefined) tally.add(reason, 1);
  const doomed = judged
    .flatMap(({ image, reason }) => (reason === undefined ? [image] : []))
    .sort((a, b) => byText(a.digest, b.digest));
  const freedWith = planning.rules.prunesRegistry ? freedBlobs(doomed, snapshot) : () => nothingFreed;
  const children = new Set(doomed.flatMap((image) => image.manifests));
  const deletions = doomed.map((image): ImageDeletion => {
    const reason = children.has(image.digest) ? "child-of-removed-index" : "unreferenced-image";
    return { digest: image.digest, reason, ...freedWith(image) };
  });
  return { kind: "planned", deletions };
}

export interface JudgedImage {
  readonly image: Image;
  /** Undefined when it is deleted. */
  readonly reason: ImageKeepReason | undefined;
}

/**
 * The verdict of the rules about every Image. An index that is kept because it was not approved keeps what is below it; so
 * does one that a stream lists.
 */
export function judgeImages(
  images: readonly Image[],
  listed: ReadonlySet<string>,
  { images: byDigest, rules }: PreparedRules,
  approves: (digest: string) => boolean = () => true,
): readonly JudgedImage[] {
  const anchored = images.map((image) => firstReason(rules.anchorRules, image, listed));
  const alone = images.map((image) => firstReason(rules.imageRules, image, listed));
  const isAnchor = (image: Image, position: number) =>
    anchored[position] !== undefined || (alone[position] === undefined && !approves(image.digest));
  const below = belowAnchors(images.filter(isAnchor), byDigest);
  return images.map((image, position) => ({
    image,
    reason:
      anchored[position] ??
      (below.has(image.digest) ? "child-of-kept-index" : undefined) ??
      alone[position] ??
      (approves(image.digest) ? undefined : "not-approved"),
  }));
}

/**
 * Everything that anchored indexes reach. `oc` looks one level deep in the random order of a map, so that a nested index
 * may or may not protect its children; what any of its runs keeps is kept here (facts/pruning.md 24).
 */
function belowAnchors(anchors: readonly Image[], byDigest: ReadonlyMap<string, Image>): ReadonlySet<string> {
  return withDescendants(
    anchors.flatMap(({ manifests }) => manifests),
    byDigest,
  );
}

type FreedBlobs = Pick<ImageDeletion, "blobs" | "manifestBlob" | "bytes">;

const nothingFreed: FreedBlobs = { blobs: [], manifestBlob: false, bytes: 0 };

/**
 * A blob is deleted with the last doomed Image that needs it, and only if no other Image does: so a run that ends early
 * leaves blobs that the next run finds again, and hardly ever an Image without its blobs.
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
