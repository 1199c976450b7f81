import { isDeepStrictEqual } from "node:util";
import type { ImageStream, TagReference } from "../../okd/imageStream.js";
import { streamName } from "../../okd/streamName.js";
import { own } from "../../support/collections.js";
import type { DesiredStream, ImageTag, PlacedStream } from "../args/desiredStream.js";
import type { ResolvedImage } from "../outputs.js";
import { isResolved } from "./tag/resolved.js";
import { followedTag } from "./tag/source.js";
import type { LastRun } from "./tag/standing.js";
import { specTag, tagEvents } from "./tag/state.js";

/** Tags to be imported again as the cluster defines them, and what cannot be. */
export interface Reimport {
  /** Not those that the program declares: these are imported as declared. */
  readonly tags: readonly ImageTag[];
  readonly problems: readonly string[];
}

/** Whether the tags are imported again in this run: the first time, and whenever the program asks anew. */
export function isReimportDue(
  desired: DesiredStream,
  before: DesiredStream | undefined,
  triggersChanged: boolean,
): boolean {
  if (desired.reimport === "none") return false;
  return triggersChanged || !isDeepStrictEqual(before?.reimport, desired.reimport);
}

/** `unknown`: in a preview that does not know the triggers yet. */
export type TriggersChanged = boolean | "unknown";

interface ReimportNow {
  /** What tags keep that are not imported again in this run. */
  readonly known: readonly (readonly [tag: string, image: ResolvedImage])[];
  readonly tags: readonly ImageTag[];
  readonly purpose: "needed" | "undecided";
  readonly refusals: readonly string[];
}

/** Tags that are imported again keep what that gave, until the program asks anew. */
export function reimportNow(
  desired: PlacedStream,
  stream: ImageStream | undefined,
  last: LastRun,
  triggersChanged: TriggersChanged,
): ReimportNow {
  const { tags, problems } = planReimport(desired, stream);
  if (isReimportDue(desired, last.desired, triggersChanged === true))
    return { known: [], tags, purpose: "needed", refusals: problems };
  const known = tags.flatMap(({ name }) => {
    const image = own(last.resolved, name);
    return isResolved(image) ? [[name, image] as const] : [];
  });
  return { known, tags: triggersChanged === "unknown" ? tags : [], purpose: "undecided", refusals: [] };
}

/** Reads the tags of `reimport` off the stream, as `oc import-image` without `--from` does (facts/importing.md 29). */
export function planReimport(desired: PlacedStream, stream: ImageStream | undefined): Reimport {
  const { reimport } = desired;
  if (reimport === "none") return { tags: [], problems: [] };
  if (stream === undefined) {
    const problem = `reimport: there is no image stream ${streamName(desired)}, whose tags could be imported again [STREAM_NOT_FOUND]`;
    return { tags: [], problems: [problem] };
  }
  const names =
    reimport === "all" ? (stream.spec.tags ?? []).filter(isImported).map(({ name }) => name) : reimport;
  const found = names.map((name) => importedTag(name, name, stream, []));
  const tags = new Map(found.flatMap((tag) => (typeof tag === "string" ? [] : [[tag.name, tag] as const])));
  for (const { name } of desired.tags) tags.delete(name);
  return {
    tags: [...tags.values()],
    problems: found.filter((tag) => typeof tag === "string"),
  };
}

function isImported({ from, reference = false }: TagReference): boolean {
  return from?.kind === "DockerImage" && !reference;
}

/** The tag that an import of `name` imports: an alias leads to another one. A text says why there is none. */
function importedTag(
  asked: string,
  name: string,
  stream: ImageStream,
  passed: readonly string[],
): ImageTag | string {
  const label = `reimport: the tag ${asked} of image stream ${streamName(stream.metadata)}`;
  if (passed.includes(name)) return `${label} is an alias that leads back to itself [SOURCE_NOT_FOUND]`;
  const live = specTag(stream, name);
  if (live === undefined) {
    const isPushed = tagEvents(stream, name).length > 0;
    const why = isPushed ? "was pushed, so it has no source to import from" : "does not exist";
    return `${label}${name === asked ? "" : `, an alias of ${name},`} ${why}: declare it in tags with a source [SOURCE_NOT_FOUND]`;
  }
  const next = followedTag(live, stream.metadata);
  if (next !== undefined) return importedTag(asked, next, stream, [...passed, name]);
  if (live.from?.kind !== "DockerImage") {
    const kind = live.from?.kind ?? "nothing";
    return `${label} is made from ${kind} ${live.from?.name ?? ""}, which cannot be imported again [SOURCE_NOT_FOUND]`;
  }
  return liveDefinition(live);
}

function liveDefinition(live: TagReference): ImageTag {
  const { importPolicy, referencePolicy, annotations } = live;
  return {
    kind: "image",
    name: live.name,
    image: live.from?.name ?? "",
    scheduled: importPolicy?.scheduled ?? false,
    insecure: importPolicy?.insecure ?? false,
    importMode: importPolicy?.importMode,
    mirror: false,
    referencePolicy: referencePolicy?.type ?? "Source",
    annotations: annotations ?? {},
  };
}
