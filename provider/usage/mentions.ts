import type { ContentPool } from "../support/contentPool.js";
import { isObject, type Fields, textAt, valueAt } from "../support/json.js";
import { readAnything } from "./customResources/anyObject.js";
import { digestsIn, visitValues } from "./customResources/digests.js";
import { anyTag } from "./customResources/specScope.js";
import type { ContainerImage, ImageSource, Mentions } from "./referrer.js";

/** What the reader of a kind found in an object, and what else of it may say something. */
export interface FoundMentions {
  readonly images?: readonly ContainerImage[];
  readonly pullSpecs?: Mentions["pullSpecs"];
  readonly sources?: Mentions["sources"];
  readonly imageIds?: Mentions["imageIds"];
  /** Where digests and possible pull specs may stand; default: in all of the object, but for notes. */
  readonly scanned?: readonly unknown[];
  /** Another object says the same, apart from digests. */
  readonly isCopy?: boolean;
  readonly isPod?: boolean;
}

/** Undefined when nothing was found. What was found already is not possibly a pull spec as well. */
export function readMentions(object: unknown, found: FoundMentions, pool: ContentPool): Mentions | undefined {
  const { pullSpecs = [], sources = [], imageIds = [], scanned = [object], isCopy = false } = found;
  const notes = { metadata: valueAt(object, "metadata"), isPod: found.isPod === true };
  const anywhere = isCopy
    ? { digests: digestsIn(scanned, pool, notes), possibleSpecs: [] }
    : readAnything(object, scanned, notes, pool);
  const { digests } = anywhere;
  const possibleSpecs = unknownAmong(anywhere.possibleSpecs, found);
  const count = pullSpecs.length + sources.length + imageIds.length + digests.length + possibleSpecs.length;
  if (count === 0) return undefined;
  const mentions = { pullSpecs, sources, digests, imageIds };
  return pool.value(possibleSpecs.length === 0 ? mentions : { ...mentions, possibleSpecs });
}

function unknownAmong(specs: readonly string[], found: FoundMentions): readonly string[] {
  if (specs.length === 0) return specs;
  const known = textsOf(found);
  return known.size === 0 ? specs : specs.filter((spec) => !known.has(spec));
}

function textsOf({ images = [], pullSpecs = [], sources = [] }: FoundMentions): ReadonlySet<string> {
  const texts = [
    ...images.map(({ image }) => image),
    ...pullSpecs.map(({ text }) => text),
    ...sources.flatMap(({ namespace, name }) => [name, `${namespace}/${name}`]),
  ];
  return new Set(texts.flatMap((text) => [text.trim(), `${text.trim()}:latest`, `${text.trim()}:${anyTag}`]));
}

/** Every object in it, at any depth, that has a list of `containers`: pod specs, in whatever they are wrapped. */
export function podSpecsIn(value: unknown): readonly Fields[] {
  const found: Fields[] = [];
  visitValues([value], (candidate) => {
    if (isObject(candidate) && Array.isArray(candidate["containers"])) found.push(candidate);
  });
  return found;
}

/** Undefined when it is no object. */
export function sourceOf(raw: unknown): ImageSource | undefined {
  if (!isObject(raw)) return undefined;
  return { kind: textAt(raw, "kind"), namespace: textAt(raw, "namespace"), name: textAt(raw, "name") };
}
