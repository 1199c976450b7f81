import type { ClusterIdentity } from "../../okd/clusterIdentity.js";
import type { PruneArgs } from "../args/parsed.js";
import type { PrunePlan } from "../outputs.js";
import { type Approval, fingerprintOf } from "../plan/approval.js";

/** The arguments that decide, beside the plan itself, how it is executed. */
export interface HowPruned extends Pick<PruneArgs, "mode"> {
  readonly rules: "safe" | "oc";
  readonly pruneRegistry: boolean;
}

/** A plan that a preview has shown. */
export interface ShownPlan {
  readonly kind: "planned";
  readonly cluster: ClusterIdentity;
  readonly how: HowPruned;
  /** Instant that ages are measured against, milliseconds since 1970: the update takes the same one. */
  readonly takenAt: number;
  readonly approval: Approval;
  /** As shown; handed back unchanged when the update plans the same, so that `--strict` holds. */
  readonly input: PrunePlan;
}

/** What the preview of a run leaves for its update, so that the update does no more than the preview has shown. */
export type LeftByPreview =
  | ShownPlan
  /** The preview could not know the plan, so nothing may be deleted in this run. */
  | { readonly kind: "unknown" }
  /** The preview refused the plan. */
  | { readonly kind: "refused" };

/** What the update of a run finds of its preview. */
export type HandedOver =
  | LeftByPreview
  /** `preview`: what the CLI's arguments say of it. */
  | { readonly kind: "nothing"; readonly preview: "shown" | "skipped" | "unknown" }
  /** `why` continues "what the preview has left". */
  | { readonly kind: "unreadable"; readonly why: string }
  /** The run of the CLI cannot be found. */
  | { readonly kind: "unavailable" };

/** Version of the format; another version of this package may run the preview. */
const shape = 2;

export function howPruned({ mode, policy: { rules, pruneRegistry } }: PruneArgs): HowPruned {
  return { mode, rules, pruneRegistry };
}

/** As JSON can carry it. */
export function toHandOver(left: LeftByPreview): object {
  switch (left.kind) {
    case "unknown":
    case "refused":
      return { shape, kind: left.kind };
    case "planned": {
      const { cluster, how, takenAt, approval, input } = left;
      const content = { cuts: [...approval.cuts], images: [...approval.images] };
      return { shape, kind: "planned", cluster, how, takenAt, ...content, input };
    }
  }
}

/** Whatever is not exactly what `toHandOver` answers is unreadable. */
export function fromHandOver(value: unknown): HandedOver {
  if (!isFields(value) || value.shape !== shape) {
    return { kind: "unreadable", why: "is of another version of this package" };
  }
  if (value.kind === "unknown" || value.kind === "refused") return { kind: value.kind };
  return shownPlan(value) ?? { kind: "unreadable", why: "is damaged" };
}

function shownPlan({ kind, cluster, how, takenAt, cuts, images, input }: Fields): ShownPlan | undefined {
  if (kind !== "planned" || typeof takenAt !== "number" || !Number.isFinite(takenAt)) return undefined;
  if (!isFields(cluster) || typeof cluster.server !== "string" || !isHow(how) || !isFields(input)) {
    return undefined;
  }
  if (!areTexts(cuts) || !areTexts(images)) return undefined;
  const approval = { cuts: new Set(cuts), images: new Set(images) };
  if (input.fingerprint !== fingerprintOf(approval)) return undefined;
  return {
    kind,
    cluster: cluster as unknown as ClusterIdentity,
    how,
    takenAt,
    approval,
    input: input as unknown as PrunePlan,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isHow(value: unknown): value is HowPruned {
  return (
    isFields(value) &&
    (value.mode === "prune" || value.mode === "report") &&
    (value.rules === "safe" || value.rules === "oc") &&
    typeof value.pruneRegistry === "boolean"
  );
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
