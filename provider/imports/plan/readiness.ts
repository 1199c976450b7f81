import type { ImageStream } from "../../okd/imageStream.js";
import type { DesiredTag, PlacedStream } from "../args/desiredStream.js";
import { policyDifferences } from "./tag/changes.js";
import { hasDeclaredSource, isOfOwnStream, type OwnStreamTag } from "./tag/source.js";
import { allEvents, isStaleAlias, specTag, tagEvents, tagState } from "./tag/state.js";

export interface ReadinessFacts {
  readonly desired: PlacedStream;
  /** As it is now. */
  readonly stream: ImageStream | undefined;
  /** What tags are planned to serve, by tag. */
  readonly digests: ReadonlyMap<string, string>;
  /** Tags that will be imported after this write. */
  readonly importing: ReadonlySet<string>;
}

/**
 * Tags that cannot be written yet. The server gives an alias the image that its target has at that moment, and follows a
 * chain only one hop a write (facts/image-streams.md 18), so an alias waits until its target serves what it will serve.
 */
export function unreadyTags(facts: ReadinessFacts): ReadonlySet<string> {
  return new Set(facts.desired.tags.filter((tag) => !isReady(tag, facts)).map(({ name }) => name));
}

function isReady(tag: DesiredTag, facts: ReadinessFacts): boolean {
  const { desired, stream, digests } = facts;
  if (tag.kind === "image" || tag.kind === "reference") return true;
  const isOwn: boolean = isOfOwnStream(tag, desired);
  if (isOwn) return isTargetReady(tag, facts);
  const live = specTag(stream, tag.name);
  return digests.has(tag.name) || (live !== undefined && hasDeclaredSource(tag, live, desired));
}

function isTargetReady(tag: OwnStreamTag, facts: ReadinessFacts): boolean {
  const { desired, stream, digests, importing } = facts;
  if (tag.kind !== "alias") {
    const digest = digests.get(tag.name);
    return digest !== undefined && holdsImage(stream, digest);
  }
  const target = desired.tags.find(({ name }) => name === tag.alias);
  const [latest] = tagEvents(stream, tag.alias);
  if (latest === undefined || latest.image === "" || importing.has(tag.alias)) return false;
  if (isAwaited(tag.alias, target, facts)) return false;
  return target === undefined || !isOfOwnStream(target, desired) || !isUnwritten(target, stream, desired);
}

/**
 * Whether a tag waits for an import, or will after this write. The server would give its present image the generation of the
 * alias, and it would look imported from then on (facts/image-streams.md 28).
 */
function isAwaited(
  name: string,
  target: DesiredTag | undefined,
  { desired, stream }: ReadinessFacts,
): boolean {
  const live = specTag(stream, name);
  if (live === undefined) return false;
  if (target?.kind === "image" && !hasDeclaredSource(target, live, desired)) return true;
  const isImported = live.from?.kind === "DockerImage" && live.reference !== true;
  return isImported && tagState(stream, name).kind === "pending";
}

function holdsImage(stream: ImageStream | undefined, digest: string): boolean {
  return allEvents(stream).some(({ image }) => image === digest);
}

/** Whether the stream does not have a tag as declared, or an alias serves something else than its target. */
export function isUnwritten(
  tag: DesiredTag,
  stream: ImageStream | undefined,
  desired: PlacedStream,
): boolean {
  const live = specTag(stream, tag.name);
  if (live === undefined || !hasDeclaredSource(tag, live, desired)) return true;
  return (
    policyDifferences(tag, live).length > 0 ||
    (tag.kind === "alias" && isStaleAlias(tag.name, tag.alias, stream))
  );
}
