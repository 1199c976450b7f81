import type { ContentPool } from "../support/contentPool.js";
import { isJsonObject } from "../support/json.js";

const shortestText = "sha256:".length + 64;

/** Every `sha256:<64 hex>` in texts and names of fields, at any depth; each once, sorted. */
export function digestsIn(values: readonly unknown[], pool: ContentPool): readonly string[] {
  const found = new Set<string>();
  visitValues(values, (value) => {
    if (typeof value === "string") addDigestsIn(value, found);
    else if (isJsonObject(value)) for (const field of Object.keys(value)) addDigestsIn(field, found);
  });
  return [...found].sort().map((digest) => pool.text(ownCopy(digest)));
}

/** Every `sha256:<64 hex>` in one text. */
export function addDigestsIn(text: string, found: Set<string>): void {
  if (text.length < shortestText || !text.includes("sha256:")) return;
  for (const [digest] of text.matchAll(/sha256:[0-9a-f]{64}/g)) found.add(digest);
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
