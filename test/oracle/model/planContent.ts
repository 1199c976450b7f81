import { cutKey } from "../../../provider/prune/plan/approval.js";
import type { ImageDeletion, PruneDecision } from "../../../provider/prune/plan/decision.js";

/** Keys of all items that the plan cuts, as an approval holds them. */
export function cutKeysIn({ streams }: PruneDecision): readonly string[] {
  return streams.flatMap((trim) =>
    trim.tags.flatMap(({ tag, cuts }) => cuts.map((cut) => cutKey(trim, tag, cut))),
  );
}

export function deletionsOfImagesIn({ images }: PruneDecision): readonly ImageDeletion[] {
  return images.kind === "planned" ? images.deletions : [];
}

/** Blobs that are deleted with an Image: layers, config, manifest. */
export function blobsOf({ digest, blobs, manifestBlob }: ImageDeletion): readonly string[] {
  return manifestBlob ? [...blobs, digest] : blobs;
}

/** Everything that a plan would delete, as texts; nothing when there is no plan. */
export function deletionsIn(plan: PruneDecision | undefined): readonly string[] {
  if (plan === undefined) return [];
  const links = plan.streams.flatMap(({ namespace, name, layerLinks, manifestLinks }) => [
    ...layerLinks.map((digest) => `layer link ${namespace}/${name} ${digest}`),
    ...manifestLinks.map((digest) => `manifest link ${namespace}/${name} ${digest}`),
  ]);
  const deletions = deletionsOfImagesIn(plan);
  return [
    ...cutKeysIn(plan).map((key) => `item ${key}`),
    ...links,
    ...deletions.map(({ digest }) => `image ${digest}`),
    ...deletions.flatMap(blobsOf).map((blob) => `blob ${blob}`),
  ];
}

/** What only the first plan deletes. */
export function addedBy(
  plan: PruneDecision | undefined,
  allowed: PruneDecision | undefined,
): readonly string[] {
  const known = new Set(deletionsIn(allowed));
  return deletionsIn(plan).filter((deletion) => !known.has(deletion));
}
