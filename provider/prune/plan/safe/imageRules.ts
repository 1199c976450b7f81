import { listedIn, saysAll } from "../imageContent.js";
import { withDescendants } from "../imageGraph.js";
import { youngImage } from "../rules/age.js";
import { externalImage, usedByStream } from "../rules/ofBothSets.js";
import type { ImageRule } from "../rules/set.js";
import type { SafeFacts } from "./facts.js";

/** Rules for Images, in order; each keeps what is below the Image too. */
export function safeImageRules(facts: SafeFacts): readonly ImageRule[] {
  const { policy, selection } = facts;
  return [
    usedByStream,
    ...neededRules(facts),
    ...(policy.allImages ? [] : [externalImage]),
    ...(selection.isRestricted ? [unselectedImage(facts)] : []),
    unknownContent,
  ];
}

/** Rules that keep an Image which somebody may still pull although no stream lists it; the others express a policy's choice. */
export function neededRules(facts: SafeFacts): readonly ImageRule[] {
  return [
    usedImage(facts),
    keptRepository(facts),
    youngImage(facts.cutoffAt),
    youngUnreferenced(facts),
    coveredImage(facts),
  ];
}

function usedImage({ protection }: SafeFacts): ImageRule {
  return (image) => (protection.uses(image.digest) ? "digest-in-use" : undefined);
}

function keptRepository({ keptByName }: SafeFacts): ImageRule {
  return ({ repository }) => (keptByName.repository(repository) ? "kept-by-policy" : undefined);
}

/**
 * An old Image that was lately pushed or tagged again has a young item: `youngReturn` keeps the item, and so the Image.
 */
function youngUnreferenced({ unreferencedSince }: SafeFacts): ImageRule {
  return (image) => (image.createdAt > unreferencedSince ? "young-unreferenced" : undefined);
}

/** Somebody may pull it by digest from a repository that an unreadable reference may mean. */
function coveredImage({ invalidScope }: SafeFacts): ImageRule {
  return ({ repository }) => (invalidScope.covers(repository) ? "invalid-reference" : undefined);
}

/**
 * A policy for some streams deletes only Images that a cut item listed, or whose repository is one of those streams, so that
 * the next run can finish an interrupted one. Earlier rules have kept the Images of kept items.
 */
function unselectedImage({ snapshot, graph, selection }: SafeFacts): ImageRule {
  const reached = withDescendants(listedIn(snapshot.streams), graph.images);
  return ({ digest, repository }) =>
    reached.has(digest) || selection.repository(repository) ? undefined : "not-selected";
}

/** Its blobs could not be deleted with it, and without it nobody would find them any more. */
const unknownContent: ImageRule = (image) => (saysAll(image) ? undefined : "unknown-content");
