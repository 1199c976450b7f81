import { byText } from "../../../support/text/spelling.js";
import { countOf, nameList } from "../../../support/text/wording.js";
import type { DesiredRepository, SelectedTag } from "../../args/desiredRepository.js";

/** How the tags of a repository change; every list is sorted. */
export interface RepositoryChanges {
  /** Tags of the stream that come. */
  readonly added: readonly string[];
  /** Tags that the last run had, and that upstream no longer has; they stay. */
  readonly kept: readonly string[];
  /** Tags that upstream no longer has; they are removed. */
  readonly vanished: readonly string[];
  /** Tags that upstream still has, and that are no longer selected; they are removed. */
  readonly dropped: readonly string[];
}

/**
 * Tags that the selection is made from: what upstream lists, and with `vanished: "keep"` also what the last run had, as if
 * upstream still had it.
 */
export function tagsToSelectFrom(
  { vanished }: Pick<DesiredRepository, "vanished">,
  listed: Iterable<string>,
  recorded: readonly SelectedTag[],
): ReadonlySet<string> {
  return new Set([...listed, ...(vanished === "keep" ? recorded.map(({ source }) => source) : [])]);
}

export function repositoryChanges(
  selected: readonly SelectedTag[],
  recorded: readonly SelectedTag[],
  listed: ReadonlySet<string>,
): RepositoryChanges {
  const before = new Set(recorded.map(({ name }) => name));
  const after = new Set(selected.map(({ name }) => name));
  const gone = recorded.filter(({ name }) => !after.has(name));
  return {
    added: names(selected.filter(({ name }) => !before.has(name))),
    kept: names(selected.filter(({ name, source }) => before.has(name) && !listed.has(source))),
    vanished: names(gone.filter(({ source }) => !listed.has(source))),
    dropped: names(gone.filter(({ source }) => listed.has(source))),
  };
}

function names(tags: readonly SelectedTag[]): readonly string[] {
  return tags.map(({ name }) => name).sort(byText);
}

const shownTags = 5;

/** `+3 new (v1.4, v1.5, v1.6), -1 vanished (v1.0)`; undefined where nothing changes. */
export function describeChanges({ added, kept, vanished, dropped }: RepositoryChanges): string | undefined {
  const parts = [
    describe("+", added, "new"),
    describe("-", vanished, "vanished"),
    describe("-", dropped, "no longer selected"),
    describe("", kept, "vanished upstream and kept"),
  ].filter((part) => part !== "");
  return parts.length === 0 ? undefined : parts.join(", ");
}

function describe(sign: string, tags: readonly string[], what: string): string {
  return tags.length === 0
    ? ""
    : `${sign}${tags.length.toLocaleString("en-US")} ${what} (${nameList(tags, shownTags)})`;
}

/** Why a run must not add as many tags; undefined when it may. */
export function tooManyNew(
  { image, maxNew }: Pick<DesiredRepository, "image" | "maxNew">,
  { added }: RepositoryChanges,
): string | undefined {
  if (maxNew === undefined || added.length <= maxNew) return undefined;
  return `repository.maxNew: ${image} has ${countOf(added.length, "new tag")} (${nameList(added, shownTags)}), and ${maxNew} are allowed in one run; raise it to ${added.length}, or select fewer [IMPORT_LIMIT]`;
}
