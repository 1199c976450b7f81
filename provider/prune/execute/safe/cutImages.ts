import { restoredTag } from "../../../okd/repairLines.js";
import { streamName } from "../../../okd/streamName.js";
import type { StreamFacts, TagItem } from "../../../usage/streamFacts.js";
import type { SafePolicy } from "../../args/policy.js";
import { cutKey } from "../../plan/approval.js";
import { explainKept } from "../../plan/explainKept.js";
import { listedIn } from "../../plan/imageContent.js";
import { withDescendants } from "../../plan/imageGraph.js";
import { gatherFacts } from "../../plan/safe/facts.js";
import { namedByItem } from "../../plan/safe/protection.js";
import type { ClusterSnapshot } from "../../snapshot.js";
import type { CutItem } from "../cutItem.js";
import type { BrokenImage } from "../outcome.js";
import type { Look } from "./recheck.js";

/** What was cut, came into use and could not be put back, without a survey to tell more; each once for a stream. */
export function cutImagesUnseen(missed: readonly CutItem[]): readonly BrokenImage[] {
  return missed.map(({ before: { namespace, name }, tag, cut: { digest } }) => {
    const unknown = { users: [], servedBy: undefined, pullSpec: undefined };
    return { kind: "cut", digest, stream: { namespace, name }, tag, ...unknown };
  });
}

/** The same after a survey, which tells who uses it, and what else serves it. */
export function cutImages(
  missed: readonly CutItem[],
  look: Look,
  policy: SafePolicy,
): readonly BrokenImage[] {
  if (missed.length === 0) return [];
  const { now } = look;
  const needOf = needsIn(look, policy);
  const images = new Map(now.images.map((image) => [image.digest, image]));
  const found = new Map<string, BrokenImage>();
  for (const item of missed) {
    const { namespace, name } = item.before;
    const { digest, pullSpec } = item.cut;
    const there = now.streams.find((stream) => streamName(stream) === streamName(item.before));
    const served = withDescendants(there === undefined ? [] : listedIn([there]), images);
    const users = needOf(item, served);
    if (users === undefined) continue;
    found.set(`${streamName(item.before)} ${digest}`, {
      kind: "cut",
      digest,
      stream: { namespace, name },
      tag: freeTag(there, item.tag, digest),
      users,
      ...(images.has(digest)
        ? { servedBy: otherStream(now, item.before, digest), pullSpec }
        : { servedBy: undefined, pullSpec: undefined }),
    });
  }
  return [...found.values()];
}

type Needs = (item: CutItem, served: ReadonlySet<string>) => readonly string[] | undefined;

/**
 * Who needs a missing item, when only `served` can be pulled from its stream. The rules keep more: an index for a child that
 * another index serves too, and a digest everywhere in case an item's own pull spec names a mirror.
 */
function needsIn({ now, withoutThisRun, approval }: Look, policy: SafePolicy): Needs {
  const snapshot = withoutOwnSpecs(withoutThisRun);
  const { usage, graph, mirrors } = gatherFacts(snapshot, policy);
  const used = [...usage.usersOfDigest.keys()].flatMap((each) => [each, ...(graph.byConfig.get(each) ?? [])]);
  const named = withoutOwnSpecs(now).streams.flatMap((stream) =>
    stream.tags.flatMap(({ items }) => items.flatMap((item) => namedByItem(item, stream, mirrors).digests)),
  );
  const needed = withDescendants([...used, ...named], graph.images);
  const kept = new Map(
    explainKept(snapshot, policy, approval).revisions.map((item) => [cutKey(item, item.tag, item), item]),
  );
  return ({ key, cut }, served) => {
    const why = kept.get(key);
    const isUnserved = (digest: string) => needed.has(digest) && !served.has(digest);
    switch (why?.reason) {
      case "digest-in-use":
        return [...withDescendants([cut.digest], graph.images)].some(isUnserved) ? why.users : undefined;
      case "tag-in-use":
      case "invalid-reference":
        return why.users;
      default:
        return undefined;
    }
  };
}

function withoutOwnSpecs(snapshot: ClusterSnapshot): ClusterSnapshot {
  const withoutOwn = (stream: StreamFacts, item: TagItem): TagItem =>
    item.pullSpec.endsWith(`/${streamName(stream)}@${item.digest}`) ? { ...item, pullSpec: "" } : item;
  const streams = snapshot.streams.map((stream) => ({
    ...stream,
    tags: stream.tags.map(({ tag, items }) => ({
      tag,
      items: items.map((item) => withoutOwn(stream, item)),
    })),
  }));
  return { ...snapshot, streams };
}

/** Its own tag if that is still free, because tagging it there would otherwise change what the tag means. */
function freeTag(stream: StreamFacts | undefined, tag: string, digest: string): string {
  const isTaken = stream?.tags.some((each) => each.tag === tag && each.items.length > 0) === true;
  return isTaken ? restoredTag(digest) : tag;
}

/** Only a digest in a history can be tagged from there, not a child of an index. */
function otherStream(
  { streams }: ClusterSnapshot,
  own: StreamFacts,
  digest: string,
): BrokenImage["stream"] | undefined {
  const other = streams.find(
    (stream) =>
      streamName(stream) !== streamName(own) &&
      stream.tags.some(({ items }) => items.some((item) => item.digest === digest)),
  );
  return other === undefined ? undefined : { namespace: other.namespace, name: other.name };
}
