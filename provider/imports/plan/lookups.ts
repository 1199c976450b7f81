import { importSource } from "../../oci/names/importSource.js";
import { qualifiedReference } from "../../oci/names/pullReference.js";
import { repository } from "../../oci/names/reference.js";
import type { ImageStream } from "../../okd/imageStream.js";
import { streamName } from "../../okd/streamName.js";
import { own } from "../../support/collections.js";
import type {
  DesiredStream,
  DesiredTag,
  ImageTag,
  PlacedStream,
  StreamSourceTag,
} from "../args/desiredStream.js";
import { isPinned } from "../args/image.js";
import type { ReferencedImage, ResolvedImage } from "../outputs.js";
import { isGone } from "./repository/expand.js";
import { lostModeWarning, policyDifferences } from "./tag/changes.js";
import { reimportNow, type TriggersChanged } from "./reimport.js";
import { isResolved, pullSpec, referencedImage } from "./tag/resolved.js";
import { isOfOwnStream, isPermanent, type OwnStreamTag } from "./tag/source.js";
import {
  hasSameSource,
  type LastRun,
  losesMode,
  noLastRun,
  type ObservedStream,
  type TagStanding,
  tagStanding,
} from "./tag/standing.js";
import { specTag, tagEvents } from "./tag/state.js";

/**
 * - `needed`: the tag will be imported, and the preview has to know what that gives.
 * - `tracked`: the tag is fine; the lookup only finds out whether upstream moved, and its failure changes nothing.
 * - `undecided`: the tag is fine, and will be imported again if triggers turn out to have changed.
 */
export interface Lookup<Tag extends DesiredTag = ImageTag> {
  readonly tag: Tag;
  readonly purpose: "needed" | "tracked" | "undecided";
}

export interface LookupPlan {
  /** Tags that need no request. */
  readonly known: Readonly<Record<string, ResolvedImage | ReferencedImage>>;
  /** Images that a registry has to be asked for. */
  readonly lookups: readonly Lookup[];
  /** Images of other streams, which a dry run of the stream's write answers (facts/image-streams.md 22). */
  readonly sources: readonly Lookup<StreamSourceTag>[];
  /** Tags that resolve to what other tags of this stream do. */
  readonly followers: readonly OwnStreamTag[];
  /** Why tags that are to be imported again cannot be. */
  readonly refusals: readonly string[];
  /** Whether the definition of a tag has to be written, or its image imported. */
  readonly isDue: boolean;
  /** What differs from the program, or from what was recorded, in lines for people. */
  readonly remarks: readonly string[];
  /** Problems on the cluster that stop nothing. */
  readonly warnings: readonly string[];
}

/** Decides which sources have to be asked. */
export function planLookups(
  desired: PlacedStream,
  observed: ObservedStream,
  last: LastRun,
  triggersChanged: TriggersChanged,
): LookupPlan {
  const isMoved =
    last.desired !== undefined &&
    (last.desired.name !== desired.name || last.desired.namespace !== desired.namespace);
  const situation = { desired, observed, last: isMoved ? noLastRun : last, triggersChanged };
  const plans = desired.tags.map((tag) => planTag(tag, situation));
  const again = reimportNow(desired, observed.stream, situation.last, triggersChanged);
  const asked = plans.flatMap(({ tag, purpose }) => (purpose === undefined ? [] : [{ tag, purpose }]));
  return {
    known: Object.fromEntries([
      ...again.known,
      ...plans.flatMap(({ tag, known }) => (known === undefined ? [] : [[tag.name, known] as const])),
    ]),
    lookups: [
      ...asked.flatMap(({ tag, purpose }) => (tag.kind === "image" ? [{ tag, purpose }] : [])),
      ...again.tags.map((tag) => ({ tag, purpose: again.purpose })),
    ],
    refusals: again.refusals,
    sources: asked.flatMap(({ tag, purpose }) =>
      isPermanent(tag) && !isOfOwnStream(tag, desired) ? [{ tag, purpose }] : [],
    ),
    followers: plans.flatMap(({ tag, known }) =>
      known === undefined && isOfOwnStream(tag, desired) ? [tag] : [],
    ),
    isDue: plans.some(({ isDue }) => isDue),
    remarks: [...missingStream(situation), ...plans.flatMap(({ remarks }) => remarks)],
    warnings: plans.flatMap(({ warnings }) => warnings),
  };
}

interface Situation {
  readonly desired: PlacedStream;
  readonly observed: ObservedStream;
  readonly last: LastRun;
  readonly triggersChanged: TriggersChanged;
}

interface TagPlan {
  readonly tag: DesiredTag;
  readonly isDue: boolean;
  readonly known?: ResolvedImage | ReferencedImage | undefined;
  readonly purpose?: Lookup["purpose"] | undefined;
  readonly remarks: readonly string[];
  readonly warnings: readonly string[];
}

function planTag(tag: DesiredTag, situation: Situation): TagPlan {
  const { observed, last, triggersChanged } = situation;
  const standing = tagStanding(tag, observed, last);
  if (standing.kind === "due") return needed(tag, standing.reason, situation);
  if (triggersChanged === true && tag.kind !== "reference" && !isGone(situation.desired, tag.name))
    return needed(tag, "is imported again, because triggers changed", situation);
  const policies = policyRemarks(tag, observed.stream);
  if (standing.kind === "referenced")
    return { tag, isDue: false, known: standing.image, remarks: policies, warnings: [] };
  const { known, remarks, warnings } = knownImage(tag, standing, situation);
  const isLost = tag.kind === "image" && losesMode(tag, observed.stream, last);
  const lost = isLost ? [lostModeWarning(tag)] : [];
  return {
    tag,
    isDue: false,
    known: isFollowing(tag, situation) ? undefined : known,
    purpose: purposeOf(tag, situation),
    remarks: [...policies, ...remarks],
    warnings: [...lost, ...warnings],
  };
}

/** Said once in place of a line for every tag. */
function missingStream({ desired, observed, last }: Situation): readonly string[] {
  if (observed.stream !== undefined || Object.keys(last.resolved).length === 0) return [];
  return [`image stream ${streamName(desired)} is not on the cluster`];
}

/** The reason for an import is worth a line only if the last run had the tag. */
function needed(tag: DesiredTag, reason: string, { last, observed }: Situation): TagPlan {
  const isKnown = observed.stream !== undefined && own(last.resolved, tag.name) !== undefined;
  const told = isKnown ? [`${tag.name} ${reason}`] : [];
  if (tag.kind === "reference")
    return { tag, isDue: true, known: referencedImage(tag), remarks: told, warnings: [] };
  const warned = tag.kind === "image" ? sourceWarnings(tag) : [];
  return { tag, isDue: true, purpose: "needed", remarks: [...warned, ...told], warnings: [] };
}

/** An alias resolves to what its target will resolve to; so does a permanent tag of this stream that follows upstream. */
function isFollowing(tag: DesiredTag, { desired }: Situation): boolean {
  if (tag.kind === "alias") return true;
  return tag.kind === "imageStreamTag" && isOfOwnStream(tag, desired) && desired.trackUpstream === "follow";
}

function purposeOf(tag: DesiredTag, situation: Situation): Lookup["purpose"] | undefined {
  const { desired, triggersChanged } = situation;
  if (tag.kind === "imageStreamImage" || tag.kind === "alias" || tag.kind === "reference") return undefined;
  if (tag.kind === "image" && (isPinned(tag.image) || isGone(desired, tag.name))) return undefined;
  if (triggersChanged === "unknown") return "undecided";
  return isTracked(desired, tag) ? "tracked" : undefined;
}

function knownImage(
  tag: DesiredTag,
  standing: Extract<TagStanding, { readonly kind: "settled" | "unsettled" }>,
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
  const isElsewhere = known.digest !== image.digest && !isScheduled(tag);
  const remark = `${tag.name} serves ${image.digest} on the cluster, not the recorded ${known.digest}`;
  return { known, remarks: isElsewhere ? [remark] : [], warnings: [] };
}

/** Warns of what is legal and probably not meant, only when the tag is about to be imported. */
function sourceWarnings(tag: ImageTag): readonly string[] {
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
  return desired.trackUpstream !== "pinned" && !isScheduled(tag);
}

function isScheduled(tag: DesiredTag): boolean {
  return tag.kind === "image" && tag.scheduled;
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
  // Somebody else may have brought about already what the program wants now.
  if (!hasSameSource(tag, last, desired)) return live;
  if (!isResolved(before) || lostImages.has(before.digest)) return live;
  const history = tagEvents(stream, tag.name);
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
