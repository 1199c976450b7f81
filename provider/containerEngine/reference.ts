import { parseReference } from "../oci/names/reference.js";
import { ImageError } from "../support/imageError.js";

/** What a text means to an engine. */
export type EngineReference =
  /** `sha256:` and 64 digits. */
  | { readonly kind: "id"; readonly id: string }
  /** The beginning of an ID, or a repository whose name looks like one: the engine prefers the name. */
  | { readonly kind: "idOrName"; readonly text: string; readonly digits: string; readonly name: string }
  /** With a tag or a digest. */
  | { readonly kind: "name"; readonly name: string };

/** Digits; engines show 12 of an ID. */
const minShortIdDigits = 12;

/**
 * Reads a reference or an ID. A repository alone would mean all its tags to an export, so it gets `:latest`, as for a
 * pull. A tag beside a digest is dropped: it decides nothing, and not every engine takes both.
 * @throws ImageError ARGUMENT_INVALID
 */
export function engineReference(text: string): EngineReference {
  const [, prefix, digits = ""] = /^(sha256:)?([0-9a-f]{1,64})$/.exec(text) ?? [];
  if (digits.length === 64) return { kind: "id", id: `sha256:${digits}` };
  if (digits.length >= minShortIdDigits || (prefix !== undefined && digits !== "")) {
    return { kind: "idOrName", text, digits, name: prefix === undefined ? `${text}:latest` : text };
  }
  const parsed = parseReference(text);
  if (!parsed.ok) {
    const shown = JSON.stringify(text.slice(0, 200));
    throw new ImageError(
      "ARGUMENT_INVALID",
      `${shown} names no image of a container engine: ${parsed.error}`,
    );
  }
  const at = text.indexOf("@");
  const tagged = at === -1 ? text : text.slice(0, at);
  const colon = tagged.indexOf(":", tagged.lastIndexOf("/") + 1);
  if (at !== -1)
    return { kind: "name", name: `${colon === -1 ? tagged : tagged.slice(0, colon)}${text.slice(at)}` };
  return { kind: "name", name: colon === -1 ? `${tagged}:latest` : tagged };
}

/** The name to inspect the image by. */
export function lookupName(reference: EngineReference): string {
  switch (reference.kind) {
    case "id":
      return reference.id;
    case "idOrName":
      return reference.text;
    case "name":
      return reference.name;
  }
}

/** Below `/images/`; slashes and colons stay, as engines expect them. */
export function pathOf(name: string): string {
  return name
    .split("/")
    .map((segment) => encodeURIComponent(segment).replaceAll("%3A", ":").replaceAll("%40", "@"))
    .join("/");
}
