import { streamName } from "../../okd/streamName.js";
import type { StreamFacts } from "../../usage/streamFacts.js";
import type { ClusterSnapshot, Image } from "../snapshot.js";
import { cutKey } from "./approval.js";
import type {
  CutReason,
  ImageDeletion,
  PruneDecision,
  RevisionCut,
  StreamTrim,
  TagTrim,
} from "./decision.js";

/** One item of a tag's history that is cut, and what its approver must know about it. */
export interface PlannedItem {
  /** `cutKey`: what an approval names. */
  readonly key: string;
  readonly namespace: string;
  readonly stream: string;
  readonly tag: string;
  /** Position in the history as it was, 0 for the newest. */
  readonly revision: number;
  /** It is what the tag points to. */
  readonly isCurrent: boolean;
  /** Its tag vanishes with it, because nothing else is left of the tag's history. */
  readonly vanishes: boolean;
  readonly digest: string;
  /** ISO 8601; undefined when the item does not say. */
  readonly createdAt: string | undefined;
  readonly reason: CutReason;
  /**
   * Bytes that are freed by the Images counted here: its own, and those deleted with its index. 0 where the Image is kept or
   * counted under a newer item, so that all items together never exceed the plan's total.
   */
  readonly bytes: number;
  /** This plan deletes its Image too, so the cluster keeps no other copy. */
  readonly lastCopy: boolean;
  /** Where the same tag, or that very digest, can be imported from again; undefined for images that were pushed. */
  readonly importableFrom: string | undefined;
}

/** Every item that the plan cuts, in the plan's order. */
export function itemFacts(
  plan: PruneDecision,
  { images, streams }: Pick<ClusterSnapshot, "images" | "streams">,
): readonly PlannedItem[] {
  const imageByDigest = new Map(images.map((image) => [image.digest, image]));
  const streamByKey = new Map(streams.map((stream) => [streamName(stream), stream]));
  const cuts = plannedCuts(plan);
  const deletions = plannedDeletions(plan);
  const owners = imageOwners(cuts, deletions, imageByDigest);
  const doomed = new Set(deletions.map(({ digest }) => digest));
  const bytes = new Map<PlannedCut, number>();
  for (const deletion of deletions) {
    const owner = owners.get(deletion.digest);
    if (owner !== undefined) bytes.set(owner, (bytes.get(owner) ?? 0) + deletion.bytes);
  }
  return cuts.map((planned) => {
    const { stream, tag, cut } = planned;
    return {
      key: cutKey(stream, tag.tag, cut),
      namespace: stream.namespace,
      stream: stream.name,
      tag: tag.tag,
      revision: cut.revision,
      isCurrent: cut.revision === 0,
      vanishes: tag.vanishes,
      digest: cut.digest,
      createdAt: isoInstant(cut.createdAt),
      reason: cut.reason,
      bytes: bytes.get(planned) ?? 0,
      lastCopy: doomed.has(cut.digest),
      importableFrom: importSource(
        planned,
        imageByDigest.get(cut.digest),
        streamByKey.get(streamName(stream)),
      ),
    };
  });
}

/** ISO 8601; undefined for the infinitely old, which do not say. */
export function isoInstant(instant: number): string | undefined {
  return Number.isFinite(instant) ? new Date(instant).toISOString() : undefined;
}

/** The pull spec of an imported item names the digest itself; the tag's source may meanwhile name a newer one. */
function importSource(
  { tag, cut }: PlannedCut,
  image: Image | undefined,
  stream: StreamFacts | undefined,
): string | undefined {
  if (image?.managed === true) return undefined;
  if (image !== undefined && cut.pullSpec.endsWith(`@${cut.digest}`)) return cut.pullSpec;
  const source = stream?.specTags.find(({ name }) => name === tag.tag)?.from;
  return source?.kind === "DockerImage" ? source.name : undefined;
}

/** A cut item, with the tag and the stream that lose it. */
export interface PlannedCut {
  readonly stream: StreamTrim;
  readonly tag: TagTrim;
  readonly cut: RevisionCut;
}

/** In the plan's order: by stream, by tag, newest first. */
export function plannedCuts({ streams }: PruneDecision): readonly PlannedCut[] {
  return streams.flatMap((stream) =>
    stream.tags.flatMap((tag) => tag.cuts.map((cut) => ({ stream, tag, cut }))),
  );
}

export function plannedDeletions({ images }: PruneDecision): readonly ImageDeletion[] {
  return images.kind === "planned" ? images.deletions : [];
}

/**
 * The cut under which a deleted Image is counted, so that bytes by stream add up to the total: its own newest cut or, for an
 * Image that is deleted with its index, the newest cut of the index. Images that no cut names have no entry.
 */
export function imageOwners(
  cuts: readonly PlannedCut[],
  deletions: readonly ImageDeletion[],
  images: ReadonlyMap<string, Image>,
): ReadonlyMap<string, PlannedCut> {
  const doomed = new Set(deletions.map(({ digest }) => digest));
  const owners = new Map<string, PlannedCut>();
  const own = (digest: string, owner: PlannedCut) => {
    if (doomed.has(digest) && !owners.has(digest)) owners.set(digest, owner);
  };
  for (const owner of cuts.toSorted(newestFirst)) own(owner.cut.digest, owner);
  // A loop over a map also reaches what is added meanwhile: indexes within indexes.
  for (const [digest, owner] of owners) {
    for (const child of images.get(digest)?.manifests ?? []) own(child, owner);
  }
  return owners;
}

function newestFirst({ cut: a }: PlannedCut, { cut: b }: PlannedCut): number {
  // Two infinitely old items are equal; their difference is not a number.
  return a.createdAt === b.createdAt ? 0 : b.createdAt - a.createdAt;
}
