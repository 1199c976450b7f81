import { own } from "../../support/collections.js";
import type { PatternMatch } from "../../support/text/patterns.js";

/** `$name`, `$1` and `${name}`, as Go's regexp writes them. */
const extracted = /\$(?:\{(\w+)\}|(\w+))/g;
/** `{tag}`, `{name}` and `{1}`. */
const placed = /\{(\w+)\}/g;

/** Names of groups in `extract`. */
export function groupsOfExtract(template: string): readonly string[] {
  return [...template.matchAll(extracted)].map(([, braced, bare]) => braced ?? bare ?? "");
}

/** Names of groups in `as`, without `tag`. */
export function groupsOfName(template: string): readonly string[] {
  return [...template.matchAll(placed)].map(([, name = ""]) => name).filter((name) => name !== "tag");
}

export function filledExtract(template: string, match: PatternMatch): string {
  return template.replaceAll(extracted, (_, braced?: string, bare?: string) => {
    return own(match, braced ?? bare ?? "") ?? "";
  });
}

/** `{tag}` is the whole tag, even where the pattern has a group of that name. */
export function filledName(template: string, tag: string, match: PatternMatch): string {
  return template.replaceAll(placed, (_, name: string) => (name === "tag" ? tag : (own(match, name) ?? "")));
}
