import { streamName } from "../../../okd/streamName.js";
import { memoized } from "../../../support/async/memoized.js";
import { addTo } from "../../../support/collections.js";
import type { Mirrors } from "../../../usage/mirrors.js";
import { describeReferrer, type Referrer } from "../../../usage/referrer.js";
import { tagKey } from "../../../usage/safe/index.js";
import type { StreamFacts } from "../../../usage/streamFacts.js";
import { subjectOf } from "../imageContent.js";
import { configDigestOf, type ImageGraph, relatedTo } from "../imageGraph.js";
import type { Protectors, TagRevision } from "../rules/set.js";
import type { SafeFacts } from "./facts.js";
import { namedByItem } from "./protection.js";

/** The objects that keep something, and the streams whose kept items name it. */
export function safeProtectors(facts: SafeFacts, staying: Iterable<TagRevision>): Protectors {
  const { usage, graph, invalidScope, mirrors } = facts;
  const streamsNaming = streamsNamingIn(staying, mirrors);
  const namesOf = memoized((digest) => namesThatReach(digest, graph));
  const referrersOf = memoized((digest) => new Set(namesOf(digest).flatMap((name) => named(name, facts))));
  const usersOfTag = (key: string) => [
    ...described(usage.usersOfTag.get(key)),
    ...streamsNaming([key], undefined),
  ];
  return {
    ofItem({ stream, tag, item }, reason) {
      switch (reason) {
        case "tag-in-use":
          return usersOfTag(tagKey(stream.namespace, stream.name, tag));
        case "digest-in-use":
          return [...referrersOf(item.digest), ...streamsNaming(namesOf(item.digest), stream)];
        case "follows-subject":
          return [`image/${subjectOf(tag) ?? ""}`];
        case "invalid-reference":
          return invalidScope.usersOf(streamName(stream));
        default:
          return [];
      }
    },
    ofImage({ digest, repository }, reason) {
      switch (reason) {
        case "digest-in-use":
          return [...referrersOf(digest), ...streamsNaming(namesOf(digest), undefined)];
        case "invalid-reference":
          return invalidScope.usersOf(repository);
        default:
          return [];
      }
    },
  };
}

/** An item whose pull spec names a digest or a tag; its own digest keeps nothing in its own stream. */
interface Naming {
  readonly stream: StreamFacts;
  readonly isOwnDigest: boolean;
}

/** The streams that name one of the digests or tags, for people. */
function streamsNamingIn(
  staying: Iterable<TagRevision>,
  mirrors: Mirrors,
): (names: readonly string[], except: StreamFacts | undefined) => readonly string[] {
  const namings = namingsIn(staying, mirrors);
  return (names, except) =>
    names
      .flatMap((name) => namings.get(name) ?? [])
      .filter(({ stream, isOwnDigest }) => !isOwnDigest || stream !== except)
      .map(({ stream }) => `imagestream/${stream.name} namespace=${stream.namespace}`);
}

function namingsIn(staying: Iterable<TagRevision>, mirrors: Mirrors): ReadonlyMap<string, readonly Naming[]> {
  const namings = new Map<string, Naming[]>();
  for (const { stream, item } of staying) {
    const { digests, tags } = namedByItem(item, stream, mirrors);
    for (const digest of digests) {
      addTo(namings, digest, { stream, isOwnDigest: digest === item.digest });
    }
    for (const tag of tags) addTo(namings, tag, { stream, isOwnDigest: false });
  }
  return namings;
}

/** The digests of manifests and configs whose use is a use of this one. */
function namesThatReach(digest: string, graph: ImageGraph): readonly string[] {
  return [...relatedTo(digest, graph)].flatMap((related) => {
    const image = graph.images.get(related);
    const config = image === undefined ? undefined : configDigestOf(image);
    return config === undefined ? [related] : [related, config];
  });
}

function named(digest: string, { usage, policy }: SafeFacts): readonly string[] {
  const byPolicy = policy.keep.digests.includes(digest) ? ["keep.digests"] : [];
  return [...described(usage.usersOfDigest.get(digest)), ...byPolicy];
}

function described(referrers: readonly Referrer[] = []): readonly string[] {
  return referrers.map(describeReferrer);
}
