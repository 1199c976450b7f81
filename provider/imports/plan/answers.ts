import { own } from "../../support/collections.js";
import type { ImageStream } from "../../okd/imageStream.js";
import type { ImageTag, PlacedStream, StreamSourceTag } from "../args/desiredStream.js";
import {
  describeImportFailure,
  type FailureContext,
  hasRefusedSecret,
  type ImportFailure,
  type ImportRow,
  mayLackPullSecret,
} from "../failure/explain.js";
import { judgeOwnSecret } from "../failure/ownPullSecret.js";
import type { ResolvedImage, ResolvedTag } from "../outputs.js";
import type { Lookup, LookupPlan } from "./lookups.js";
import { type OwnStreamAnswer, resolveOwnStreamTag } from "./ownStream.js";
import { describeSourceRefusal, type SourceAnswer } from "./sourceAnswers.js";
import { isResolved, resolvedImage, servedImage } from "./tag/resolved.js";

export interface LookupAnswers {
  readonly resolved: Readonly<Record<string, ResolvedTag>>;
  /** Tags that cannot be resolved, whatever else the same program does. */
  readonly failures: readonly string[];
  /** Tags whose image depends on what is not known or not there yet. */
  readonly undecided: readonly UndecidedTag[];
  readonly remarks: readonly string[];
  readonly warnings: readonly string[];
}

interface UndecidedTag {
  readonly tag: string;
  readonly reason: string;
  /** What the same program may do, without which `up` stops: `replaces the pull secret`; absent where `up` may well pass. */
  readonly unless?: string;
}

export interface AskedLookups {
  readonly desired: PlacedStream;
  readonly stream: ImageStream | undefined;
  readonly plan: LookupPlan;
  /** What registries answered, by tag. */
  readonly rows: ReadonlyMap<string, ImportRow>;
  /** What a dry run answered about other streams, by tag. */
  readonly sources: ReadonlyMap<string, SourceAnswer>;
  /** The stream's address in the integrated registry. */
  readonly repository: string | undefined;
  readonly context: FailureContext;
  /** Tags that the program declares in a way that is not known yet. */
  readonly undecided: readonly string[];
  /** Tags that this run takes off the stream. */
  readonly leaving: ReadonlySet<string>;
}

type Answer =
  | {
      readonly kind: "resolved";
      readonly image: ResolvedImage;
      readonly remark?: string;
      readonly warning?: string;
    }
  | { readonly kind: "undecided"; readonly reason: string }
  /** Not to be had now; `unless` as in UndecidedTag. */
  | { readonly kind: "refused"; readonly reason: string; readonly unless?: string }
  | { readonly kind: "failed"; readonly message: string };

/** What the tags resolve to after the lookups were answered. A tag that fails for good has its error in `resolved`. */
export function answerLookups(asked: AskedLookups): LookupAnswers {
  const { plan } = asked;
  const answers = collect(new Map<string, ResolvedTag>(Object.entries(plan.known)));
  for (const lookup of plan.lookups) answers.add(lookup.tag.name, answerTo(lookup, asked));
  for (const lookup of plan.sources) answers.add(lookup.tag.name, sourceAnswerTo(lookup, asked));
  for (const tag of plan.followers) {
    const undecided = [...asked.undecided, ...answers.undecided.map((each) => each.tag)];
    const resolved = Object.fromEntries(answers.resolved);
    const facts = { ...asked, resolved, undecided: new Set(undecided) };
    answers.add(tag.name, followerAnswer(resolveOwnStreamTag(tag, facts)));
  }
  const { failures, undecided, remarks, warnings } = answers;
  return { resolved: Object.fromEntries(answers.resolved), failures, undecided, remarks, warnings };
}

/** Sorts answers into what a preview shows. */
function collect(resolved: Map<string, ResolvedTag>) {
  const failures: string[] = [];
  const undecided: UndecidedTag[] = [];
  const remarks: string[] = [];
  const warnings: string[] = [];
  const add = (tag: string, answer: Answer): void => {
    switch (answer.kind) {
      case "resolved":
        resolved.set(tag, answer.image);
        if (answer.remark !== undefined) remarks.push(answer.remark);
        if (answer.warning !== undefined) warnings.push(answer.warning);
        break;
      case "undecided":
        resolved.delete(tag);
        undecided.push({ tag, reason: answer.reason });
        break;
      case "refused": {
        const { reason, unless } = answer;
        resolved.set(tag, { error: reason });
        undecided.push({ tag, reason, ...(unless === undefined ? {} : { unless }) });
        break;
      }
      case "failed":
        resolved.set(tag, { error: answer.message });
        failures.push(answer.message);
    }
  };
  return { resolved, failures, undecided, remarks, warnings, add };
}

function answerTo(lookup: Lookup, { desired, plan, rows, repository, context }: AskedLookups): Answer {
  const { tag, purpose } = lookup;
  const known = knownImage(plan, tag.name);
  const row = rows.get(tag.name);
  if (row?.kind === "imported") {
    const image = resolvedImage(tag, row.image, repository);
    return purpose === "undecided"
      ? unlessMoved(tag.name, image, known)
      : tracked(tag.name, image, known, desired);
  }
  const failure =
    row?.failure ??
    ({ code: "IMPORT_FAILED", message: "the cluster did not answer", transient: true } as const);
  const message = describeImportFailure(tag, failure, context);
  if (purpose === "undecided") return { kind: "undecided", reason: message };
  if (purpose === "needed" || known === undefined) {
    return refusal(tag, failure, message, context);
  }
  return { kind: "resolved", image: known, warning: `upstream could not be asked: ${message}` };
}

/** For what the resource's own pull secret was not tried yet is not known; where it was refused, the tag has failed. */
function refusal(tag: ImageTag, failure: ImportFailure, message: string, context: FailureContext): Answer {
  switch (judgeOwnSecret(tag.image, failure.code, context)) {
    case "coming":
      return { kind: "undecided", reason: awaitedSecret(tag, context.own?.name ?? "") };
    case "refused":
      return { kind: "failed", message };
    case "unrelated": {
      if (!mayLackPullSecret(failure)) return { kind: "failed", message };
      const isDoubtful = hasRefusedSecret(tag, context);
      return {
        kind: "refused",
        reason: message,
        ...(isDoubtful ? { unless: "replaces the pull secret" } : {}),
      };
    }
  }
}

function awaitedSecret({ name, image }: ImageTag, secret: string): string {
  const which = secret === "" ? "which is not known yet" : `${secret}, which is still to be written`;
  return `tags.${name}: ${image} needs a login, and this resource has a pull secret, ${which}`;
}

function sourceAnswerTo({ tag, purpose }: Lookup<StreamSourceTag>, asked: AskedLookups): Answer {
  const { desired, plan, sources, repository } = asked;
  const known = knownImage(plan, tag.name);
  const answer = sources.get(tag.name) ?? { kind: "refused", refusal: "notFound" };
  if (answer.kind === "found") {
    const stream = {
      metadata: desired,
      status: repository === undefined ? {} : { dockerImageRepository: repository },
    };
    const image = servedImage(tag, answer, stream);
    return purpose === "undecided"
      ? unlessMoved(tag.name, image, known)
      : tracked(tag.name, image, known, desired);
  }
  const reason = describeSourceRefusal(tag, answer.refusal, desired);
  if (purpose === "undecided") return { kind: "undecided", reason };
  if (purpose === "tracked" && known !== undefined)
    return { kind: "resolved", image: known, warning: `upstream could not be asked: ${reason}` };
  return answer.refusal === "forbidden"
    ? { kind: "refused", reason, unless: "grants the right" }
    : { kind: "refused", reason, unless: "makes it before" };
}

/** A tag that does not exist may be made by the same program before `up` gets here. */
function followerAnswer(answer: OwnStreamAnswer): Answer {
  switch (answer.kind) {
    case "resolved":
    case "undecided":
      return answer;
    case "missing":
      return { kind: "refused", reason: `${answer.reason} [SOURCE_NOT_FOUND]`, unless: "makes it before" };
    case "failed":
      return { kind: "failed", message: `${answer.reason} [SOURCE_NOT_FOUND]` };
  }
}

function knownImage({ known }: LookupPlan, tag: string): ResolvedImage | undefined {
  const image = own(known, tag);
  return isResolved(image) ? image : undefined;
}

/** While nobody knows whether triggers have changed, an image is known only if it is the same in both cases. */
function unlessMoved(name: string, upstream: ResolvedImage, known: ResolvedImage | undefined): Answer {
  if (known?.digest === upstream.digest) return { kind: "resolved", image: known };
  const reason = `${name} moves to ${upstream.digest} if triggers have changed`;
  return { kind: "undecided", reason };
}

/** An imported tag keeps what was recorded, unless the program follows upstream. */
function tracked(
  name: string,
  upstream: ResolvedImage,
  known: ResolvedImage | undefined,
  { trackUpstream }: PlacedStream,
): Answer {
  if (known === undefined || known.digest === upstream.digest) return { kind: "resolved", image: upstream };
  const built = upstream.created === undefined ? "" : ` (built ${upstream.created})`;
  const move = `${name} moved upstream: ${known.digest} -> ${upstream.digest}${built}`;
  if (trackUpstream === "follow") return { kind: "resolved", image: upstream, remark: move };
  return { kind: "resolved", image: known, warning: `${move}; set trackUpstream: "follow" to import it` };
}
