import type {
  ImageStream,
  ObjectReference,
  TagImportPolicy,
  TagReference,
} from "../../../okd/imageStream.js";
import { own } from "../../../support/collections.js";
import type { DesiredTag, ImageTag, PlacedStream } from "../../args/desiredStream.js";
import { prefersAnotherPlatform } from "./preferredPlatform.js";
import { followedTag, respelledAlias, tagSource } from "./source.js";
import { isStaleAlias } from "./state.js";

interface DefinitionFacts {
  readonly desired: PlacedStream;
  readonly stream: ImageStream | undefined;
  readonly digests?: ReadonlyMap<string, string>;
}

/** Sets our keys, and removes those that we no longer declare, unless somebody changed them since. */
export function mergeKeys(
  live: Readonly<Record<string, string>> | null | undefined,
  declared: Readonly<Record<string, string>>,
  recorded: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const kept = Object.entries(live ?? {}).filter(
    ([key, value]) => own(recorded, key) !== value || Object.hasOwn(declared, key),
  );
  return { ...Object.fromEntries(kept), ...declared };
}

/** The entry of `spec.tags` that a tag is to have. */
export function tagReference(
  tag: DesiredTag,
  live: TagReference | undefined,
  recordedAnnotations: Readonly<Record<string, string>> | undefined,
  situation: DefinitionFacts,
): TagReference {
  const { reference, ...rest } = live ?? { name: tag.name };
  const isImport = tag.kind === "image";
  return {
    ...rest,
    annotations: mergeKeys(live?.annotations, tag.annotations, recordedAnnotations),
    from: sourceOf(tag, live, situation),
    importPolicy: isImport ? importPolicy(tag, live) : keptMode(live),
    referencePolicy: { type: tag.referencePolicy },
    ...(tag.kind === "reference" || ("reference" in tag && tag.reference) ? { reference: true } : {}),
    // Asks for a new import, which a changed annotation alone does not (facts/image-streams.md 13).
    ...(live !== undefined && isImport && prefersAnotherPlatform(tag, live) ? { generation: 0 } : {}),
  };
}

/** An alias keeps the spelling that it has, unless the server has to be told again what it follows. */
function sourceOf(
  tag: DesiredTag,
  live: TagReference | undefined,
  { desired, stream, digests }: DefinitionFacts,
): ObjectReference {
  const declared = tagSource(tag, desired, digests?.get(tag.name));
  if (tag.kind !== "alias" || live?.from === undefined || followedTag(live, desired) !== tag.alias)
    return declared;
  return isStaleAlias(tag.name, tag.alias, stream) ? respelledAlias(live, tag.alias, desired) : live.from;
}

/** Nothing is imported for other kinds of tags, and the server refuses to schedule them (facts/image-streams.md 23). */
function keptMode(live: TagReference | undefined): TagImportPolicy {
  const importMode = live?.importPolicy?.importMode;
  return importMode === undefined ? {} : { importMode };
}

/** The policy that both spec.tags and the import carry: a storing import overwrites it (facts/importing.md 4). */
export function importPolicy(tag: ImageTag, live: TagReference | undefined): TagImportPolicy {
  const importMode = tag.importMode ?? live?.importPolicy?.importMode;
  return {
    ...(tag.insecure ? { insecure: true } : {}),
    ...(tag.scheduled ? { scheduled: true } : {}),
    ...(importMode === undefined ? {} : { importMode }),
  };
}
