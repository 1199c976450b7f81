import type { ContentPool } from "../support/contentPool.js";
import { isJsonObject, listAt, textAt, valueAt, type JsonObject } from "../support/json.js";
import type { ImageSource, Mentions } from "./referrer.js";

/** What was found in an object besides the images of its containers. */
export interface FoundMentions {
  readonly pullSpecs?: Mentions["pullSpecs"];
  readonly sources?: Mentions["sources"];
  readonly imageIds?: Mentions["imageIds"];
  /** Where digests may stand. */
  readonly scanned: readonly unknown[];
}

/** Undefined when nothing was found. */
export function readMentions(found: FoundMentions, pool: ContentPool): Mentions | undefined {
  const { pullSpecs = [], sources = [], imageIds = [] } = found;
  const digests = digestsIn(found.scanned, pool);
  if (pullSpecs.length + sources.length + imageIds.length + digests.length === 0) return undefined;
  return pool.value({ pullSpecs, sources, digests, imageIds });
}

/** Everything of an object but its managedFields, which repeat what stands elsewhere. */
export function contentOf(object: unknown): readonly unknown[] {
  if (!isJsonObject(object)) return [];
  const { metadata, ...rest } = object;
  if (!isJsonObject(metadata)) return [rest, metadata];
  const { managedFields: _, ...described } = metadata;
  return [rest, described];
}

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

/** Every object in it, at any depth, that has a list of `containers`: pod specs, in whatever they are wrapped. */
export function podSpecsIn(value: unknown): readonly JsonObject[] {
  const found: JsonObject[] = [];
  visitValues([value], (candidate) => {
    if (isJsonObject(candidate) && Array.isArray(candidate["containers"])) found.push(candidate);
  });
  return found;
}

/** Not by recursion: other people's objects may be nested deeper than our stack. */
function visitValues(values: readonly unknown[], visit: (value: unknown) => void): void {
  const waiting = [...values];
  while (waiting.length > 0) {
    const value = waiting.pop();
    visit(value);
    if (typeof value !== "object" || value === null) continue;
    for (const child of Object.values(value)) waiting.push(child);
  }
}

/** Undefined when it is no object. */
export function sourceOf(raw: unknown): ImageSource | undefined {
  if (!isJsonObject(raw)) return undefined;
  return { kind: textAt(raw, "kind"), namespace: textAt(raw, "namespace"), name: textAt(raw, "name") };
}

/** Those of the list that are objects of kind ImageStreamTag: triggers know no other. */
export function triggeringTags(raws: readonly unknown[]): readonly ImageSource[] {
  return raws
    .map(sourceOf)
    .filter((source) => source !== undefined)
    .filter(({ kind }) => kind === "ImageStreamTag");
}

/** Sources in the annotation `image.openshift.io/triggers`, a JSON list; none when it cannot be read. */
export function annotatedTriggers(object: unknown): readonly ImageSource[] {
  const text = valueAt(object, "metadata", "annotations", "image.openshift.io/triggers");
  if (typeof text !== "string") return [];
  try {
    return triggeringTags(listAt(JSON.parse(text)).map((trigger) => valueAt(trigger, "from")));
  } catch {
    return [];
  }
}
