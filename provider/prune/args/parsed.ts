import type { RegistryUrl } from "../../oci/names/registryUrl.js";
import type { PrunePolicy } from "./policy.js";

/** The arguments of an ImagePrunePolicy after parsing, without the connection. */
export interface PruneArgs {
  /** `report` plans and writes its report, and never prunes. */
  readonly mode: "prune" | "report";
  readonly policy: PrunePolicy;
  readonly registry: PrunedRegistryArgs;
  readonly limits: PruneLimits;
  readonly extraReferences: readonly ExtraReference[];
  /** Globs of resources, like `builds` or `*.example.io`, that may stay unread when they cannot be read. */
  readonly allowUnreadable: readonly string[];
  /** Globs of `<plural>.<group>` that discovery may find and that are not read at all. */
  readonly skipKinds: readonly string[];
  /** Path of a JSON plan report: only what it lists may be deleted. */
  readonly approvedPlan: string | undefined;
  /** Only the plan with this fingerprint may be executed. */
  readonly approvedFingerprint: string | undefined;
  /** Path of the report to write; its extension decides the format. */
  readonly planReport: string | undefined;
  /** Objections to ignore. */
  readonly force: readonly ForcibleObjection[];
  /** Milliseconds since 1970 at which ages are measured; undefined for the server's now. */
  readonly asOf: number | undefined;
  /** Streams, and then Images, at a time. */
  readonly workers: number;
  readonly triggers: readonly unknown[];
}

/** How to reach the integrated registry. */
export interface PrunedRegistryArgs {
  /** Undefined: where the cluster says that it is. */
  readonly url: RegistryUrl | undefined;
  /** A path or PEM text. */
  readonly caCert: string | undefined;
  readonly skipTlsVerify: boolean;
}

/** Limits of a plan; undefined for no limit. */
export interface PruneLimits {
  readonly images: number | undefined;
  readonly revisions: number | undefined;
  readonly bytes: number | undefined;
  /** Of all Images, and of all revisions of tags, 0 to 1. */
  readonly fraction: number | undefined;
}

/** Further objects that name images: where the pull specs stand in them. */
export interface ExtraReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** RFC 9535, like `$.spec.containers[*].image`; undefined for anywhere in the object. */
  readonly jsonPath?: string | undefined;
}

/** States of the cluster in which nothing is pruned unless `force` names them. */
export const forcibleObjections = [
  "noPods",
  "noStreams",
  "zeroRevisions",
  "clusterUpgrading",
  "registryDegraded",
  "imagePrunerRunning",
] as const;

export type ForcibleObjection = (typeof forcibleObjections)[number];
