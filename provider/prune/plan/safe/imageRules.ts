import { listedIn, saysAll } from "../imageContent.js";
import { withDescendants } from "../imageGraph.js";
import { externalImage, usedByStream, youngImage } from "../rules/common.js";
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

/** Those by which somebody may yet pull an Image that no stream lists; the others only say that a policy spares it. */
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
 * An old Image that was pushed or tagged again lately is listed by an item that is young as well: `youngReturn` keeps that
 * one, and so the Image.
 */
function youngUnreferenced({ unreferencedSince }: SafeFacts): ImageRule {
  return (image) => (image.createdAt > unreferencedSince ? "young-unreferenced" : undefined);
}

/** It may be pulled by its digest from a repository that a reference which nobody can read may mean. */
function coveredImage({ invalidScope }: SafeFacts): ImageRule {
  return ({ repository }) => (invalidScope.covers(repository) ? "invalid-reference" : undefined);
}

/**
 * A policy for some streams takes only Images that a cut item listed, or whose repository is one of those streams: so a
 * run that was interrupted can be finished. What items list that stay has been kept before.
 */
function unselectedImage({ snapshot, graph, selection }: SafeFacts): ImageRule {
  const reached = withDescendants(listedIn(snapshot.streams), graph.images);
  return ({ digest, repository }) =>
    reached.has(digest) || selection.repository(repository) ? undefined : "not-selected";
}

/** What it needs could not go with it, and nobody would know any more that there is something left. */
const unknownContent: ImageRule = (image) => (saysAll(image) ? undefined : "unknown-content");
