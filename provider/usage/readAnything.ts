import type { ContentPool } from "../support/contentPool.js";
import { isJsonObject, listAt, textAt, type JsonObject } from "../support/json.js";
import { type FieldMeaning, meaningOf } from "./fieldMeaning.js";
import { mayNameImage, readText } from "./imageTexts.js";
import { isDockerfile, readDockerfile } from "./dockerfile.js";
import { textInDataUrl } from "./dataUrl.js";
import { addDigestsIn, ownCopy } from "./digests.js";
import { createSpecScope, namespaceText, type SpecScope } from "./specScope.js";

/** What an object may name, each once, sorted. */
interface FoundAnywhere {
  /** `sha256:<64 hex>` */
  readonly digests: readonly string[];
  /** As in `Mentions`. */
  readonly possibleSpecs: readonly string[];
}

/**
 * Reads `scanned`, parts of `object`; JSON inside of texts is read as the object that it is, and Dockerfiles by their
 * instructions. Short names may be meant in every namespace that is named beside them.
 */
export function readAnything(object: unknown, scanned: readonly unknown[], pool: ContentPool): FoundAnywhere {
  const reading = createReading(object, scanned);
  for (let next = reading.waiting.pop(); next !== undefined; next = reading.waiting.pop()) {
    readNext(next, reading);
  }
  reading.scope.drainUntagged((spec) => void reading.specs.add(spec));
  addShortNames(reading, textAt(object, "metadata", "namespace"));
  const sorted = (texts: ReadonlySet<string>) => [...texts].sort().map((text) => pool.text(ownCopy(text)));
  return { digests: sorted(reading.digests), possibleSpecs: sorted(reading.specs) };
}

/** A value with what the field says that holds it. */
interface Waiting {
  readonly value: unknown;
  readonly meaning: FieldMeaning;
}

interface Reading {
  readonly digests: Set<string>;
  readonly specs: Set<string>;
  /** Any that the object names: short names may be meant there. */
  readonly namespaces: Set<string>;
  /** Values of a Template's parameters, by their name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Of a build. */
  readonly buildArgs: ReadonlyMap<string, string>;
  /** Not by recursion: other people's objects may be nested deeper than our stack. */
  readonly waiting: Waiting[];
  /** Of the object or list that is being read. */
  readonly scope: SpecScope;
}

function createReading(object: unknown, scanned: readonly unknown[]): Reading {
  return {
    digests: new Set(),
    specs: new Set(),
    namespaces: new Set(),
    parameters: textAt(object, "kind") === "Template" ? namedValues(listAt(object, "parameters")) : noValues,
    buildArgs: namedValues(listAt(object, "spec", "strategy", "dockerStrategy", "buildArgs")),
    waiting: scanned.map((value) => ({ value, meaning: "other" })),
    scope: createSpecScope(),
  };
}

function readNext({ value, meaning }: Waiting, reading: Reading): void {
  if (Array.isArray(value)) readList(value, meaning, reading);
  else if (isJsonObject(value)) readFields(value, meaning, reading);
  else readValue(value, meaning, reading);
  reading.scope.drain((spec) => void reading.specs.add(spec));
}

function readList(list: readonly unknown[], meaning: FieldMeaning, reading: Reading): void {
  let option: FieldMeaning | undefined; // the item before, like `--image`
  for (const item of list) {
    if (isPair(item)) readFields(item, meaning, reading);
    else readValue(item, option ?? meaning, reading);
    option =
      typeof item === "string" && item.startsWith("--") && !item.includes("=")
        ? meaningOf(item, meaning)
        : undefined;
  }
}

/** `{name: IMAGE, value: …}` is a field of the list that it stands in. */
function isPair(item: unknown): item is JsonObject {
  return isJsonObject(item) && typeof item["name"] === "string" && ("value" in item || "default" in item);
}

function readFields(object: JsonObject, holder: FieldMeaning, reading: Reading): void {
  const isNamed = isPair(object);
  const reference = isNamed ? undefined : referenced(object);
  const own = isNamed ? meaningOf(textAt(object, "name"), holder) : (reference ?? holder);
  if (reference !== undefined) {
    reading.scope.addNamespace(withParameters(textAt(object, "namespace"), reading.parameters));
  }
  for (const field of Object.keys(object)) {
    readFieldName(field, reading);
    if (field === "apiVersion" || (field === "namespace" && reference !== undefined)) continue;
    readValue(object[field], isNamed && field === "name" ? "other" : meaningOf(field, own), reading);
  }
}

const referenceKinds: Readonly<Record<string, FieldMeaning>> = {
  DockerImage: "image",
  ImageStreamTag: "repository",
  ImageStreamImage: "repository",
  ImageStream: "repository",
};

/** What `name` means in `{kind: ImageStreamTag, name: web:v1}`. */
function referenced(object: JsonObject): FieldMeaning | undefined {
  const kind = textAt(object, "kind");
  return Object.hasOwn(referenceKinds, kind) ? referenceKinds[kind] : undefined;
}

/** Maps have pull specs as names too; what looks like the name of an annotation is none. */
function readFieldName(field: string, { digests, scope }: Reading): void {
  addDigestsIn(field, digests);
  if (field.includes("/") && field.includes(":")) readText(field, "other", scope);
}

function readValue(value: unknown, meaning: FieldMeaning, reading: Reading): void {
  if (typeof value === "string") readString(value, meaning, reading);
  else if (typeof value === "number" && meaning === "tag") reading.scope.addTag(String(value));
  else if (typeof value === "object" && value !== null) reading.waiting.push({ value, meaning });
}

/** Of pull specs: most texts of most objects; the rest is read character by character. */
function saysNothing(text: string, meaning: FieldMeaning): boolean {
  if (meaning !== "other") return false;
  return isInstant(text) || (!mayNameImage(text) && !/^[\s[{]/.test(text));
}

/** `2026-11-21T08:00:00Z` */
function isInstant(text: string): boolean {
  return text.length === 20 && text[4] === "-" && text[10] === "T" && text[13] === ":" && text[19] === "Z";
}

function readString(written: string, meaning: FieldMeaning, reading: Reading): void {
  const { digests, namespaces, scope } = reading;
  const given = withParameters(written, reading.parameters);
  const text = textInDataUrl(given) ?? given;
  addDigestsIn(text, digests);
  if (saysNothing(text, meaning)) return;
  if (meaning === "namespace" && namespaceText.test(text)) namespaces.add(text);
  const parsed = jsonIn(text);
  if (parsed !== undefined) reading.waiting.push({ value: parsed, meaning });
  else if (text.includes("\n") && isDockerfile(text)) readInstructions(text, reading);
  else readText(text, meaning, scope);
}

function readInstructions(text: string, { scope, buildArgs }: Reading): void {
  const { images, rest } = readDockerfile(text, buildArgs);
  for (const image of images) readText(image, "image", scope);
  for (const line of rest) readText(line, "other", scope);
}

function jsonIn(text: string): unknown {
  const first = text[0] ?? "";
  const isJson = first === "{" || first === "[" || (/\s/.test(first) && /^\s+[{[]/.test(text));
  if (!isJson) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** More namespaces than that are no hint any more. */
const maxNamespaces = 16;

/** In its own namespace whoever reads the object finds them. */
function addShortNames({ specs, namespaces }: Reading, own: string): void {
  namespaces.delete(own);
  if (namespaces.size > maxNamespaces) return;
  const short = [...specs].filter((spec) => !spec.includes("/"));
  for (const namespace of namespaces) for (const spec of short) specs.add(`${namespace}/${spec}`);
}

const noValues: ReadonlyMap<string, string> = new Map();
/** Characters: no part of a pull spec is longer, and no text grows without measure. */
const maxValueLength = 128;

function namedValues(list: readonly unknown[]): ReadonlyMap<string, string> {
  const values = list.map((each) => [textAt(each, "name"), textAt(each, "value")] as const);
  return new Map(values.filter(([, value]) => value !== "" && value.length <= maxValueLength));
}

function withParameters(text: string, parameters: ReadonlyMap<string, string>): string {
  if (parameters.size === 0 || !text.includes("${")) return text;
  return text.replaceAll(
    /\$\{\{?([A-Za-z0-9_]{1,128})\}?\}/g,
    (variable, name: string) => parameters.get(name) ?? variable,
  );
}
