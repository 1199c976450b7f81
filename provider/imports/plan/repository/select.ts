import { addTo } from "../../../support/collections.js";
import { byText } from "../../../support/text/spelling.js";
import { nameList } from "../../../support/text/wording.js";
import type { SelectedTag, TagSelection } from "../../args/desiredRepository.js";
import { filterTags } from "./candidates.js";
import { type BuildTimes, oldestFirst } from "./order.js";

/** `refused`: each reason begins with the argument's path. */
export type Selection =
  | {
      readonly kind: "selected";
      /** Sorted by name. */
      readonly tags: readonly SelectedTag[];
      /** Tags upstream that would have names in the stream that no tag may have. */
      readonly unnamed: readonly string[];
    }
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

/** Whether the selection cannot be made without knowing when images were built. */
export function needsBuildTimes({ sort, limit }: TagSelection): boolean {
  return sort === "created" && limit !== undefined;
}

/**
 * The tags of a repository that become tags of the stream: the newest of those that pass the filters. `declared` are names
 * that the program gives to other tags. The order of `tags` does not matter.
 */
export function selectTags(
  selection: TagSelection,
  tags: Iterable<string>,
  built: BuildTimes,
  declared: readonly string[],
): Selection {
  const filtered = filterTags(selection, tags);
  if (filtered.kind === "tooSlow") return refused([tooSlow(selection)]);
  const { sort, limit } = selection;
  const ordered = sort === undefined ? filtered.candidates : oldestFirst(filtered.candidates, sort, built);
  const newest = limit === undefined ? ordered : ordered.slice(-limit);
  const selected = newest.map(({ name, source }) => ({ name, source }));
  const reasons = [...sharedNames(selected, selection), ...namesOfOthers(selection, selected, declared)];
  if (reasons.length > 0) return refused(reasons);
  return {
    kind: "selected",
    tags: selected.sort((a, b) => byText(a.name, b.name)),
    unnamed: filtered.unnamed,
  };
}

function refused(reasons: readonly string[]): Selection {
  return { kind: "refused", reasons };
}

function tooSlow({ pattern = "" }: TagSelection): string {
  return `repository.pattern: ${JSON.stringify(pattern)} needs too long for the tags of this repository, probably because it repeats what it repeats, like (a+)+; write it without [ARGUMENT_INVALID]`;
}

const shownTags = 5;

function sharedNames(selected: readonly SelectedTag[], { as }: TagSelection): readonly string[] {
  const sources = new Map<string, string[]>();
  for (const { name, source } of selected) addTo(sources, name, source);
  return [...sources]
    .filter(([, each]) => each.length > 1)
    .map(
      ([name, each]) =>
        `repository.as: ${JSON.stringify(as)} gives the name ${name} to ${nameList(each.sort(byText), shownTags)}; add what tells them apart, like {tag} [ARGUMENT_INVALID]`,
    );
}

/** One reason for each selected tag whose name the program gives to another tag. */
export function namesOfOthers(
  { image, as }: TagSelection,
  selected: readonly SelectedTag[],
  declared: readonly string[],
): readonly string[] {
  const names = new Set(declared);
  return selected
    .filter(({ name }) => names.has(name))
    .map(
      ({ name, source }) =>
        `repository: ${image}:${source} gives the tag ${name}, which the program declares too; leave it out by exclude: [${JSON.stringify(source)}], or give the repository's tags other names${as === "{tag}" ? ', like as: "upstream-{tag}"' : " by as"} [ARGUMENT_INVALID]`,
    );
}
