import type { ImageStream, TagReference } from "../../okd/imageStream.js";
import type { StreamKey } from "../../okd/streamName.js";
import { own } from "../../support/collections.js";
import type { Fields } from "../../support/json.js";
import {
  type DesiredStream,
  type DesiredTag,
  type ImageTag,
  insecureAnnotation,
} from "../args/desiredStream.js";
import type { ResolvedTag, ResolvedTags } from "../outputs.js";
import { findClaim } from "./claims.js";
import type { RecordedStream } from "./streamWrite.js";
import { policyDifferences } from "./tag/changes.js";
import { isResolved, liveImage, newestImage } from "./tag/resolved.js";
import { followedTag, hasDeclaredSource, isDigestStart, isPermanent, writtenDigest } from "./tag/source.js";
import { type LastRun, type ObservedStream, tagStanding } from "./tag/standing.js";
import { specTag, statusTag } from "./tag/state.js";

type Labels = Readonly<Record<string, string>>;

/**
 * The recorded arguments, overwritten with what the cluster shows where it differs, so that a refresh displays the
 * drift in the words of the program. What is as declared keeps the spelling of the program.
 */
export function liveInputs(recorded: Fields, desired: DesiredStream, stream: ImageStream): Fields {
  const projected: Record<string, unknown> = { ...recorded };
  if ("tags" in recorded) projected.tags = projectTags(recorded.tags as Fields, desired, stream);
  if ("source" in recorded) {
    const sourceTag = desired.tags.find(
      (tag) => !Object.hasOwn((recorded.tags as Fields | undefined) ?? {}, tag.name),
    );
    const live = sourceTag === undefined ? undefined : specTag(stream, sourceTag.name);
    if (live === undefined) delete projected.source;
    else if (sourceTag?.kind === "image" && live.from?.name !== sourceTag.image)
      projected.source = live.from?.name ?? "";
  }
  for (const key of ["labels", "annotations"] as const) {
    if (key in recorded) projected[key] = projectKeys(recorded[key] as Labels, stream.metadata[key]);
  }
  if ("insecureRepository" in recorded)
    projected.insecureRepository = own(stream.metadata.annotations, insecureAnnotation) === "true";
  if ("sourceRepository" in recorded) projected.sourceRepository = stream.spec.dockerImageRepository ?? "";
  if ("lookupLocal" in recorded) projected.lookupLocal = stream.spec.lookupPolicy?.local ?? false;
  return projected;
}

function projectTags(recorded: Fields, desired: DesiredStream, stream: ImageStream): Fields {
  const projected = Object.entries(recorded).flatMap(([name, declared]) => {
    const live = specTag(stream, name);
    const tag = desired.tags.find((candidate) => candidate.name === name);
    if (live === undefined || tag === undefined) return [];
    const isKept = isAsDeclared(tag, live, stream.metadata);
    return [[name, isKept ? declared : liveTag(tag, live, stream.metadata)] as const];
  });
  return Object.fromEntries(projected);
}

function isAsDeclared(tag: DesiredTag, live: TagReference, key: StreamKey): boolean {
  if (!hasDeclaredSource(tag, live, key)) return false;
  if (tag.kind === "image" && tag.importMode !== undefined && importModeOf(tag, live) !== tag.importMode)
    return false;
  return policyDifferences(tag, live).length === 0;
}

/** A server that drops the import mode which the last run declared has not drifted. */
function importModeOf(tag: ImageTag, live: TagReference): string {
  return live.importPolicy?.importMode ?? tag.importMode ?? "Legacy";
}

function liveTag(tag: DesiredTag, live: TagReference, key: StreamKey): Fields {
  const source = liveSource(live, key);
  return {
    ...source,
    ...("image" in source && live.reference !== true ? livePolicies(tag, live) : {}),
    referencePolicy: live.referencePolicy?.type ?? "Source",
    annotations: projectKeys(tag.annotations, live.annotations),
    ...(tag.kind === "image" && tag.mirror ? { mirror: true } : {}),
  };
}

/** The source in the words of a program; one that no program can declare is shown as an image that is none. */
function liveSource(live: TagReference, key: StreamKey): Fields {
  const { from, reference = false } = live;
  const kept = reference ? { reference } : {};
  const alias = followedTag(live, key);
  if (alias !== undefined) return { alias };
  const name = from?.namespace === undefined ? from?.name : `${from.namespace}/${from.name}`;
  switch (from?.kind) {
    case "DockerImage":
      return { image: name, ...kept };
    case "ImageStreamTag":
      return { imageStreamTag: name, ...kept };
    case "ImageStreamImage":
      return { imageStreamImage: name, ...kept };
    default:
      return { image: `${from?.kind ?? "pushed"} ${name ?? ""}` };
  }
}

function livePolicies(tag: DesiredTag, live: TagReference): Fields {
  return {
    scheduled: live.importPolicy?.scheduled ?? false,
    insecure: live.importPolicy?.insecure ?? false,
    ...(tag.kind === "image" && tag.importMode !== undefined ? { importMode: importModeOf(tag, live) } : {}),
  };
}

function projectKeys(
  declared: Readonly<Record<string, string>>,
  live: Readonly<Record<string, string>> | null | undefined,
): Readonly<Record<string, string>> {
  const found = Object.keys(declared).map((key) => [key, own(live, key)] as const);
  return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** `resolved` as the cluster shows it. A scheduled tag moves by itself: that is no drift (facts/importing.md 25). */
export function liveResolved(
  recorded: ResolvedTags,
  desired: DesiredStream,
  observed: ObservedStream,
): ResolvedTags {
  const declared = desired.tags.flatMap((tag) => {
    const image = toImage(tag, own(recorded, tag.name), observed, { desired, resolved: recorded });
    return image === undefined ? [] : [[tag.name, image] as const];
  });
  const names = new Set(desired.tags.map(({ name }) => name));
  const reimported = Object.entries(recorded).filter(
    ([name]) => !names.has(name) && specTag(observed.stream, name) !== undefined,
  );
  return Object.fromEntries([...reimported, ...declared]);
}

function toImage(
  tag: DesiredTag,
  before: ResolvedTag | undefined,
  observed: ObservedStream,
  last: LastRun,
): ResolvedTag | undefined {
  const standing = tagStanding(tag, observed, last);
  if (standing.kind === "unsettled" || standing.kind === "referenced") return standing.image;
  const live = tag.kind === "image" ? liveImage(tag, observed.stream) : newestImage(tag, observed.stream);
  if (live === undefined || observed.lostImages.has(live.digest)) return undefined;
  return isResolved(before) && (before.digest === live.digest || isScheduled(tag, last.desired))
    ? before
    : live;
}

/** Whether the cluster moves a tag by itself, or the tag that it follows. */
function isScheduled(tag: DesiredTag, desired: DesiredStream | undefined): boolean {
  if (tag.kind === "image") return tag.scheduled;
  const target = tag.kind === "alias" ? desired?.tags.find(({ name }) => name === tag.alias) : undefined;
  return target !== undefined && target !== tag && isScheduled(target, desired);
}

/**
 * Whether the stream differs from what was declared and recorded. A moved digest alone is no drift: `resolved` shows it.
 * `importsNothing`: the program ignores changes of `resolved`, so unfinished imports do not count.
 */
export function hasDrifted(
  desired: DesiredStream,
  { stream, lostImages }: ObservedStream,
  recorded: RecordedStream,
  resolved: ResolvedTags,
  importsNothing: boolean,
): boolean {
  const last = { desired, resolved };
  if (stream === undefined || stream.metadata.uid !== recorded.uid) return true;
  if (findClaim(stream, recorded.claim) === undefined) return true;
  const declared = new Set(desired.tags.map((tag) => tag.name));
  const leftovers = recorded.owned.filter((tag) => !declared.has(tag));
  return (
    leftovers.some((tag) => specTag(stream, tag) !== undefined || statusTag(stream, tag) !== undefined) ||
    desired.tags.some((tag) => {
      const live = specTag(stream, tag.name);
      if (live === undefined || policyDifferences(tag, live).length > 0) return true;
      if (isPermanent(tag) && isOtherImage(live, own(resolved, tag.name))) return true;
      return !importsNothing && tagStanding(tag, { stream, lostImages }, last).kind === "due";
    }) ||
    differs(desired.labels, stream.metadata.labels) ||
    differs(desired.annotations, stream.metadata.annotations) ||
    (desired.sourceRepository !== undefined &&
      desired.sourceRepository !== stream.spec.dockerImageRepository) ||
    (desired.lookupLocal !== undefined && desired.lookupLocal !== (stream.spec.lookupPolicy?.local ?? false))
  );
}

function differs(
  declared: Readonly<Record<string, string>>,
  live: Readonly<Record<string, string>> | undefined,
): boolean {
  return Object.entries(declared).some(([key, value]) => own(live, key) !== value);
}

/** Whether a permanent tag was pointed to another image of its source. */
function isOtherImage(live: TagReference, recorded: ResolvedTag | undefined): boolean {
  return isResolved(recorded) && !isDigestStart(writtenDigest(live), recorded.digest);
}
