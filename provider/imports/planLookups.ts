import { importSource } from "../oci/importSource.js";
import { isPinned } from "./argumentMeaning.js";
import type { DesiredStream, DesiredTag } from "./desiredStream.js";
import type { ImageStream } from "./imageStream.js";
import { isResolved, liveImage, type ResolvedImage, type ResolvedTags } from "./resolvedTag.js";
import { importReason, policyDifferences } from "./tagChanges.js";
import { specTag, statusTag } from "./tagState.js";

/**
 * - `needed`: the tag will be imported, and the preview has to know what that gives.
 * - `tracked`: the tag is fine; the lookup only finds out whether upstream moved, and its failure changes nothing.
 * - `undecided`: the tag is fine, and will be imported again if triggers turn out to have changed.
 */
export interface Lookup {
  readonly tag: DesiredTag;
  readonly purpose: "needed" | "tracked" | "undecided";
}

export interface LookupPlan {
  /** Tags that need no request. */
  readonly known: Readonly<Record<string, ResolvedImage>>;
  readonly lookups: readonly Lookup[];
  /** What differs from the program, or from what was recorded, in lines for people. */
  readonly remarks: readonly string[];
}

/** `unknown`: in a preview that does not know the triggers yet. */
export type TriggersChanged = boolean | "unknown";

/** Decides which sources have to be asked. `recorded` is `resolved` of the last run, empty for a new resource. */
export function planLookups(
  desired: DesiredStream,
  stream: ImageStream | undefined,
  recorded: ResolvedTags,
  triggersChanged: TriggersChanged,
): LookupPlan {
  const known: Record<string, ResolvedImage> = {};
  const lookups: Lookup[] = [];
  const remarks: string[] = [];
  for (const tag of desired.tags) {
    const before = recorded[tag.name];
    const reason =
      importReason(tag, stream) ??
      (triggersChanged === true ? "is imported again, because triggers changed" : undefined);
    const live = liveImage(tag, stream);
    if (reason !== undefined || live === undefined) {
      lookups.push({ tag, purpose: "needed" });
      remarks.push(...sourceWarnings(tag));
      if (before !== undefined) remarks.push(`${tag.name} ${reason ?? "has not been imported yet"}`);
      continue;
    }
    remarks.push(...policyRemarks(tag, stream));
    const kept = keptImage(desired, tag, stream, live, isResolved(before) ? before : undefined);
    known[tag.name] = kept;
    if (kept.digest !== live.digest && !tag.scheduled) {
      remarks.push(`${tag.name} serves ${live.digest} on the cluster, not the recorded ${kept.digest}`);
    }
    if (triggersChanged === "unknown" && !isPinned(tag.image)) lookups.push({ tag, purpose: "undecided" });
    else if (isTracked(desired, tag)) lookups.push({ tag, purpose: "tracked" });
  }
  return { known, lookups, remarks };
}

/** What is legal and probably not meant. Said only when the tag is about to be imported. */
function sourceWarnings(tag: DesiredTag): readonly string[] {
  const source = importSource(tag.image);
  return source.ok ? source.warnings.map((warning) => `${tag.name}: ${warning}`) : [];
}

/** A digest never moves, and a scheduled tag is moved by the cluster. */
function isTracked(desired: DesiredStream, tag: DesiredTag): boolean {
  return desired.trackUpstream !== "pinned" && !tag.scheduled && !isPinned(tag.image);
}

/**
 * `follow` takes what the cluster serves; the others keep what was recorded, while the tag's history still holds it:
 * the integrated registry serves nothing else (okd-live.md 7.1). Details survive an equal digest.
 */
function keptImage(
  desired: DesiredStream,
  tag: DesiredTag,
  stream: ImageStream | undefined,
  live: ResolvedImage,
  before: ResolvedImage | undefined,
): ResolvedImage {
  const history = statusTag(stream, tag.name)?.items ?? [];
  if (before === undefined || !history.some((event) => event.image === before.digest)) return live;
  if (before.digest !== live.digest && desired.trackUpstream === "follow") return live;
  return { ...before, pullSpec: live.pullSpec.replace(/@.*$/, `@${before.digest}`) };
}

function policyRemarks(tag: DesiredTag, stream: ImageStream | undefined): readonly string[] {
  const live = specTag(stream, tag.name);
  const differences = live === undefined ? [] : policyDifferences(tag, live);
  return differences.length === 0 ? [] : [`${tag.name}: ${differences.join(", ")} on the cluster`];
}
