import type { ImportMode, ReferencePolicyType } from "../../okd/imageStream.js";
import { ImageError } from "../../support/imageError.js";

/** A tag as the program declares it, with every default filled in. */
export interface DesiredTag {
  readonly name: string;
  /** Pull spec of the source, as written. */
  readonly image: string;
  readonly scheduled: boolean;
  readonly insecure: boolean;
  /** Absent: the cluster's default, which is never compared. */
  readonly importMode: ImportMode | undefined;
  readonly referencePolicy: ReferencePolicyType;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What to do when the upstream tag names another digest than the one recorded. */
type TrackUpstream = "pinned" | "report" | "follow";

/** What destroying the resource removes. */
export type OnDestroy = "owned" | "stream" | "keep";

/** The arguments of an ImportedImageStream after parsing, every default filled in, without the connection. */
export interface DesiredStream {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Absent: left as it is. */
  readonly lookupLocal: boolean | undefined;
  /** Sorted by name. */
  readonly tags: readonly DesiredTag[];
  readonly trackUpstream: TrackUpstream;
  readonly adopt: boolean;
  readonly onDestroy: OnDestroy;
  /** Deletes tags even while something uses them. */
  readonly deleteInUse: boolean;
  /** Any change imports every tag again. */
  readonly triggers: readonly unknown[];
}

/** With the namespace that the arguments or the connection name. */
export type PlacedStream = DesiredStream & { readonly namespace: string };

/** @throws ImageError CONNECTION_INVALID: a check fills the namespace in, or fails */
export function placed(desired: DesiredStream): PlacedStream {
  if (desired.namespace === undefined)
    throw new ImageError("CONNECTION_INVALID", "namespace: is missing in the checked inputs");
  return { ...desired, namespace: desired.namespace };
}

/** Annotations `pulumi-okd-images/claim-<id>` on the stream say which resources own which of its tags. */
export const claimPrefix = "pulumi-okd-images/claim-";
