import type { StreamKey } from "../../okd/streamName.js";
import { byText } from "../../support/text/spelling.js";
import type { ImageDeletion } from "../plan/decision.js";
import { isoInstant, type PlannedCut } from "../plan/items.js";
import type { Image } from "../snapshot.js";
import { noStream, type PlannedImage, type Share } from "./model.js";

export function plannedImages(
  cuts: readonly PlannedCut[],
  deletions: readonly ImageDeletion[],
  images: ReadonlyMap<string, Image>,
): readonly PlannedImage[] {
  const cutDigests = new Set(cuts.map(({ cut }) => cut.digest));
  return deletions.map(({ digest, reason, blobs, bytes }) => {
    const image = images.get(digest);
    return {
      digest,
      reason,
      repository: image?.repository ?? "",
      managed: image?.managed ?? false,
      createdAt: isoInstant(image?.createdAt ?? -Infinity),
      bytes,
      blobs: blobs.length,
      hasItem: cutDigests.has(digest),
    };
  });
}

/**
 * What is deleted, by the name that `nameOf` gives a stream, biggest first. Images without a cut count where they were pushed
 * to; the repository of an imported one names a path at its source and not a stream.
 */
export function sharesBy(
  nameOf: (stream: StreamKey) => string,
  cuts: readonly PlannedCut[],
  images: readonly PlannedImage[],
  owners: ReadonlyMap<string, PlannedCut>,
): readonly Share[] {
  const byName = new Map<string, Share>();
  const add = (name: string, more: Omit<Share, "name">) => {
    const { revisions, images: count, bytes } = byName.get(name) ?? { revisions: 0, images: 0, bytes: 0 };
    byName.set(name, {
      name,
      revisions: revisions + more.revisions,
      images: count + more.images,
      bytes: bytes + more.bytes,
    });
  };
  for (const { stream } of cuts) add(nameOf(stream), { revisions: 1, images: 0, bytes: 0 });
  for (const image of images) {
    const stream = owners.get(image.digest)?.stream ?? pushedTo(image);
    add(stream === undefined ? noStream : nameOf(stream), { revisions: 0, images: 1, bytes: image.bytes });
  }
  return [...byName.values()].sort(
    (a, b) => b.bytes - a.bytes || b.revisions - a.revisions || byText(a.name, b.name),
  );
}

function pushedTo({ managed, repository }: PlannedImage): StreamKey | undefined {
  const [namespace = "", ...name] = repository.split("/");
  return managed && name.length > 0 ? { namespace, name: name.join("/") } : undefined;
}
