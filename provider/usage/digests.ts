import type { ContentPool } from "../support/contentPool.js";
import { isJsonObject } from "../support/json.js";

/** Digits of a digest. */
const hexLength = 64;
/** In a URL, a tag, JSON that is quoted inside JSON: the colon is not always one. */
const spelt = /sha256(?:%3a|\\+u003a|[^0-9a-z]{1,4})([0-9a-f]{64})/gi;
const bare = /(?<![0-9a-z])[0-9a-f]{64}(?![0-9a-z])/gi;

/** Every digest in texts and names of fields, at any depth; each once, sorted. */
export function digestsIn(values: readonly unknown[], pool: ContentPool): readonly string[] {
  const found = new Set<string>();
  visitValues(values, (value) => {
    if (typeof value === "string") addDigestsIn(value, found);
    else if (isJsonObject(value)) for (const field of Object.keys(value)) addDigestsIn(field, found);
  });
  return [...found].sort().map((digest) => pool.text(ownCopy(digest)));
}

/**
 * Every digest in one text, as `sha256:<64 hex>`, whatever its case and what stands before it: what is none of an image protects
 * nothing.
 */
export function addDigestsIn(text: string, found: Set<string>): void {
  if (text.length < hexLength) return;
  for (const [, hex = ""] of text.matchAll(spelt)) found.add(`sha256:${hex.toLowerCase()}`);
  for (const [hex] of text.matchAll(bare)) found.add(`sha256:${hex.toLowerCase()}`);
}

/** A part of a text keeps all of it in memory, and an annotation may be long. */
export function ownCopy(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

/** Not by recursion: other people's objects may be nested deeper than our stack. */
export function visitValues(values: readonly unknown[], visit: (value: unknown) => void): void {
  const waiting = [...values];
  while (waiting.length > 0) {
    const value = waiting.pop();
    visit(value);
    if (typeof value !== "object" || value === null) continue;
    for (const child of Object.values(value)) waiting.push(child);
  }
}
