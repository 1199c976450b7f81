import { isObject } from "../json.js";

/** Data as TypeScript's literals write it. */
export type Literal = string | number | boolean | { readonly [key: string]: Literal };

/** Columns that prettier fills, unless it is told otherwise. */
export const printWidth = 80;

/** Shorter keys never have their text on a line of its own: the line would win next to nothing. */
const shortKey = 5;

/** What shows nothing or turns the text around it, as in `visible.ts`; within a literal as an escape. */
const invisible =
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** A text between the quotes that need fewer escapes, as prettier chooses them; any text, wherever it comes from. */
export function textLiteral(text: string): string {
  const inDouble = JSON.stringify(text).replace(invisible, escaped);
  const doubles = text.split('"').length;
  const singles = text.split("'").length;
  if (doubles <= singles) return inDouble;
  return `'${inDouble.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/**
 * The lines of an object's properties, each at this indentation, formatted as prettier does: an inner object stands on one
 * line where it fits.
 */
export function propertyLines(properties: Readonly<Record<string, Literal>>, indent: number): string {
  return Object.entries(properties)
    .map(([key, value]) => propertyLine(keyLiteral(key), value, indent))
    .join("");
}

function propertyLine(key: string, value: Literal, indent: number): string {
  const start = `${" ".repeat(indent)}${key}:`;
  const flat = `${start} ${flatLiteral(value)},`;
  if (flat.length <= printWidth) return `${flat}\n`;
  if (isObject(value)) return `${start} {\n${propertyLines(value, indent + 2)}${" ".repeat(indent)}},\n`;
  if (typeof value !== "string" || key.length < shortKey) return `${flat}\n`;
  return `${start}\n${" ".repeat(indent + 2)}${textLiteral(value)},\n`;
}

/** On one line. */
export function flatLiteral(value: Literal): string {
  if (typeof value === "string") return textLiteral(value);
  if (!isObject(value)) return String(value);
  const properties = Object.entries(value).map(([key, inner]) => `${keyLiteral(key)}: ${flatLiteral(inner)}`);
  return properties.length === 0 ? "{}" : `{ ${properties.join(", ")} }`;
}

/** Without brackets `__proto__` would set the prototype. */
function keyLiteral(key: string): string {
  if (key === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : textLiteral(key);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
