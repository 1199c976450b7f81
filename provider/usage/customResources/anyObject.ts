import type { ContentPool } from "../../support/contentPool.js";
import { isObject, type Fields, listAt, textAt } from "../../support/json.js";
import { textInDataUrl } from "./dataUrl.js";
import { addDigestsIn, sortedIn } from "./digests.js";
import { isDockerfile, readDockerfile } from "./dockerfile.js";
import { type FieldMeaning, mayBeContent, meaningOf } from "./fieldMeaning.js";
import { mayNameImage, readImageTexts } from "./imageTexts.js";
import { isOwnNote, type OwnNotes } from "./ownNotes.js";
import { createSpecScope, namespaceText } from "./specScope.js";

/** What an object may name, each once, sorted. */
interface FoundAnywhere {
  /** `sha256:<64 hex>` */
  readonly digests: readonly string[];
  /** As in `Mentions`. */
  readonly possibleSpecs: readonly string[];
}

/**
 * Reads `scanned`, parts of `object`, but for notes; JSON inside of texts is read as the object that it is, and Dockerfiles by their
 * instructions. Short names may be meant in every namespace that is named beside them.
 */
export function readAnything(
  object: unknown,
  scanned: readonly unknown[],
  notes: OwnNotes,
  pool: ContentPool,
): FoundAnywhere {
  const reading = createReading(object, scanned, notes);
  for (let next = reading.waiting.pop(); next !== undefined; next = reading.waiting.pop()) {
    readNext(next, reading);
  }
  scope.drainUntagged((spec) => void reading.specs.add(spec));
  addShortNames(reading, textAt(object, "metadata", "namespace"));
  return { digests: sortedIn(pool, reading.digests), possibleSpecs: sortedIn(pool, reading.specs) };
}

/** A value with what the field says that holds it. */
interface Waiting {
  readonly value: unknown;
  readonly meaning: FieldMeaning;
}

interface Reading {
  readonly object: unknown;
  readonly digests: Set<string>;
  readonly specs: Set<string>;
  /** Any that the object names: short names may be meant there. */
  readonly namespaces: Set<string>;
  /** Values of a Template's parameters, by their name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Not by recursion: other people's objects may be nested deeper than our stack. */
  readonly waiting: Waiting[];
  readonly notes: OwnNotes;
}

/** Of the object or list that is being read; empty before and after each of them, and made once, for most say nothing. */
const scope = createSpecScope();

function createReading(object: unknown, scanned: readonly unknown[], notes: OwnNotes): Reading {
  return {
    digests: new Set(),
    specs: new Set(),
    namespaces: new Set(),
    parameters: textAt(object, "kind") === "Template" ? namedValues(listAt(object, "parameters")) : noValues,
    object,
    waiting: scanned.map((value) => ({ value, meaning: "other" })),
    notes,
  };
}

function readNext({ value, meaning }: Waiting, reading: Reading): void {
  if (Array.isArray(value)) readList(value, meaning, reading);
  else if (isObject(value)) readFields(value, meaning, reading);
  else readValue(value, meaning, reading);
  if (!scope.isEmpty()) scope.drain((spec) => void reading.specs.add(spec));
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
function isPair(item: unknown): item is Fields {
  if (!isObject(item) || typeof item["name"] !== "string") return false;
  return item["value"] !== undefined || item["default"] !== undefined;
}

function readFields(object: Fields, holder: FieldMeaning, reading: Reading): void {
  const isNamed = isPair(object);
  const reference = isNamed ? undefined : referenced(object);
  const own = isNamed ? meaningOf(textAt(object, "name"), holder) : (reference ?? holder);
  if (reference !== undefined) {
    scope.addNamespace(withParameters(textAt(object, "namespace"), reading.parameters));
  }
  for (const field in object) {
    if (mayBeContent(field)) readFieldName(field, reading);
    if (isOwnNote(field, object, reading.notes)) continue;
    if (field === "apiVersion" || (field === "namespace" && reference !== undefined)) continue;
    readValue(object[field], isNamed && field === "name" ? "other" : meaningOf(field, own), reading);
  }
}

const referenceKinds: ReadonlyMap<unknown, FieldMeaning> = new Map([
  ["DockerImage", "image"],
  ["ImageStreamTag", "repository"],
  ["ImageStreamImage", "repository"],
  ["ImageStream", "repository"],
]);

/** What `name` means in `{kind: ImageStreamTag, name: web:v1}`. */
function referenced(object: Fields): FieldMeaning | undefined {
  return typeof object["kind"] === "string" ? referenceKinds.get(object["kind"]) : undefined;
}

function readFieldName(field: string, { digests }: Reading): void {
  addDigestsIn(field, digests);
  if (field.includes("/") && field.includes(":")) readImageTexts(field, "other", scope);
}

function readValue(value: unknown, meaning: FieldMeaning, reading: Reading): void {
  if (typeof value === "string") readString(value, meaning, reading);
  else if (typeof value === "number" && meaning === "tag") scope.addTag(String(value));
  else if (typeof value === "object" && value !== null) reading.waiting.push({ value, meaning });
}

/** Whether a text surely holds no pull spec, as most texts do; the others are read character by character. */
function saysNothing(text: string, meaning: FieldMeaning): boolean {
  if (meaning !== "other") return false;
  return isInstant(text) || (!mayNameImage(text) && !mayBeJson(text));
}

/** `2026-11-21T08:00:00Z` */
function isInstant(text: string): boolean {
  return text.length === 20 && text[10] === "T" && text[4] === "-" && text[13] === ":" && text[19] === "Z";
}

function readString(written: string, meaning: FieldMeaning, reading: Reading): void {
  const { digests, namespaces } = reading;
  const given = withParameters(written, reading.parameters);
  const text = textInDataUrl(given) ?? given;
  addDigestsIn(text, digests);
  if (saysNothing(text, meaning)) return;
  if (meaning === "namespace" && namespaceText.test(text)) namespaces.add(text);
  const parsed = jsonIn(text);
  if (parsed !== undefined) reading.waiting.push({ value: parsed, meaning });
  else if (text.includes("\n") && isDockerfile(text)) readInstructions(text, reading);
  else readImageTexts(text, meaning, scope);
}

function readInstructions(text: string, { object }: Reading): void {
  const buildArgs = namedValues(listAt(object, "spec", "strategy", "dockerStrategy", "buildArgs"));
  const { images, rest } = readDockerfile(text, buildArgs);
  for (const image of images) readImageTexts(image, "image", scope);
  for (const line of rest) readImageTexts(line, "other", scope);
}

/** By its first character, or for what is nothing but blanks in front of it. */
function mayBeJson(text: string): boolean {
  const first = text.charCodeAt(0);
  return (
    first <= codes.blank || first === codes.brace || first === codes.bracket || first > codes.lastInAscii
  );
}

const codes = { blank: 32, bracket: 91, brace: 123, lastInAscii: 126 } as const;

function jsonIn(text: string): unknown {
  if (!mayBeJson(text) || !/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** More namespaces than this are no hint. */
const maxNamespaces = 16;

/** Without the object's own namespace, where the names are looked for anyway. */
function addShortNames({ specs, namespaces }: Reading, own: string): void {
  namespaces.delete(own);
  if (namespaces.size === 0 || namespaces.size > maxNamespaces) return;
  const short = [...specs].filter((spec) => !spec.includes("/"));
  for (const namespace of namespaces) for (const spec of short) specs.add(`${namespace}/${spec}`);
}

const noValues: ReadonlyMap<string, string> = new Map();
/** Characters; no part of a pull spec is longer, so no text can grow without limit. */
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
