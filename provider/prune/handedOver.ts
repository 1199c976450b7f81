import type { Approval } from "./plan/approval.js";
import type { PlanInput } from "./plan/planInput.js";

/** What the preview of a run leaves for its update, so that the update does no more than the preview has shown. */
export type HandedOver =
  /** The preview could not know the plan: nothing may go in this run. */
  | { readonly kind: "unknown" }
  | {
      readonly kind: "planned";
      /** Instant that ages are measured against, milliseconds since 1970: the update takes the same one. */
      readonly takenAt: number;
      readonly approval: Approval;
      /** As shown; handed back unchanged when the update plans the same, so that `--strict` holds. */
      readonly input: PlanInput;
    };

/** As JSON can carry it. */
export function toHandOver(handed: HandedOver): object {
  switch (handed.kind) {
    case "unknown":
      return { kind: "unknown" };
    case "planned":
      return {
        kind: "planned",
        takenAt: handed.takenAt,
        cuts: [...handed.approval.cuts],
        images: [...handed.approval.images],
        input: handed.input,
      };
  }
}

/** Undefined for a value of another shape: another version of this package, in the same run of the CLI. */
export function fromHandOver(value: unknown): HandedOver | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, takenAt, cuts, images, input } = value as Readonly<Record<string, unknown>>;
  if (kind === "unknown") return { kind };
  if (kind !== "planned" || typeof takenAt !== "number") return undefined;
  if (!Array.isArray(cuts) || !Array.isArray(images) || typeof input !== "object") return undefined;
  const approval = { cuts: new Set(cuts as string[]), images: new Set(images as string[]) };
  return { kind, takenAt, approval, input: input as PlanInput };
}
