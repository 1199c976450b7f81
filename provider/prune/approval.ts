import type { StreamKey, TagItem } from "./snapshot.js";

/** What an approver has seen: only these may go. Keys are those of `cutKey`; images are digests. */
export interface Approval {
  readonly cuts: ReadonlySet<string>;
  readonly images: ReadonlySet<string>;
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
