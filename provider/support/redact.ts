/** Replaces what is secret in a text. */
export type Redactor = (text: string) => string;

const placeholder = "[secret]";
/** Characters. A shorter secret would blank out ordinary words, and protects nothing. */
const minSecretLength = 4;
const base64Before = "[\\w+/-]{0,3}";
const base64After = "[\\w+/-]?={0,2}";

/**
 * A function that replaces every occurrence of the secrets by `[secret]`: as they are, URL-encoded, as JSON escapes them,
 * and in base64, where they are found also within something longer, such as the `user:password` of Basic authentication.
 * The longest form wins. Secrets shorter than 4 characters are left alone. Of PEM texts each line counts by itself too.
 * The time grows with the length of the text, whatever it contains.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const plain = new Set<string>();
  const encoded = new Set<string>();
  for (const secret of secrets.flatMap(withPemLines)) {
    if (secret.length < minSecretLength) continue;
    for (const form of textForms(secret)) plain.add(form);
    for (const form of base64Forms(secret)) encoded.add(form);
  }
  if (plain.size === 0) return (text) => text;
  const patterns = [
    ...[...plain].map((form) => ({ length: form.length, source: escapeRegExp(form) })),
    ...[...encoded].map((form) => ({
      length: form.length,
      source: `${base64Before}${escapeRegExp(form)}${base64After}`,
    })),
  ].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(patterns.map(({ source }) => source).join("|"), "g");
  return (text) => text.replace(pattern, placeholder);
}

/** Errors quote single lines of keys. */
function withPemLines(secret: string): readonly string[] {
  const trimmed = secret.trim();
  if (!trimmed.includes("-----BEGIN ")) return [secret, trimmed];
  const lines = trimmed.split(/\r?\n/).filter((line) => line.length >= 16 && !line.startsWith("-----"));
  return [secret, trimmed, ...lines];
}

function textForms(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const goJson = json.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026");
  const jsonInJson = JSON.stringify(json).slice(1, -1);
  return [secret, json, goJson, jsonInJson, ...urlForms(secret)];
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
