import { percentDecoded } from "./spelling.js";

/** Replaces what is secret in a text. */
export type Redactor = (text: string) => string;

const placeholder = "[secret]";
/** Characters. A shorter secret would blank out ordinary words, and protects nothing. */
const minSecretLength = 4;
/** So many characters of a longer secret give it away, so a shortened message must not leave them. */
const tellingLength = 16;
const base64Before = "[\\w+/-]{0,3}";
const base64After = "[\\w+/-]?={0,2}";

/** A pattern for a form of a secret, and how much of it must match. */
interface SecretPattern {
  readonly length: number;
  readonly source: string;
}

/**
 * A function that replaces every occurrence of the secrets by `[secret]`: as they are, URL-encoded, as JSON and HTML escape
 * them, decoded where they are base64 or URL-encoded themselves, and in base64, where they are found also within something
 * longer, such as the `user:password` of Basic authentication. The longest form wins. The beginning of a long word counts
 * too, in case the text was cut. Secrets shorter than 4 characters are left alone. Each line of a PEM text counts by itself
 * too. The time grows with the length of the text, whatever it contains.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const plain = new Set<string>();
  const encoded = new Set<string>();
  for (const secret of secrets.flatMap(withDecoded).flatMap(withPemLines)) {
    if (secret.length < minSecretLength) continue;
    for (const form of textForms(secret)) plain.add(form);
    for (const form of base64Forms(secret)) encoded.add(form);
  }
  if (plain.size === 0) return (text) => text;
  const beginnings = new Set(
    [...plain, ...encoded].filter(isLongWord).map((form) => form.slice(0, tellingLength)),
  );
  const patterns: SecretPattern[] = [
    ...[...plain].map((form) => ({ length: form.length, source: escapeRegExp(form) })),
    ...[...encoded].map((form) => ({
      length: form.length,
      source: `${base64Before}${escapeRegExp(form)}${base64After}`,
    })),
  ].sort((a, b) => b.length - a.length);
  const cut = [...beginnings].map((beginning) => `${escapeRegExp(beginning)}[\\w+/=~%-]*`);
  const pattern = new RegExp([...patterns.map(({ source }) => source), ...cut].join("|"), "g");
  return (text) => text.replace(pattern, placeholder);
}

/** Names of images, hosts and files have slashes, dots and colons early on; tokens and base64 seldom. */
function isLongWord(form: string): boolean {
  return form.length > tellingLength && /^[\w+=~%-]+$/.test(form.slice(0, tellingLength));
}

/** Errors quote single lines of keys, which may have lost their first and last one. */
function withPemLines(secret: string): readonly string[] {
  const trimmed = secret.trim();
  const lines = trimmed.split(/\s+/).filter((line) => /^[\w+/=]{16,}$/.test(line));
  return [secret, trimmed, ...(lines.length > 1 || trimmed.includes("-----BEGIN ") ? lines : [])];
}

/** What a secret is behind base64 or percent signs: texts only, and of `user:password` the password too. */
function withDecoded(secret: string): readonly string[] {
  const compact = secret.replaceAll(/\s/g, "");
  const isBase64 = compact.length >= 8 && /^[\w+/-]+={0,2}$/.test(compact);
  const bytes = isBase64 ? Buffer.from(compact, "base64") : Buffer.alloc(0);
  const text = bytes.toString("utf8");
  const isText = text.length > 0 && !/[\ufffd\u0000-\u0008\u000e-\u001f]/.test(text);
  const colon = text.indexOf(":");
  return [
    secret,
    ...(isText ? [text] : []),
    ...(isText && colon > 0 && !text.includes("\n") ? [text.slice(colon + 1)] : []),
    percentDecoded(secret),
  ];
}

function textForms(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const goJson = json.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026");
  const asciiJson = json.replaceAll(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const jsonInJson = JSON.stringify(json).slice(1, -1);
  return [secret, json, goJson, asciiJson, jsonInJson, ...htmlForms(secret), ...urlForms(secret)];
}

function htmlForms(secret: string): readonly string[] {
  const escaped = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const [quote, apostrophe] = [escaped.replaceAll('"', "&quot;"), escaped.replaceAll('"', "&#34;")];
  return [
    escaped,
    quote.replaceAll("'", "&#x27;"),
    quote.replaceAll("'", "&#39;"),
    apostrophe.replaceAll("'", "&#39;"),
  ];
}

function urlForms(secret: string): readonly string[] {
  let usual: string;
  try {
    usual = encodeURIComponent(secret);
  } catch {
    return []; // half a surrogate pair: no URL can hold it
  }
  const strict = usual.replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = strict.replaceAll("%20", "+");
  const withLowerCase = (text: string) => text.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
  return [usual, strict, form, withLowerCase(usual), withLowerCase(strict), withLowerCase(form)];
}

/** The characters that depend on the secret alone when it begins at byte 0, 1 or 2 of a group of three. */
function base64Forms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, "utf8");
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    const own = text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
