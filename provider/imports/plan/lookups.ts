import { importSource } from "../../oci/names/importSource.js";
import { qualifiedReference } from "../../oci/names/pullReference.js";
import { repository } from "../../oci/names/reference.js";
import type { ImageStream } from "../../okd/imageStream.js";
import { own } from "../../support/collections.js";
import type { DesiredStream, DesiredTag } from "../args/desiredStream.js";
import { isPinned } from "../args/meaning.js";
import type { ResolvedImage } from "../outputs.js";
import { lostModeWarning, policyDifferences } from "./tag/changes.js";
import { isResolved, pullSpec } from "./tag/resolved.js";
import {
  type LastRun,
  losesMode,
  noLastRun,
  type ObservedStream,
  type TagStanding,
  tagStanding,
} from "./tag/standing.js";
import { specTag, statusTag } from "./tag/state.js";

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
  /** Problems on the cluster that stop nothing. */
  readonly warnings: readonly string[];
}

/** `unknown`: in a preview that does not know the triggers yet. */
export type TriggersChanged = boolean | "unknown";

/** Decides which sources have to be asked. */
export function planLookups(
  desired: DesiredStream,
  observed: ObservedStream,
  last: LastRun,
  triggersChanged: TriggersChanged,
): LookupPlan {
  const isMoved =
    last.desired !== undefined &&
    (last.desired.name !== desired.name || last.desired.namespace !== desired.namespace);
  const situation = { desired, observed, last: isMoved ? noLastRun : last, triggersChanged };
  const plans = desired.tags.map((tag) => planTag(tag, situation));
  return {
    known: Object.fromEntries(
      plans.flatMap(({ tag, known }) => (known === undefined ? [] : [[tag.name, known]])),
    ),
    lookups: plans.flatMap(({ tag, purpose }) => (purpose === undefined ? [] : [{ tag, purpose }])),
    remarks: [...missingStream(situation), ...plans.flatMap(({ remarks }) => remarks)],
    warnings: plans.flatMap(({ warnings }) => warnings),
  };
}

interface Situation {
  readonly desired: DesiredStream;
  readonly observed: ObservedStream;
  readonly last: LastRun;
  readonly triggersChanged: TriggersChanged;
}

interface TagPlan {
  readonly tag: DesiredTag;
  readonly known?: ResolvedImage;
  readonly purpose?: Lookup["purpose"] | undefined;
  readonly remarks: readonly string[];
  readonly warnings: readonly string[];
}

function planTag(tag: DesiredTag, situation: Situation): TagPlan {
  const { observed, last, triggersChanged } = situation;
  const standing = tagStanding(tag, observed, last);
  if (standing.kind === "due") return needed(tag, standing.reason, situation);
  if (triggersChanged === true) return needed(tag, "is imported again, because triggers changed", situation);
  const { known, remarks, warnings } = knownImage(tag, standing, situation);
  const policies = policyRemarks(tag, observed.stream);
  const lost = losesMode(tag, observed.stream, last) ? [lostModeWarning(tag)] : [];
  return {
    tag,
    known,
    purpose: purposeOf(tag, situation),
    remarks: [...policies, ...remarks],
    warnings: [...lost, ...warnings],
  };
}

/** Said once in place of a line for every tag. */
function missingStream({ desired, observed, last }: Situation): readonly string[] {
  if (observed.stream !== undefined || Object.keys(last.resolved).length === 0) return [];
  return [`image stream ${desired.namespace ?? ""}/${desired.name} is not on the cluster`];
}

/** The reason for an import is worth a line only if the last run had the tag. */
function needed(tag: DesiredTag, reason: string, { last, observed }: Situation): TagPlan {
  const isKnown = observed.stream !== undefined && own(last.resolved, tag.name) !== undefined;
  const remarks = [...sourceWarnings(tag), ...(isKnown ? [`${tag.name} ${reason}`] : [])];
  return { tag, purpose: "needed", remarks, warnings: [] };
}

function purposeOf(tag: DesiredTag, { desired, triggersChanged }: Situation): Lookup["purpose"] | undefined {
  if (isPinned(tag.image)) return undefined;
  if (triggersChanged === "unknown") return "undecided";
  return isTracked(desired, tag) ? "tracked" : undefined;
}

function knownImage(
  tag: DesiredTag,
  standing: Exclude<TagStanding, { readonly kind: "due" }>,
  situation: Situation,
): {
  readonly known: ResolvedImage;
  readonly remarks: readonly string[];
  readonly warnings: readonly string[];
} {
  const { image } = standing;
  if (standing.kind === "unsettled") {
    const { message } = standing.trouble;
    const keeps = `${tag.name} keeps ${image.digest}`;
    return message === undefined
      ? { known: image, remarks: [`${keeps}: an import that was asked for has not ended`], warnings: [] }
      : {
          known: image,
          remarks: [],
          warnings: [`${keeps}, although it could not be imported again: ${message}`],
        };
  }
  const known = keptImage(tag, image, situation);
  const isElsewhere = known.digest !== image.digest && !tag.scheduled;
  const remark = `${tag.name} serves ${image.digest} on the cluster, not the recorded ${known.digest}`;
  return { known, remarks: isElsewhere ? [remark] : [], warnings: [] };
}

/** Warns of what is legal and probably not meant, only when the tag is about to be imported. */
function sourceWarnings(tag: DesiredTag): readonly string[] {
  const source = importSource(tag.image);
  if (!source.ok) return [];
  const full = qualifiedReference(repository(source.reference));
  const isSaid = source.warnings.some((warning) => warning.includes(full));
  const short =
    source.reference.registry === "" && !isSaid
      ? [`${JSON.stringify(tag.image)} names no registry, so this is ${full}, as its pull spec says`]
      : [];
  return [...source.warnings, ...short].map((warning) => `${tag.name}: ${warning}`);
}

/** The cluster moves a scheduled tag. */
function isTracked(desired: DesiredStream, tag: DesiredTag): boolean {
  return desired.trackUpstream !== "pinned" && !tag.scheduled;
}

/**
 * `follow` takes what the cluster serves; the others keep what was recorded, while the tag's history still holds it:
 * the integrated registry serves nothing else (facts/registries.md 1). Details survive an equal digest.
 */
function keptImage(
  tag: DesiredTag,
  live: ResolvedImage,
  { desired, observed, last }: Situation,
): ResolvedImage {
  const { stream, lostImages } = observed;
  const before = own(last.resolved, tag.name);
  if (!isResolved(before) || lostImages.has(before.digest)) return live;
  const history = statusTag(stream, tag.name)?.items ?? [];
  const event = history.find(({ image }) => image === before.digest);
  if (event === undefined) return live;
  if (before.digest !== live.digest && desired.trackUpstream === "follow") return live;
  const repository = stream?.status?.dockerImageRepository;
  return { ...before, pullSpec: pullSpec(tag, event.dockerImageReference, before.digest, repository) };
}

function policyRemarks(tag: DesiredTag, stream: ImageStream | undefined): readonly string[] {
  const live = specTag(stream, tag.name);
  const differences = live === undefined ? [] : policyDifferences(tag, live);
  return differences.length === 0 ? [] : [`${tag.name}: ${differences.join(", ")} on the cluster`];
}
