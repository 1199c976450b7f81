import { streamName } from "../../../okd/streamName.js";
import { tagKey } from "../../../usage/safe/index.js";
import type { StreamFacts, TagItem } from "../../../usage/streamFacts.js";
import type { Image } from "../../snapshot.js";
import { knownSubjectOf } from "../imageContent.js";
import { withAncestors } from "../imageGraph.js";
import { youngItem, youngStream } from "../rules/age.js";
import { danglingItem, keptRevision, unreadableMetadata, withinLimit } from "../rules/ofBothSets.js";
import type { ItemRule, RuleSet, StreamRule } from "../rules/set.js";
import type { SafeFacts } from "./facts.js";

/** Rules for streams and their items, in order. */
export function safeItemRules(facts: SafeFacts): Pick<RuleSet, "streamRules" | "itemRules" | "cutReason"> {
  const { snapshot, policy, cutoffAt, graph, unknown } = facts;
  const { retention } = policy;
  return {
    streamRules: [
      keptStream(facts),
      youngStream(cutoffAt),
      coveredStream(facts),
      missingImages(graph.images),
      unreadableMetadata(
        withAncestors(
          unknown.map(({ digest }) => digest),
          graph,
        ),
      ),
    ],
    itemRules: [
      keptTag(facts),
      referenceItem,
      youngItem(cutoffAt),
      youngReturn(facts),
      ...(policy.allImages ? [] : [externalItem]),
      tagInUse(facts),
      digestInUse(facts),
      currentDangling,
      followsSubject(facts),
      importableTag(snapshot.streams),
      danglingItem,
      retention.kind === "revisions"
        ? keptRevision(retention.keepTagRevisions)
        : withinLimit(snapshot.imageLimits),
    ],
    cutReason: retention.kind === "revisions" ? "obsolete-revision" : "over-limit",
  };
}

function keptStream({ keptByName }: SafeFacts): StreamRule {
  return (stream) => (keptByName.stream(stream) ? "kept-by-policy" : undefined);
}

/** An unreadable reference may mean any image of the stream. */
function coveredStream({ invalidScope }: SafeFacts): StreamRule {
  return (stream) => (invalidScope.covers(streamName(stream)) ? "invalid-reference" : undefined);
}

/** Something is wrong with the list more likely than with every Image of a stream. */
function missingImages(images: ReadonlyMap<string, Image>): StreamRule {
  return (stream) => (hasNoImages(stream, images) ? "all-images-missing" : undefined);
}

/** Whether the stream has items with images, and all those images are missing. */
export function hasNoImages({ tags }: StreamFacts, images: ReadonlyMap<string, Image>): boolean {
  const digests = tags.flatMap(({ items }) => items.flatMap((item) => item.digest || []));
  return digests.length > 0 && !digests.some((digest) => images.has(digest));
}

function keptTag({ keptByName }: SafeFacts): ItemRule {
  return ({ tag }) => (keptByName.tag(tag) ? { kind: "keep", reason: "kept-by-policy" } : undefined);
}

/** The item is the only trace of when its Image has come back (facts/image-streams.md 7). */
function youngReturn({ unreferencedSince }: SafeFacts): ItemRule {
  return ({ item, image }) =>
    image !== undefined && item.createdAt > unreferencedSince && isReturn(item, image)
      ? { kind: "keep", reason: "young-revision" }
      : undefined;
}

const referenceItem: ItemRule = ({ item }) =>
  item.digest === "" ? { kind: "keep", reason: "reference-tag" } : undefined;

const externalItem: ItemRule = ({ image }) =>
  image?.managed === false ? { kind: "keep", reason: "external-image" } : undefined;

/** A tag names its newest image, so it protects no older one (facts/pruning.md 14). */
function tagInUse({ usage, protection }: SafeFacts): ItemRule {
  return ({ stream, tag, revision }) => {
    if (revision > 0) return undefined;
    const key = tagKey(stream.namespace, stream.name, tag);
    return usage.usersOfTag.has(key) || protection.usesTag(key)
      ? { kind: "keep", reason: "tag-in-use" }
      : undefined;
  };
}

/** The registry serves a digest under a stream's name only while that stream lists it (facts/registries.md 1). */
function digestInUse({ protection }: SafeFacts): ItemRule {
  return ({ stream, item }) =>
    protection.usesIn(stream, item.digest) ? { kind: "keep", reason: "digest-in-use" } : undefined;
}

/** Without it the tag would point to an older image. */
const currentDangling: ItemRule = ({ revision, image }) =>
  revision === 0 && image === undefined ? { kind: "keep", reason: "current-dangling" } : undefined;

/** Signatures and the like, if their subject is known. */
function followsSubject({ graph, protection }: SafeFacts): ItemRule {
  return ({ tag }) => {
    const subject = knownSubjectOf(tag, graph.images);
    if (subject === undefined) return undefined;
    return protection.staysImage(subject)
      ? { kind: "keep", reason: "follows-subject" }
      : { kind: "cut", reason: "subject-gone" };
  };
}

/** A tag without items is imported anew, maybe as another image (facts/image-streams.md 5). */
function importableTag(streams: readonly StreamFacts[]): ItemRule {
  const importable = new Set(
    streams.flatMap(({ namespace, name, specTags }) =>
      specTags
        .filter(({ from, isReference }) => from?.kind === "DockerImage" && !isReference)
        .map((specTag) => tagKey(namespace, name, specTag.name)),
    ),
  );
  return ({ stream, tag, revision }) =>
    revision === 0 && importable.has(tagKey(stream.namespace, stream.name, tag))
      ? { kind: "keep", reason: "importable-tag" }
      : undefined;
}

/** Milliseconds between the creation of an Image and of its first item; far more than a push needs. */
const pushTolerance = 30_000;

/** Whether the item lists an older Image, pushed or tagged again: that does not change an Image's creation time. */
function isReturn(item: Pick<TagItem, "createdAt">, image: Pick<Image, "createdAt">): boolean {
  return item.createdAt > image.createdAt + pushTolerance;
}
