import { externalImage, usedByStream, youngImage } from "./commonRules.js";
import { withDescendants } from "./imageGraph.js";
import type { ImageRule } from "./rules.js";
import type { SafeFacts } from "./safeFacts.js";

/** Rules for Images, in order; each keeps what is below the Image too. */
export function safeImageRules(facts: SafeFacts): readonly ImageRule[] {
  const { policy, cutoffAt, selection } = facts;
  return [
    usedByStream,
    usedImage(facts),
    youngImage(cutoffAt),
    youngUnreferenced(facts),
    ...(policy.allImages ? [] : [externalImage]),
    coveredImage(facts),
    ...(selection.isRestricted ? [unselectedImage(facts)] : []),
  ];
}

function usedImage({ protection }: SafeFacts): ImageRule {
  return (image) => (protection.uses(image.digest) ? "digest-in-use" : undefined);
}

/** A stream may have listed an old Image only lately; items that this plan cuts count too (safety.md 1.10). */
function youngUnreferenced({ snapshot, policy, graph }: SafeFacts): ImageRule {
  const since = snapshot.takenAt - policy.keepUnreferencedYoungerThanSeconds * 1000;
  const recent = snapshot.streams.flatMap(({ tags }) =>
    tags.flatMap(({ items }) => items.filter((item) => item.createdAt > since).map((item) => item.digest)),
  );
  const recentlyListed = withDescendants(recent, graph.images);
  return (image) =>
    image.createdAt > since || recentlyListed.has(image.digest) ? "young-unreferenced" : undefined;
}

/** It may be pulled by its digest from a repository that a reference which nobody can read may mean. */
function coveredImage({ invalidScope }: SafeFacts): ImageRule {
  return ({ repository }) => (invalidScope.covers(repository) ? "invalid-reference" : undefined);
}

/**
 * A policy for some streams takes only Images that these list, or whose repository is one of them: so a run that was
 * interrupted can be finished.
 */
function unselectedImage({ snapshot, graph, selection }: SafeFacts): ImageRule {
  const listed = snapshot.streams
    .filter((stream) => selection.stream(stream))
    .flatMap(({ tags }) =>
      tags.flatMap(({ tag, items }) => (selection.tag(tag) ? items.map((item) => item.digest) : [])),
    );
  const reached = withDescendants(listed, graph.images);
  return ({ digest, repository }) =>
    reached.has(digest) || selection.repository(repository) ? undefined : "not-selected";
}
