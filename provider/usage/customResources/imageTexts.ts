import { type FieldMeaning, meaningOf } from "./fieldMeaning.js";
import { possibleSpec } from "./possibleSpec.js";
import { anyTag, type SpecScope } from "./specScope.js";

/** A word ends at a character that no pull spec has, braces of variables included. */
const separator = /[\s"'`,;<>()[\]{}|&=$%^!?*#~+\\]/;
const words = /[^\s"'`,;<>()[\]{}|&=$%^!?*#~+\\]+/g;
/** What makes the word before it the name of a field: `"image": `, `image=`. */
const afterField = /["']?[ \t]?[:=]/y;
/** `\n` and `\u0026` in texts that are quoted inside a text. */
const escapes = /\\(?:u[0-9a-f]{4}|[nrt])/gi;

/** By a character's code, whether it tells; a dash tells only before another dash. */
const dash = "-".charCodeAt(0);
const telling = Uint8Array.from({ length: 128 }, (_, code) =>
  ":/=\n%-".includes(String.fromCharCode(code)) ? 1 : 0,
);

/**
 * Whether there is a tag, a path, a field or an option in it: all other texts are words. Every text of every object comes
 * through here, so it is read without a pattern.
 */
export function mayNameImage(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (telling[code] === 1 && (code !== dash || text.charCodeAt(at + 1) === dash)) return true;
  }
  return false;
}

/** Whatever may be a pull spec in a text: the whole of it, or words of a script, of inline YAML, of options. */
export function readImageTexts(text: string, meaning: FieldMeaning, scope: SpecScope): void {
  if (meaning === "other" && !mayNameImage(text)) return;
  if (separator.test(text)) readWords(text, meaning, scope);
  else readWhole(text, meaning, scope);
}

/** The word before a word may be its field: `image: web`, `--image=web`, `FROM web`, `"image": "web"`. */
function readWords(quoted: string, meaning: FieldMeaning, scope: SpecScope): void {
  const encoded = quoted.includes("\\") ? quoted.replaceAll(escapes, " ").replaceAll("\\/", "/") : quoted;
  const text = encoded.includes("%") ? withoutPercents(encoded) : encoded;
  let field: FieldMeaning | undefined;
  for (const { 0: word, index } of text.matchAll(words)) {
    const end = index + word.length;
    if (word === ":" || word === "-") continue;
    if (isField(word, text, end)) {
      // A field right behind a field stands in it: `image:` and, on the next line, `name:`.
      field = meaningOf(word.endsWith(":") ? word.slice(0, -1) : word, field ?? meaning);
      continue;
    }
    readWord({ word, meaning: field ?? meaning, before: text[index - 1], after: text[end] }, scope);
    field = isOption(word) ? meaningOf(word, meaning) : undefined;
  }
}

/** As in the path or the query of a URL. */
function withoutPercents(text: string): string {
  return text.replaceAll(/%2f/gi, "/").replaceAll(/%3a/gi, ":").replaceAll("%40", "@");
}

function isField(word: string, text: string, end: number): boolean {
  if (word.endsWith(":")) return /^[\s"']?$/.test(text[end] ?? "");
  afterField.lastIndex = end;
  return afterField.test(text);
}

/** Whether the next word is its value, as with a Dockerfile's `FROM`. */
function isOption(word: string): boolean {
  return word.startsWith("--") || word === "FROM" || word === "from";
}

function readWhole(word: string, meaning: FieldMeaning, scope: SpecScope): void {
  readPart(word, meaning, false, scope);
  readSpec(word, meaning, false, scope);
}

interface Word {
  readonly word: string;
  readonly meaning: FieldMeaning;
  /** The characters around it; empty or undefined where the text begins or ends. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

const opensVariable = /^[$({<%]$/;
const beginsVariable = /^[${<%]$/;

function readWord({ word, meaning, before = "", after = "" }: Word, scope: SpecScope): void {
  readPart(word, meaning, opensVariable.test(before), scope);
  const isCut = beginsVariable.test(after);
  readSpec(word, meaning, isCut, scope);
  const slash = before === "$" ? word.indexOf("/") : -1; // `$NAMESPACE/web:v1`
  if (slash > 0) readSpec(word.slice(slash), meaning, isCut, scope);
}

function readPart(word: string, meaning: FieldMeaning, isVariable: boolean, scope: SpecScope): void {
  switch (meaning) {
    case "tag":
      scope.addTag(isVariable ? "" : word);
      return;
    case "digest":
      scope.addDigest();
      return;
    case "registry":
      if (!isVariable) scope.addRegistry(word.replace(/^[a-z]{1,16}:\/\//, ""));
      return;
    case "namespace":
      if (!isVariable) scope.addNamespace(word);
      return;
    case "image":
    case "repository":
    case "other":
  }
}

/** `isCut`: a variable follows, so that the tag is not whole. */
function readSpec(word: string, meaning: FieldMeaning, isCut: boolean, scope: SpecScope): void {
  const isImage = meaning === "image" || meaning === "repository";
  if (!isImage && !word.includes("/") && !word.includes(":")) return;
  const spec = possibleSpec(word);
  if (spec === undefined) return;
  const { name, tag } = spec;
  if (tag !== undefined && isCut) scope.addSpec(`${name}:${anyTag}`);
  else if (tag !== undefined) scope.addSpec(`${name}:${tag}`);
  else if (isImage) scope.addName(name, meaning === "image" && !isCut);
  else if (name.includes("/") && !word.startsWith("/")) scope.addName(name, true);
}
