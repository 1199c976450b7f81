import { type StreamKey, streamName } from "../../okd/streamName.js";
import { countOf, nameList, pluralOf } from "../../support/text/wording.js";
import type { PrunePolicy } from "../args/policy.js";
import type { ImageStage } from "../plan/decision.js";

/** One step that failed; the run continues with the next. */
export type PruneFailure =
  | { readonly kind: "stream"; readonly stream: StreamKey; readonly cause: unknown }
  | {
      readonly kind: "layer-link" | "manifest-link";
      readonly stream: StreamKey;
      readonly digest: string;
      readonly cause: unknown;
    }
  | {
      readonly kind: "blob" | "manifest-blob";
      readonly image: string;
      readonly digest: string;
      readonly cause: unknown;
    }
  | { readonly kind: "image"; readonly image: string; readonly cause: unknown }
  | { readonly kind: "unreadable-image" | "unknown-image"; readonly image: string }
  /** A survey failed, so nothing more was cut or deleted, or nobody knows whether something broke. */
  | { readonly kind: "look"; readonly before: "streams" | "images" | "verification"; readonly cause: unknown }
  /** Revisions that were cut, that something has come to need, and that could not be put back. */
  | {
      readonly kind: "restoration";
      readonly stream: StreamKey;
      readonly revisions: number;
      readonly cause: unknown;
    }
  /** Revisions that were cut without a survey afterwards that could tell whether something needs them; by their keys. */
  | { readonly kind: "unseen"; readonly revisions: readonly string[] }
  | { readonly kind: "verification"; readonly image: string; readonly cause: unknown }
  | { readonly kind: "lease"; readonly cause: unknown };

/** The failure, as `oc` words it where it has it. */
export function describePruneFailure(failure: PruneFailure): string {
  switch (failure.kind) {
    case "stream":
      return `${about(failure.stream)}: ${messageOf(failure.cause)}`;
    case "layer-link":
      return `${about(failure.stream)}: failed to delete layer link ${failure.digest}: ${messageOf(failure.cause)}`;
    case "manifest-link":
      return `${about(failure.stream)}: failed to delete manifest link ${failure.digest}: ${messageOf(failure.cause)}`;
    case "blob":
      return `image ${failure.image}: failed to delete blob ${failure.digest}: ${messageOf(failure.cause)}`;
    case "manifest-blob":
      return `image ${failure.image}: failed to delete manifest blob ${failure.digest}: ${messageOf(failure.cause)}`;
    case "image":
      return `image ${failure.image}: failed to delete image ${failure.image}: ${messageOf(failure.cause)}`;
    case "unreadable-image":
      return `image ${failure.image}: failed to read metadata for image ${failure.image}`;
    case "unknown-image":
      return (
        `image ${failure.image}: it does not say what it needs, and the registry does not tell, so no further images were deleted. ` +
        `Push or import it again, or delete it if nothing needs it (oc delete image ${failure.image})`
      );
    case "look":
      return `${consequenceOf[failure.before]}: ${messageOf(failure.cause)}`;
    case "restoration":
      return `${about(failure.stream)}: failed to put back ${countOf(failure.revisions, "revision")} that something came to use: ${messageOf(failure.cause)}`;
    case "unseen":
      return (
        `${nameList(failure.revisions, 3)}: ${countOf(failure.revisions.length, "revision")} ` +
        `${pluralOf(failure.revisions.length, "was", "were")} cut last, and nobody has looked since whether something came to use ${pluralOf(failure.revisions.length, "it", "them")}`
      );
    case "verification":
      return `image ${failure.image}: failed to look for its blobs: ${messageOf(failure.cause)}`;
    case "lease":
      return messageOf(failure.cause);
  }
}

/** Images whose needs are unknown stop the second stage, after the first one has written (facts/pruning.md 22). */
export function failuresOf(stage: ImageStage, rules: PrunePolicy["rules"]): readonly PruneFailure[] {
  switch (stage.kind) {
    case "blocked":
      return stage.unreadable.map((image) => ({
        kind: rules === "oc" ? "unreadable-image" : "unknown-image",
        image,
      }));
    case "planned":
    case "skipped":
      return [];
  }
}

const consequenceOf = {
  streams: "no further image streams were trimmed, because the cluster could not be looked at again",
  images: "no further images were deleted, because the cluster could not be looked at again",
  verification: "it is not known whether images came into use meanwhile",
} as const;

function about(stream: StreamKey): string {
  return `imagestream ${streamName(stream)}`;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
