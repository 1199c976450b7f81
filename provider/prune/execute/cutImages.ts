import type { Approval } from "../plan/approval.js";
import { cutKey } from "../plan/approval.js";
import { explainKept } from "../plan/explainKept.js";
import type { ItemKeepReason } from "../plan/plan.js";
import type { SafePolicy } from "../plan/policy.js";
import type { ClusterSnapshot, ImageStream, TagItem } from "../plan/snapshot.js";
import { streamName } from "../plan/streamName.js";
import type { CutItem } from "./cutItem.js";
import type { Look } from "./look.js";
import type { BrokenImage } from "./pruneOutcome.js";

const usedReasons: ReadonlySet<ItemKeepReason> = new Set([
  "tag-in-use",
  "digest-in-use",
  "invalid-reference",
]);

/** What was cut, came into use and could not be put back, as far as anybody could look; each once for a stream. */
export function cutImagesUnseen(missed: readonly CutItem[]): readonly BrokenImage[] {
  return missed.map(({ before: { namespace, name }, tag, cut: { digest } }) => {
    const unknown = { users: [], servedBy: undefined, pullSpec: undefined };
    return { kind: "cut", digest, stream: { namespace, name }, tag, ...unknown };
  });
}

/** The same after a look, which tells who uses it, and what else serves it. */
export function cutImages(
  missed: readonly CutItem[],
  look: Look,
  policy: SafePolicy,
): readonly BrokenImage[] {
  if (missed.length === 0) return [];
  const { now, withoutThisRun, approval } = look;
  const users = usersByItem(withoutThisRun, policy, approval);
  const images = new Set(now.images.map(({ digest }) => digest));
  const found = new Map<string, BrokenImage>();
  for (const { before, tag, cut, key } of missed) {
    const usedBy = users.get(key);
    if (usedBy === undefined) continue;
    const { namespace, name } = before;
    const { digest } = cut;
    const there = now.streams.find((stream) => streamName(stream) === streamName(before));
    found.set(`${streamName(before)} ${digest}`, {
      kind: "cut",
      digest,
      stream: { namespace, name },
      tag: freeTag(there, tag, digest),
      users: usedBy,
      ...(images.has(digest)
        ? { servedBy: otherStream(now, before, digest), pullSpec: cut.pullSpec }
        : { servedBy: undefined, pullSpec: undefined }),
    });
  }
  return [...found.values()];
}

/**
 * Who uses items that stay, by the names that approvals give them. An item whose pull spec names its own stream keeps its
 * digest everywhere, in case that is a mirror; but its users are not sent anywhere else.
 */
function usersByItem(
  snapshot: ClusterSnapshot,
  policy: SafePolicy,
  approval: Approval,
): ReadonlyMap<string, readonly string[]> {
  const streams = snapshot.streams.map((stream) => ({
    ...stream,
    tags: stream.tags.map(({ tag, items }) => ({
      tag,
      items: items.map((item) => withoutOwnSpec(stream, item)),
    })),
  }));
  const { items } = explainKept({ ...snapshot, streams }, policy, approval);
  return new Map(
    items
      .filter(({ reason }) => usedReasons.has(reason))
      .map((item) => [cutKey(item, item.tag, item), item.users]),
  );
}

function withoutOwnSpec(stream: ImageStream, item: TagItem): TagItem {
  return item.pullSpec.endsWith(`/${streamName(stream)}@${item.digest}`) ? { ...item, pullSpec: "" } : item;
}

/** Its own tag while nothing has taken that; to tag it there else would change what the tag means. */
function freeTag(stream: ImageStream | undefined, tag: string, digest: string): string {
  const isTaken = stream?.tags.some((each) => each.tag === tag && each.items.length > 0) === true;
  return isTaken ? `restored-${digest.slice("sha256:".length, "sha256:".length + 12)}` : tag;
}

/** Only what stands in a history can be tagged from there, not what is below an index. */
function otherStream(
  { streams }: ClusterSnapshot,
  own: ImageStream,
  digest: string,
): BrokenImage["stream"] | undefined {
  const other = streams.find(
    (stream) =>
      streamName(stream) !== streamName(own) &&
      stream.tags.some(({ items }) => items.some((item) => item.digest === digest)),
  );
  return other === undefined ? undefined : { namespace: other.namespace, name: other.name };
}
