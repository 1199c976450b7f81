import { importSource } from "../../oci/names/importSource.js";
import { parseReference } from "../../oci/names/reference.js";
import type { ArgumentIssue } from "../../support/arguments/parsed.js";

/** What keeps a text from being the source of an import. */
export function imageIssues(image: string, path: readonly PropertyKey[]): readonly ArgumentIssue[] {
  const source = importSource(image);
  return source.ok ? [] : [{ path, message: source.reason }];
}

/** The tag that a source gives: its own, `latest` without one, none for a digest. */
export function tagOfSource(source: string): string | undefined {
  const parsed = parseReference(source);
  if (!parsed.ok) return undefined;
  if (parsed.reference.tag !== "") return parsed.reference.tag;
  return parsed.reference.id === "" ? "latest" : undefined;
}

export function isPinned(image: string): boolean {
  return image.includes("@");
}
