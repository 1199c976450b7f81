import type { ImageStream, TagReference } from "../../../okd/imageStream.js";
import type { StreamKey } from "../../../okd/streamName.js";
import { own } from "../../../support/collections.js";
import type {
  AliasTag,
  DesiredStream,
  DesiredTag,
  ImageTag,
  StreamSourceTag,
} from "../../args/desiredStream.js";
import type { ReferencedImage, ResolvedImage, ResolvedTags } from "../../outputs.js";
import { definitionDifference, lacksImportMode } from "./changes.js";
import { prefersSamePlatform } from "./preferredPlatform.js";
import { isResolved, liveImage, newestImage, pullSpec, referencedImage } from "./resolved.js";
import { isDigestStart, writtenDigest, sourceText } from "./source.js";
import { specTag, tagEvents, tagState, type TagState } from "./state.js";

/** A stream as it was found. */
export interface ObservedStream {
  /** Undefined when there is none. */
  readonly stream: ImageStream | undefined;
  /** Digests of its history whose Image object is gone, as far as that may be read. */
  readonly lostImages: ReadonlySet<string>;
}

/** What the last run declared and resolved; nothing for a new resource. */
export interface LastRun {
  readonly desired: DesiredStream | undefined;
  readonly resolved: ResolvedTags;
}

export const noLastRun: LastRun = { desired: undefined, resolved: {} };

/**
 * How a tag stands on the cluster, compared with the program and the last run.
 * - `due`: it has to be imported (again); the reason is for people.
 * - `settled`: it serves the image of its last import, or of what it follows.
 * - `referenced`: it names an image as declared, and nothing is to be known of it.
 * - `unsettled`: its last import failed or has not ended, and the image of the last run is still served.
 */
export type TagStanding =
  | { readonly kind: "due"; readonly reason: string }
  | { readonly kind: "settled"; readonly image: ResolvedImage }
  | { readonly kind: "referenced"; readonly image: ReferencedImage }
  | { readonly kind: "unsettled"; readonly image: ResolvedImage; readonly trouble: Trouble };

/** `message` undefined: no failure, but an import that has not ended. */
interface Trouble {
  readonly message: string | undefined;
}

export function tagStanding(tag: DesiredTag, observed: ObservedStream, last: LastRun): TagStanding {
  const { stream } = observed;
  const live = specTag(stream, tag.name);
  if (stream === undefined || live === undefined) return { kind: "due", reason: "is not on the cluster yet" };
  const isLost = tag.kind === "image" && losesMode(tag, stream, last);
  const difference = definitionDifference(tag, live, stream.metadata, isLost);
  if (difference !== undefined) return { kind: "due", reason: difference };
  switch (tag.kind) {
    case "image":
      return importStanding(tag, observed, last);
    case "reference":
      return { kind: "referenced", image: referencedImage(tag) };
    case "alias":
      return aliasStanding(tag, stream);
    case "imageStreamTag":
    case "imageStreamImage":
      return isAsked(tag, last, stream.metadata)
        ? permanentStanding(tag, stream, live, observed.lostImages)
        : { kind: "due", reason: "has to be asked for anew" };
  }
}

function importStanding(tag: ImageTag, observed: ObservedStream, last: LastRun): TagStanding {
  const { stream, lostImages } = observed;
  const image = liveImage(tag, stream);
  if (image !== undefined) return keptUnlessLost(image, lostImages);
  const state = tagState(stream, tag.name);
  const kept = lastGoodImage(tag, observed, last);
  if (kept === undefined) return { kind: "due", reason: dueReason(state) };
  const message = state.kind === "failed" ? state.message : undefined;
  return { kind: "unsettled", image: kept, trouble: { message } };
}

function keptUnlessLost(image: ResolvedImage, lostImages: ReadonlySet<string>): TagStanding {
  if (!lostImages.has(image.digest)) return { kind: "settled", image };
  return { kind: "due", reason: `has lost its image on the cluster (there is no Image ${image.digest})` };
}

function aliasStanding(tag: AliasTag, stream: ImageStream): TagStanding {
  const [target] = tagEvents(stream, tag.alias);
  const image = newestImage(tag, stream);
  if (target === undefined) return { kind: "due", reason: `waits for an image of ${tag.alias}` };
  if (image?.digest === target.image) return { kind: "settled", image };
  return { kind: "due", reason: `does not serve what ${tag.alias} serves` };
}

/** A digest on the cluster does not say of which tag it was; the last run does, where it found an image. */
function isAsked(tag: StreamSourceTag, last: LastRun, key: Pick<StreamKey, "namespace">): boolean {
  if (tag.kind === "imageStreamImage") return true;
  return hasSameSource(tag, last, key) && isResolved(own(last.resolved, tag.name));
}

/** Whether the last run took the image of a tag from where the program takes it now. */
export function hasSameSource(tag: DesiredTag, last: LastRun, key: Pick<StreamKey, "namespace">): boolean {
  const before = last.desired?.tags.find(({ name }) => name === tag.name);
  if (before?.kind !== tag.kind) return false;
  return tag.kind === "image" ? isSameImport(tag, before) : sourceText(tag, key) === sourceText(before, key);
}

function permanentStanding(
  tag: StreamSourceTag,
  stream: ImageStream,
  live: TagReference,
  lostImages: ReadonlySet<string>,
): TagStanding {
  const image = newestImage(tag, stream);
  const written = writtenDigest(live);
  if (image === undefined || !isDigestStart(written, image.digest))
    return { kind: "due", reason: `does not serve what its definition names (${written})` };
  return keptUnlessLost(image, lostImages);
}

/** Whether the last run declared the import mode already and the server has not kept it. */
export function losesMode(tag: ImageTag, stream: ImageStream | undefined, last: LastRun): boolean {
  const declared = last.desired?.tags.find(({ name }) => name === tag.name);
  const before = declared?.kind === "image" ? declared.importMode : undefined;
  return before === tag.importMode && lacksImportMode(tag, specTag(stream, tag.name));
}

function dueReason(state: TagState): string {
  switch (state.kind) {
    case "failed":
      return `was not imported: ${state.message}`;
    case "pending":
    case "imported":
      return "has not been imported yet";
    case "absent":
      return "is not on the cluster yet";
  }
}

/**
 * The image of the last run, if that run imported the tag from the same source under the same policy, and the stream still
 * serves it. For a scheduled tag, which the cluster moves, the image that it serves now.
 */
function lastGoodImage(tag: ImageTag, observed: ObservedStream, last: LastRun): ResolvedImage | undefined {
  const { stream, lostImages } = observed;
  const before = own(last.resolved, tag.name);
  const declared = last.desired?.tags.find(({ name }) => name === tag.name);
  if (declared === undefined || !isSameImport(tag, declared) || !isResolved(before)) return undefined;
  const history = tagEvents(stream, tag.name).filter(({ image }) => image !== "" && !lostImages.has(image));
  const event =
    history.find(({ image }) => image === before.digest) ?? (tag.scheduled ? history[0] : undefined);
  if (event === undefined) return undefined;
  const { image: digest, dockerImageReference } = event;
  const repository = stream?.status?.dockerImageRepository;
  const served = { digest, pullSpec: pullSpec(tag, dockerImageReference, digest, repository) };
  return digest === before.digest ? { ...before, ...served } : served;
}

function isSameImport(a: ImageTag, b: DesiredTag): boolean {
  return (
    b.kind === "image" && a.image === b.image && a.importMode === b.importMode && prefersSamePlatform(a, b)
  );
}
