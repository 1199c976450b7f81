import { own } from "../../support/collections.js";
import type { DesiredStream } from "../args/desiredStream.js";
import {
  describeImportFailure,
  type FailureContext,
  hasRefusedSecret,
  type ImportRow,
  mayLackPullSecret,
} from "../failure/explain.js";
import type { ResolvedImage, ResolvedTag } from "../outputs.js";
import type { Lookup, LookupPlan } from "./lookups.js";
import { resolvedImage } from "./tag/resolved.js";

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
  /** `up` fails unless something changes. */
  readonly isDoubtful: boolean;
}

export interface AskedLookups {
  readonly desired: DesiredStream;
  readonly plan: LookupPlan;
  /** What the cluster answered, by tag. */
  readonly rows: ReadonlyMap<string, ImportRow>;
  /** The stream's address in the integrated registry. */
  readonly repository: string | undefined;
  readonly context: FailureContext;
}

type Answer =
  | {
      readonly kind: "resolved";
      readonly image: ResolvedImage;
      readonly remark?: string;
      readonly warning?: string;
    }
  | { readonly kind: "undecided"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string; readonly isDoubtful: boolean }
  | { readonly kind: "failed"; readonly message: string };

/** What the tags resolve to after the lookups were answered. A tag that fails for good has its error in `resolved`. */
export function answerLookups(asked: AskedLookups): LookupAnswers {
  const resolved = new Map<string, ResolvedTag>(Object.entries(asked.plan.known));
  const failures: string[] = [];
  const undecided: UndecidedTag[] = [];
  const remarks: string[] = [];
  const warnings: string[] = [];
  for (const lookup of asked.plan.lookups) {
    const { name } = lookup.tag;
    const answer = answerTo(lookup, asked);
    switch (answer.kind) {
      case "resolved":
        resolved.set(name, answer.image);
        if (answer.remark !== undefined) remarks.push(answer.remark);
        if (answer.warning !== undefined) warnings.push(answer.warning);
        break;
      case "undecided":
        resolved.delete(name);
        undecided.push({ tag: name, reason: answer.reason, isDoubtful: false });
        break;
      case "refused":
        resolved.set(name, { error: answer.reason });
        undecided.push({ tag: name, reason: answer.reason, isDoubtful: answer.isDoubtful });
        break;
      case "failed":
        resolved.set(name, { error: answer.message });
        failures.push(answer.message);
    }
  }
  return { resolved: Object.fromEntries(resolved), failures, undecided, remarks, warnings };
}

function answerTo(lookup: Lookup, { desired, plan, rows, repository, context }: AskedLookups): Answer {
  const { tag, purpose } = lookup;
  const known = own(plan.known, tag.name);
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
  if (purpose === "needed" || known === undefined)
    return mayLackPullSecret(failure)
      ? { kind: "refused", reason: message, isDoubtful: hasRefusedSecret(tag, context) }
      : { kind: "failed", message };
  return { kind: "resolved", image: known, warning: `upstream could not be asked: ${message}` };
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
  { trackUpstream }: DesiredStream,
): Answer {
  if (known === undefined || known.digest === upstream.digest) return { kind: "resolved", image: upstream };
  const built = upstream.created === undefined ? "" : ` (built ${upstream.created})`;
  const move = `${name} moved upstream: ${known.digest} -> ${upstream.digest}${built}`;
  if (trackUpstream === "follow") return { kind: "resolved", image: upstream, remark: move };
  return { kind: "resolved", image: known, warning: `${move}; set trackUpstream: "follow" to import it` };
}
