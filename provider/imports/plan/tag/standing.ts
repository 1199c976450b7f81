import type { ImageStream } from "../../../okd/imageStream.js";
import { own } from "../../../support/collections.js";
import type { DesiredStream, DesiredTag } from "../../args/desiredStream.js";
import type { ResolvedImage, ResolvedTags } from "../../outputs.js";
import { definitionDifference, lacksImportMode } from "./changes.js";
import { prefersSamePlatform } from "./preferredPlatform.js";
import { isResolved, liveImage, pullSpec } from "./resolved.js";
import { specTag, statusTag, tagState, type TagState } from "./state.js";

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
 * - `settled`: it serves the image of its last import.
 * - `unsettled`: its last import failed or has not ended, and the image of the last run is still served.
 */
export type TagStanding =
  | { readonly kind: "due"; readonly reason: string }
  | { readonly kind: "settled"; readonly image: ResolvedImage }
  | { readonly kind: "unsettled"; readonly image: ResolvedImage; readonly trouble: Trouble };

/** `message` undefined: no failure, but an import that has not ended. */
interface Trouble {
  readonly message: string | undefined;
}

export function tagStanding(tag: DesiredTag, observed: ObservedStream, last: LastRun): TagStanding {
  const { stream, lostImages } = observed;
  const live = specTag(stream, tag.name);
  if (live === undefined) return { kind: "due", reason: "is not on the cluster yet" };
  const difference = definitionDifference(tag, live, losesMode(tag, stream, last));
  if (difference !== undefined) return { kind: "due", reason: difference };
  const state = tagState(stream, tag.name);
  const image = liveImage(tag, stream);
  if (image !== undefined) {
    if (!lostImages.has(image.digest)) return { kind: "settled", image };
    return { kind: "due", reason: `has lost its image on the cluster (there is no Image ${image.digest})` };
  }
  const kept = lastGoodImage(tag, observed, last);
  if (kept === undefined) return { kind: "due", reason: dueReason(state) };
  const message = state.kind === "failed" ? state.message : undefined;
  return { kind: "unsettled", image: kept, trouble: { message } };
}

/** Whether the last run declared the import mode already and the server has not kept it. */
export function losesMode(tag: DesiredTag, stream: ImageStream | undefined, last: LastRun): boolean {
  const declared = last.desired?.tags.find(({ name }) => name === tag.name);
  return declared?.importMode === tag.importMode && lacksImportMode(tag, specTag(stream, tag.name));
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
function lastGoodImage(tag: DesiredTag, observed: ObservedStream, last: LastRun): ResolvedImage | undefined {
  const { stream, lostImages } = observed;
  const before = own(last.resolved, tag.name);
  const declared = last.desired?.tags.find(({ name }) => name === tag.name);
  if (declared === undefined || !isSameImport(tag, declared) || !isResolved(before)) return undefined;
  const history = (statusTag(stream, tag.name)?.items ?? []).filter(
    ({ image }) => image !== "" && !lostImages.has(image),
  );
  const event =
    history.find(({ image }) => image === before.digest) ?? (tag.scheduled ? history[0] : undefined);
  if (event === undefined) return undefined;
  const { image: digest, dockerImageReference } = event;
  const repository = stream?.status?.dockerImageRepository;
  const served = { digest, pullSpec: pullSpec(tag, dockerImageReference, digest, repository) };
  return digest === before.digest ? { ...before, ...served } : served;
}

function isSameImport(a: DesiredTag, b: DesiredTag): boolean {
  return a.image === b.image && a.importMode === b.importMode && prefersSamePlatform(a, b);
}
