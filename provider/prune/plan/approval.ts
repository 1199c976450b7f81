import { createHash } from "node:crypto";
import type { StreamKey } from "../../okd/streamName.js";
import type { StreamFacts, TagItem } from "../../usage/streamFacts.js";
import type { PruneDecision } from "./decision.js";
import { totalsOf } from "./totals.js";

/** What an approver has seen: only this may be deleted. Keys are those of `cutKey`; images are digests. */
export interface Approval {
  readonly cuts: ReadonlySet<string>;
  readonly images: ReadonlySet<string>;
}

/** Which items of a stream may be cut; all of them without an approval. */
export function approvedItems(
  stream: StreamFacts,
  approval: Approval | undefined,
): (tag: string, item: TagItem) => boolean {
  return (tag, item) => approval?.cuts.has(cutKey(stream, tag, item)) ?? true;
}

/** Which Images may be deleted; all of them without an approval. */
export function approvedImages(approval: Approval | undefined): (digest: string) => boolean {
  return (digest) => approval?.images.has(digest) ?? true;
}

/** Names one item of a history whatever its position, which changes with every push. */
export function cutKey(
  { namespace, name }: StreamKey,
  tag: string,
  { digest, createdAt }: Pick<TagItem, "digest" | "createdAt">,
): string {
  const created = Number.isFinite(createdAt) ? new Date(createdAt).toISOString() : "unknown";
  return `${namespace}/${name}:${tag} ${digest} ${created}`;
}

/** Everything that a plan would delete, as an approval of it would name it. */
export function contentOf({ streams, images }: Pick<PruneDecision, "streams" | "images">): Approval {
  return {
    cuts: new Set(
      streams.flatMap((stream) =>
        stream.tags.flatMap(({ tag, cuts }) => cuts.map((cut) => cutKey(stream, tag, cut))),
      ),
    ),
    images: new Set(images.kind === "planned" ? images.deletions.map(({ digest }) => digest) : []),
  };
}

/**
 * `sha256:<hex>` over all that is deleted, whatever the order. Neither the cutoff nor positions in histories are part of it, so
 * that it stays the same as long as the same things would be deleted.
 */
export function fingerprintOf({ cuts, images }: Approval): string {
  const hash = createHash("sha256");
  for (const key of [...cuts].sort()) hash.update(`item ${key}\n`);
  for (const digest of [...images].sort()) hash.update(`image ${digest}\n`);
  return `sha256:${hash.digest("hex")}`;
}

/** What all of the given approvals list; undefined when there is none, which approves everything. */
export function commonApproval(approvals: readonly Approval[]): Approval | undefined {
  const [first, ...others] = approvals;
  if (first === undefined) return undefined;
  return {
    cuts: new Set([...first.cuts].filter((key) => others.every(({ cuts }) => cuts.has(key)))),
    images: new Set([...first.images].filter((digest) => others.every(({ images }) => images.has(digest)))),
  };
}

export const approvesNothing: Approval = { cuts: new Set(), images: new Set() };

/** How much of what would be deleted is kept because nobody has approved it. */
export function notApproved(
  full: PruneDecision,
  approved: PruneDecision,
): { readonly revisions: number; readonly images: number } {
  const [all, some] = [totalsOf(full), totalsOf(approved)];
  return { revisions: all.revisions - some.revisions, images: all.images - some.images };
}
