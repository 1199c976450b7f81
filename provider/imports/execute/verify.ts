import type { ImageStream } from "../../okd/imageStream.js";
import { own } from "../../support/collections.js";
import { ImageError } from "../../support/imageError.js";
import type { DesiredTag, ImageTag, PlacedStream } from "../args/desiredStream.js";
import { describeImportFailure, type FailureContext, type ImportRow } from "../failure/explain.js";
import type { ResolvedTag, ResolvedTags } from "../outputs.js";
import { isUnwritten } from "../plan/readiness.js";
import { isResolved, newestImage, resolvedImage } from "../plan/tag/resolved.js";
import { describeSource } from "../plan/tag/source.js";
import { specTag, tagState } from "../plan/tag/state.js";

interface Verified {
  readonly resolved: ResolvedTag;
  readonly failure: string | undefined;
}

/** The answer alone is not trusted: the stream must serve the digest, and it must be the one that was planned. */
export function verifyImport(
  tag: ImageTag,
  row: ImportRow | undefined,
  stream: ImageStream,
  plannedTags: ResolvedTags,
  context: FailureContext,
): Verified {
  if (row?.kind !== "imported") {
    const failure = describeImportFailure(
      tag,
      row?.failure ?? { code: "IMPORT_FAILED", message: "no answer", transient: true },
      context,
    );
    return { resolved: { error: failure }, failure };
  }
  const resolved = resolvedImage(tag, row.image, stream.status?.dockerImageRepository);
  const state = tagState(stream, tag.name);
  if (state.kind !== "imported" || state.digest !== resolved.digest) {
    const failure = new ImageError(
      "IMPORT_FAILED",
      `tags.${tag.name}: ${tag.image} was imported as ${resolved.digest}, but the tag now ${describeState(state)}. Does something else write this image stream?`,
    ).message;
    return { resolved: { error: failure }, failure };
  }
  const planned = own(plannedTags, tag.name);
  if (!isResolved(planned) || planned.digest === resolved.digest) return { resolved, failure: undefined };
  const failure = new ImageError(
    "IMPORT_MOVED",
    `tags.${tag.name}: ${tag.image} moved upstream while this ran: planned was ${planned.digest}, imported was ${resolved.digest}. Look at the next preview, then run pulumi up again.`,
  ).message;
  return { resolved, failure };
}

function describeState(state: ReturnType<typeof tagState>): string {
  switch (state.kind) {
    case "absent":
      return "is gone";
    case "imported":
      return `serves ${state.digest}`;
    case "failed":
      return `reports ${state.message}`;
    case "pending":
      return "waits for another import";
  }
}

interface Written {
  /** After everything was written. */
  readonly stream: ImageStream;
  readonly resolved: ResolvedTags;
}

/** Compares the definition on the cluster with the program, and what tags serve that are not imported. */
export function verifyDefinition(
  { stream, resolved }: Written,
  { desired, planned }: { readonly desired: PlacedStream; readonly planned: ResolvedTags },
): { readonly resolved: ResolvedTags; readonly failures: readonly string[] } {
  const after = new Map(Object.entries(resolved));
  const failures = desired.tags.flatMap((tag) => {
    const failure = definitionFailure(tag, stream, desired, own(planned, tag.name));
    if (failure === undefined) {
      const served = servedNow(tag, stream, own(resolved, tag.name));
      if (served !== undefined) after.set(tag.name, served);
      return [];
    }
    if (tag.kind !== "image") after.set(tag.name, { error: failure });
    return [failure];
  });
  return { resolved: Object.fromEntries(after), failures };
}

function definitionFailure(
  tag: DesiredTag,
  stream: ImageStream,
  desired: PlacedStream,
  planned: ResolvedTag | undefined,
): string | undefined {
  if (tag.kind !== "image" && planned !== undefined && "error" in planned) return planned.error;
  if (!isUnwritten(tag, stream, desired)) return undefined;
  const live = specTag(stream, tag.name);
  if (live === undefined) {
    const why = tag.kind === "alias" ? `${tag.alias} has no image to follow` : "its source has no image";
    return new ImageError("SOURCE_NOT_FOUND", `tags.${tag.name}: was not written, because ${why}`).message;
  }
  const found = `its definition is not as declared, although it was written twice (its source is ${describeSource(live)})`;
  const text = `tags.${tag.name}: ${found}. Something else writes this image stream: let only one of the two have the tag`;
  return new ImageError("TAG_CHANGED", text).message;
}

/** What a tag serves that follows another one, in place of what was planned for it. */
function servedNow(
  tag: DesiredTag,
  stream: ImageStream,
  resolved: ResolvedTag | undefined,
): ResolvedTag | undefined {
  if (tag.kind !== "alias") return undefined;
  const image = newestImage(tag, stream);
  if (image === undefined) return undefined;
  return isResolved(resolved) && resolved.digest === image.digest ? resolved : image;
}
