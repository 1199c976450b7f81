import type { ImageStream, StreamKey, TagItem } from "./snapshot.js";

/** What an approver has seen: only these may go. Keys are those of `cutKey`; images are digests. */
export interface Approval {
  readonly cuts: ReadonlySet<string>;
  readonly images: ReadonlySet<string>;
}

/** Which items of a stream may go; all of them without an approval. */
export function approvedItems(
  stream: ImageStream,
  approval: Approval | undefined,
): (tag: string, item: TagItem) => boolean {
  return (tag, item) => approval?.cuts.has(cutKey(stream, tag, item)) ?? true;
}

/** Which Images may go; all of them without an approval. */
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
