import { own } from "../../../support/collections.js";
import { byText } from "../../../support/text/spelling.js";
import type { DesiredRepository, SelectedTag } from "../../args/desiredRepository.js";
import type { DesiredStream, ImageTag } from "../../args/desiredStream.js";
import type { ResolvedTag, ResolvedTags } from "../../outputs.js";

/** The stream with the tags that its repository gives, besides those that the program declares. */
export function withSelected<Stream extends DesiredStream>(
  declared: Stream,
  selected: readonly SelectedTag[],
): Stream {
  const { repository } = declared;
  if (repository === undefined) return declared;
  const tags = [...declared.tags, ...selected.map((tag) => repositoryTag(repository, tag))];
  return { ...declared, selected, tags: tags.sort((a, b) => byText(a.name, b.name)) };
}

function repositoryTag(
  { image, scheduled, insecure, importMode, referencePolicy, annotations, mirror }: DesiredRepository,
  { name, source }: SelectedTag,
): ImageTag {
  const policies = { scheduled, insecure, importMode, referencePolicy, annotations, mirror };
  return { kind: "image", name, image: `${image}:${source}`, ...policies };
}

/** With what is known of tags that upstream no longer has. */
export function withGone<Stream extends DesiredStream>(
  desired: Stream,
  gone: readonly SelectedTag[],
): Stream {
  const byName = new Map(gone.map((tag) => [tag.name, tag]));
  return { ...desired, selected: desired.selected.map((tag) => byName.get(tag.name) ?? tag) };
}

/** Whether upstream no longer has the tag, so that there is nothing to ask for, and nothing to import. */
export function isGone({ selected }: DesiredStream, name: string): boolean {
  return selected.some((tag) => tag.name === name && tag.isGone === true);
}

/** What the last run took from the repository: whatever is resolved and not declared. */
export function recordedSelection(declared: DesiredStream, resolved: ResolvedTags): readonly SelectedTag[] {
  if (declared.repository === undefined) return [];
  const names = new Set(declared.tags.map(({ name }) => name));
  return Object.entries(resolved)
    .filter(([name]) => !names.has(name))
    .map(([name, tag]) => ({
      name,
      source: "source" in tag && typeof tag.source === "string" ? tag.source : name,
    }));
}

/** Names upstream, where they are others than in the stream: what the next run reads by `recordedSelection`. */
export function withSources(resolved: ResolvedTags, selected: readonly SelectedTag[]): ResolvedTags {
  const renamed = new Map(
    selected.filter(({ name, source }) => name !== source).map((tag) => [tag.name, tag]),
  );
  return Object.fromEntries(
    Object.entries(resolved).map(([name, tag]) => {
      const source = renamed.get(name)?.source;
      return [name, source === undefined || "reference" in tag ? tag : { ...tag, source }];
    }),
  );
}

/** `resolved` after a refresh, with tags of the repository that are not on the cluster: they are still to be there. */
export function withMissing(resolved: ResolvedTags, selected: readonly SelectedTag[]): ResolvedTags {
  const missing = selected
    .filter(({ name }) => own(resolved, name) === undefined)
    .map(({ name }): [string, ResolvedTag] => {
      return [name, { error: `tags.${name}: is not on the cluster [IMPORT_NOT_FOUND]` }];
    });
  return withSources(Object.fromEntries([...Object.entries(resolved), ...missing]), selected);
}
