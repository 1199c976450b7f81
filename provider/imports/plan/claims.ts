import type { ImageStream } from "../../okd/imageStream.js";
import { byText } from "../../support/text/spelling.js";
import { claimPrefix, type OnDestroy } from "../args/desiredStream.js";
import { tagNames } from "./tag/state.js";

/**
 * A claim is written afresh by every create and adopt, so that the delete of a predecessor on the same stream
 * (logical rename, --replace, taint) finds that the stream is no longer its own and removes nothing.
 */
export interface Claim {
  readonly id: string;
  /** URN of the resource, for people and for recognising a predecessor or an interrupted create of the same resource. */
  readonly resource: string;
  /** Sorted. */
  readonly tags: readonly string[];
  /** Whether this claimant, an earlier or another one created the stream, so that the last claimant may delete it. */
  readonly created: boolean;
}

/** Claims found on a stream, by ID. What is not readable as a claim counts as one on every tag: fail closed. */
export function readClaims(stream: ImageStream): readonly Claim[] {
  return Object.entries(stream.metadata.annotations ?? {})
    .filter(([key]) => key.startsWith(claimPrefix))
    .map(([key, value]) => parseClaim(key.slice(claimPrefix.length), value, stream))
    .sort((a, b) => byText(a.id, b.id));
}

export function findClaim(stream: ImageStream, id: string): Claim | undefined {
  return readClaims(stream).find((claim) => claim.id === id);
}

export function claimOfTag(claims: readonly Claim[], tag: string): Claim | undefined {
  return claims.find((claim) => claim.tags.includes(tag));
}

/**
 * Tags that the holder of the claim `id` may remove: those of the claim and those that its state lists, without what
 * another claim has taken over. None when the claim is gone.
 */
export function removableTags(stream: ImageStream, id: string, owned: readonly string[]): readonly string[] {
  const claims = readClaims(stream);
  const mine = claims.find((claim) => claim.id === id);
  if (mine === undefined) return [];
  const others = claims.filter((claim) => claim.id !== id);
  const tags = new Set([...mine.tags, ...owned]);
  return [...tags].filter((tag) => claimOfTag(others, tag) === undefined).sort();
}

/** Tags that are deleted when the holder of the claim `id` is destroyed. */
export function destroyedTags(
  stream: ImageStream,
  id: string,
  owned: readonly string[],
  onDestroy: OnDestroy,
): readonly string[] {
  if (onDestroy === "keep") return [];
  if (onDestroy === "owned") return removableTags(stream, id, owned);
  const isAlone = readClaims(stream).every((claim) => claim.id === id);
  return isAlone && findClaim(stream, id) !== undefined ? tagNames(stream) : [];
}

/** The annotations that hold exactly these claims, besides all that are not claims. */
export function withClaims(
  annotations: Readonly<Record<string, string>>,
  claims: readonly Claim[],
): Readonly<Record<string, string>> {
  const others = Object.entries(annotations).filter(([key]) => !key.startsWith(claimPrefix));
  const own = claims.map((claim): [string, string] => [claimPrefix + claim.id, formatClaim(claim)]);
  return Object.fromEntries([...others, ...own]);
}

/** Claims after `tags` were taken from all others; a claim that loses its last tag is dropped. */
export function releaseTags(claims: readonly Claim[], tags: readonly string[]): readonly Claim[] {
  return claims.flatMap((claim) => {
    const left = claim.tags.filter((tag) => !tags.includes(tag));
    return left.length === 0 && claim.tags.length > 0 ? [] : [{ ...claim, tags: left }];
  });
}

function formatClaim(claim: Claim): string {
  return JSON.stringify({ resource: claim.resource, tags: claim.tags, created: claim.created });
}

function parseClaim(id: string, text: string, stream: ImageStream): Claim {
  try {
    const value = JSON.parse(text) as Partial<Claim> | null;
    if (value !== null && typeof value.resource === "string" && Array.isArray(value.tags)) {
      const tags = value.tags.filter((tag): tag is string => typeof tag === "string");
      return { id, resource: value.resource, tags: tags.sort(), created: value.created === true };
    }
  } catch {
    // Not JSON: treated like any other claim that cannot be read.
  }
  return { id, resource: "(unreadable)", tags: tagNames(stream), created: false };
}
