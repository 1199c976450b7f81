import { remembered } from "../../support/async/memoized.js";
import type { ContentPool } from "../../support/contentPool.js";
import { isOwnNote, type OwnNotes } from "./ownNotes.js";

/** Digits of a digest. */
const hexLength = 64;
/** In a URL, a tag, JSON that is quoted inside JSON: the colon is not always one. */
const spelt = /sha256(?:%3a|\\+u003a|[^0-9a-z]{1,4})([0-9a-f]{64})/gi;
const bare = /(?<![0-9a-z])[0-9a-f]{64}(?![0-9a-z])/gi;

const noNotes: OwnNotes = { metadata: undefined, isPod: false };

/** Every digest in texts and names of fields, at any depth, but for notes; each once, sorted. */
export function digestsIn(
  values: readonly unknown[],
  pool: ContentPool,
  notes: OwnNotes = noNotes,
): readonly string[] {
  const found = new Set<string>();
  const waiting: object[] = [];
  const read = (value: unknown) => {
    if (typeof value === "string") addDigestsIn(value, found);
    else if (typeof value === "object" && value !== null) waiting.push(value);
  };
  values.forEach(read);
  // Not by recursion: other people's objects may be nested deeper than our stack.
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) next.forEach(read);
    else readFields(next as Readonly<Record<string, unknown>>);
  }
  return sortedIn(pool, found);

  function readFields(object: Readonly<Record<string, unknown>>): void {
    for (const field in object) {
      addDigestsIn(field, found);
      if (!isOwnNote(field, object, notes)) read(object[field]);
    }
  }
}

/**
 * Every digest in one text, as `sha256:<64 hex>`, whatever its case and what stands before it. A digest of something else
 * than an image protects nothing, so it does no harm.
 */
export function addDigestsIn(text: string, found: Set<string>): void {
  if (text.length < hexLength || !hasLongHex(text)) return;
  for (const digest of digestsOf(text)) found.add(digest);
}

/** Pods of one workload name the same images. */
const digestsOf = remembered(
  (text): readonly string[] => {
    const hexes = [
      ...Array.from(text.matchAll(spelt), ([, hex = ""]) => hex),
      ...Array.from(text.matchAll(bare), ([hex]) => hex),
    ];
    return [...new Set(hexes.map((hex) => `sha256:${hex.toLowerCase()}`))];
  },
  { most: 10_000, longest: 512 },
);

/** Whether as many hexadecimal digits as a digest has stand in a row; one of them is then at a multiple of that number. */
function hasLongHex(text: string): boolean {
  for (let at = hexLength - 1; at < text.length; at += hexLength) {
    let start = at;
    while (start >= 0 && at - start < hexLength && isHex(text.charCodeAt(start))) start -= 1;
    if (start === at) continue;
    let end = at + 1;
    while (end - start <= hexLength && isHex(text.charCodeAt(end))) end += 1;
    if (end - start > hexLength) return true;
  }
  return false;
}

/** In either case; none where the text has ended. */
function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

/** Sorted, and without the texts of which they are parts. */
export function sortedIn(pool: ContentPool, found: ReadonlySet<string>): readonly string[] {
  return found.size === 0 ? nothing : [...found].sort().map((text) => pool.part(text));
}

const nothing: readonly string[] = [];

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
