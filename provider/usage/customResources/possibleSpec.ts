import { parseReference } from "../../oci/names/reference.js";
import { remembered } from "../../support/async/memoized.js";
import { trimmedEnd } from "../../support/text/spelling.js";
import { anyTag } from "./specScope.js";

/** A name, with its host where it has one, and a tag. */
export interface PossibleSpec {
  readonly name: string;
  /** `anyTag` where the tag is missing behind its colon; undefined without a colon. */
  readonly tag: string | undefined;
}

/** Characters; a host, the longest name and the longest tag together have fewer. */
const maxLength = 512;
/** More prefixes than people write: a transport and a scheme. */
const maxPrefixes = 3;

const prefix = /^(?:[a-z][a-z0-9+.-]*:\/\/|(?:docker-daemon|containers-storage|oci|dir|registry|docker):)/i;

/** `2026-11-21T08:00:00Z`, which every object has, and what ends with a digest. */
const isOther = /^\d{4}-\d\d-\d\dT|(?:^|@)sha\d{3}:/;

/**
 * What a word names if it is a pull spec, without transports (`docker://`, `docker-daemon:`) and punctuation around it.
 * Undefined when it cannot be one, and for pull specs by digest: those count by their digest.
 */
export const possibleSpec = remembered(readSpec, { most: 10_000, longest: 128 });

function readSpec(word: string): PossibleSpec | undefined {
  if (word.length > maxLength || isOther.test(word)) return undefined;
  let text = word.replace(/^[/:.-]+/, "");
  for (let attempt = 0; attempt < maxPrefixes; attempt += 1) {
    const spec = specOf(text.replace(prefix, "").replace(/^\/+/, ""));
    if (spec !== undefined) return spec;
    const colon = text.indexOf(":");
    if (colon === -1) return undefined;
    text = text.slice(colon + 1).replace(/^\/+/, ""); // another transport
  }
  return undefined;
}

function specOf(text: string): PossibleSpec | undefined {
  const at = text.lastIndexOf("@");
  const isByDigest = at !== -1 && !text.includes("/", at);
  if (isByDigest && at < text.length - 1) return undefined;
  const named = at === -1 ? text : isByDigest ? text.slice(0, at) : text.slice(at + 1); // `user@host/…`
  const trimmed = trimmedEnd(named, ".:/"); // of a sentence, of a folder, of a tag that a variable was to give
  const colon = trimmed.indexOf(":", trimmed.lastIndexOf("/") + 1);
  if (!parseReference(trimmed).ok) return undefined;
  if (colon !== -1) return { name: trimmed.slice(0, colon), tag: trimmed.slice(colon + 1) };
  return { name: trimmed, tag: named.endsWith(":") || isByDigest ? anyTag : undefined };
}
