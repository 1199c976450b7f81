import type { ImageStream } from "../../okd/imageStream.js";
import { type StreamKey, streamName } from "../../okd/streamName.js";
import { pluralOf } from "../../support/text/wording.js";
import type { VanishingImages } from "../../usage/findUsers.js";
import type { OnDestroy, PlacedStream } from "../args/desiredStream.js";
import { destroyedTags, readClaims, removableTags } from "./claims.js";
import type { RecordedStream } from "./streamWrite.js";
import type { LastRun } from "./tag/standing.js";
import { tagEvents } from "./tag/state.js";

/** Images that a step will delete, and the words of its refusal. */
export interface PlannedRemoval {
  readonly vanishing: VanishingImages;
  readonly deleteInUse: boolean;
  /** Begins the message: the argument whose change removes, or what was not done. */
  readonly subject: string;
  /** Ends the message. */
  readonly advice: string;
}

export interface RemovalOutlook {
  readonly desired: PlacedStream;
  /** As the last run declared it. */
  readonly before: PlacedStream;
  /** The stream of the last run. */
  readonly stream: ImageStream | undefined;
  readonly claimant: string;
  readonly staying?: Staying;
}

/** What will still be served although the stream's present tags do not tell. */
export interface Staying {
  /** Tags that the program declares in a way that is not known yet. */
  readonly tags: readonly string[];
  /** Digests that this run keeps or imports under other tags. */
  readonly digests: readonly string[];
}

const nothing: Staying = { tags: [], digests: [] };

/** What `destroy` is to delete. */
export interface RemovalRequest {
  readonly key: StreamKey;
  readonly recorded: RecordedStream;
  readonly onDestroy: OnDestroy;
  readonly deleteInUse: boolean;
}

/** What `up` would remove: tags that are no longer declared, or the old stream of a replacement. */
export function plannedRemoval(outlook: RemovalOutlook): PlannedRemoval | undefined {
  const { desired, before, stream, claimant, staying = nothing } = outlook;
  if (stream === undefined) return undefined;
  const owned = before.tags.map((tag) => tag.name);
  const claims = readClaims(stream).filter((claim) => claim.resource === claimant);
  const subject = replacingArgument(before, desired);
  if (subject === undefined) {
    return undeclaredRemoval(
      stream,
      desired,
      claims.flatMap(({ id }) => removableTags(stream, id, owned)),
      staying,
    );
  }
  const tags = claims.flatMap(({ id }) => destroyedTags(stream, id, owned, before.onDestroy));
  const vanishing = vanishingImages(stream, tags);
  if (vanishing === undefined) return undefined;
  const advice = `Keep the ${subject}, or run pulumi up with the old ${subject} and deleteInUse: true first`;
  return { vanishing, deleteInUse: before.deleteInUse, subject, advice };
}

/** Tags of the stream that belong to the claimant, and that the program no longer declares: this run takes them off. */
export function leavingTags(
  stream: ImageStream | undefined,
  claimant: string,
  desired: PlacedStream,
  { desired: before }: LastRun,
): ReadonlySet<string> {
  if (stream === undefined) return new Set();
  const owned = before?.name === desired.name ? before.tags.map(({ name }) => name) : [];
  const claims = readClaims(stream).filter((claim) => claim.resource === claimant);
  const declared = new Set(desired.tags.map(({ name }) => name));
  const mine = claims.flatMap(({ id }) => removableTags(stream, id, owned));
  return new Set(mine.filter((tag) => !declared.has(tag)));
}

/** Those of `removable` that the program does not declare. */
export function undeclaredRemoval(
  stream: ImageStream,
  desired: PlacedStream,
  removable: readonly string[],
  staying: Staying = nothing,
): PlannedRemoval | undefined {
  const declared = new Set([...desired.tags.map((tag) => tag.name), ...staying.tags]);
  const going = removable.filter((tag) => !declared.has(tag));
  const vanishing = vanishingImages(stream, going, staying.digests);
  if (vanishing === undefined) return undefined;
  const advice = `Keep the ${pluralOf(vanishing.tags.length, "tag")}, or set deleteInUse: true`;
  return { vanishing, deleteInUse: desired.deleteInUse, subject: "tags", advice };
}

/** What destroying deletes. */
export function destruction(
  stream: ImageStream,
  { key, recorded, onDestroy, deleteInUse }: RemovalRequest,
): PlannedRemoval | undefined {
  const tags = destroyedTags(stream, recorded.claim, recorded.owned, onDestroy);
  const vanishing = vanishingImages(stream, tags);
  if (vanishing === undefined) return undefined;
  const subject = `image stream ${streamName(key)} was left as it is`;
  const advice = "Stop what uses it, or set deleteInUse: true and run pulumi up before";
  return { vanishing, deleteInUse, subject, advice };
}

/**
 * Undefined when none of the tags has a history: nobody can pull from them. `imported` are digests that the kept tags will
 * have by then.
 */
export function vanishingImages(
  stream: ImageStream,
  tags: readonly string[],
  imported: readonly string[] = [],
): VanishingImages | undefined {
  const going = [...new Set(tags)].filter((tag) => tagEvents(stream, tag).length > 0).sort();
  if (going.length === 0) return undefined;
  const histories = stream.status?.tags ?? [];
  const staying = histories.filter(({ tag }) => !going.includes(tag)).map(({ tag }) => tag);
  const kept = new Set([...digestsOf(stream, staying), ...imported]);
  const digests = [...digestsOf(stream, going)].filter((digest) => !kept.has(digest)).sort();
  const { namespace, name } = stream.metadata;
  return { namespace, name, tags: going, digests, upstreams: upstreamsOf(stream, going) };
}

/** Where the items came from; an image that was pushed came from the stream's own repository. */
function upstreamsOf(stream: ImageStream, tags: readonly string[]): readonly string[] {
  const own = `/${stream.metadata.namespace}/${stream.metadata.name}`;
  const repositories = tags
    .flatMap((tag) => tagEvents(stream, tag))
    .flatMap(({ dockerImageReference }) => dockerImageReference.split("@")[0] ?? [])
    .filter((repository) => repository !== "" && !repository.endsWith(own));
  return [...new Set(repositories)].sort();
}

function digestsOf(stream: ImageStream, tags: readonly string[]): ReadonlySet<string> {
  const items = tags.flatMap((tag) => tagEvents(stream, tag));
  return new Set(items.map(({ image }) => image).filter((digest) => digest !== ""));
}

function replacingArgument(before: PlacedStream, desired: PlacedStream): "namespace" | "name" | undefined {
  if (before.namespace !== desired.namespace) return "namespace";
  return before.name === desired.name ? undefined : "name";
}
