import type { StreamKey } from "../../../okd/streamName.js";
import { byText } from "../../../support/text/spelling.js";
import type { StreamFacts } from "../../../usage/streamFacts.js";
import type { Image } from "../../snapshot.js";
import type { UnknownContent } from "../decision.js";
import { listedIn } from "../imageContent.js";
import { withAncestors, withDescendants } from "../imageGraph.js";
import { firstReason } from "../rules/set.js";
import type { SafeFacts } from "./facts.js";
import { neededRules } from "./imageRules.js";

/**
 * What each Image blocks that does not say what it needs, by digest; to be called after the protection is settled.
 *
 * | the Image | holds up |
 * |---|---|
 * | a stream lists it, or an index that contains it | everything: the items and links of those streams, all Images, all blobs |
 * | a live reference, `keep`, its age, or an index that one of these keeps | everything: all Images, all blobs |
 * | none of that | itself, and what it does say |
 *
 * Everything, because nothing narrower can be proved: blobs are mounted from one repository into another, and the child of
 * an index may have been pushed or imported elsewhere before. Nothing, because an Image that no stream lists cannot be
 * pulled from the integrated registry, and an imported one that is pulled from its source needs nothing here.
 */
export function unknownContents(facts: SafeFacts): readonly UnknownContent[] {
  if (facts.unknown.length === 0) return [];
  const needed = neededDigests(facts);
  const listings = listingsOf(facts);
  return facts.unknown
    .map((image) => unknownContent(image, needed, listings(image.digest)))
    .sort((a, b) => byText(a.digest, b.digest));
}

function unknownContent(
  { digest, repository, unsaid }: Image,
  needed: ReadonlySet<string>,
  streams: readonly StreamKey[],
): UnknownContent {
  const holdsUp = needed.has(digest) ? "everything" : "itself";
  return {
    kind: "unknown-content",
    digest,
    unsaid: unsaid === "nothing" ? "kind" : unsaid,
    repository,
    streams,
    holdsUp,
  };
}

/** Digests that can be pulled or may still be needed, and what is below them. */
function neededDigests(facts: SafeFacts): ReadonlySet<string> {
  const { snapshot, graph } = facts;
  const rules = neededRules(facts);
  const listed = new Set<string>();
  const needed = snapshot.images.filter((image) => firstReason(rules, image, listed) !== undefined);
  return withDescendants(
    [...listedIn(snapshot.streams), ...needed.map(({ digest }) => digest)],
    graph.images,
  );
}

function listingsOf({ snapshot, graph, unknown }: SafeFacts): (digest: string) => readonly StreamKey[] {
  const sought = withAncestors(
    unknown.map(({ digest }) => digest),
    graph,
  );
  const listing = new Map<string, Set<StreamFacts>>();
  for (const stream of snapshot.streams) {
    for (const digest of listedIn([stream])) {
      if (!sought.has(digest)) continue;
      listing.set(digest, (listing.get(digest) ?? new Set()).add(stream));
    }
  }
  return (digest) => {
    const streams = [...withAncestors([digest], graph)].flatMap((each) => [...(listing.get(each) ?? [])]);
    return [...new Set(streams)]
      .map(({ namespace, name }) => ({ namespace, name }))
      .sort((a, b) => byText(a.namespace, b.namespace) || byText(a.name, b.name));
  };
}
