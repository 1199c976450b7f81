import type { IntegratedRegistryAddress } from "../../oci/names/registryUrl.js";
import type { ImportMode, ReferencePolicyType } from "../../okd/imageStream.js";
import { ImageError } from "../../support/imageError.js";
import type { DesiredRepository, SelectedTag } from "./desiredRepository.js";
import type { DesiredPullSecret } from "./pullSecret/desired.js";

/** What every kind of tag has. */
interface DeclaredTag {
  readonly name: string;
  readonly referencePolicy: ReferencePolicyType;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A tag that is imported from a registry. */
export interface ImageTag extends DeclaredTag {
  readonly kind: "image";
  /** Pull spec of the source, as written. */
  readonly image: string;
  readonly scheduled: boolean;
  readonly insecure: boolean;
  /** Absent: the cluster's default, which is never compared. */
  readonly importMode: ImportMode | undefined;
  /** Copy the image into the integrated registry at once; only under the policy Local. */
  readonly mirror: boolean;
}

/** A tag that only names an image: nothing is imported, and it has no digest. */
export interface ReferenceTag extends DeclaredTag {
  readonly kind: "reference";
  /** Pull spec, as written. */
  readonly image: string;
}

/** A tag that tracks another tag of the same stream. */
export interface AliasTag extends DeclaredTag {
  readonly kind: "alias";
  /** The tracked tag. */
  readonly alias: string;
}

/** A permanent tag: one image of a stream, whatever becomes of the stream's tags. */
interface PermanentTag extends DeclaredTag {
  /** Of the source stream; absent: the namespace of this one. */
  readonly namespace: string | undefined;
  readonly stream: string;
  /** Keeps the pull spec of the source stream, under the policy Local too. */
  readonly reference: boolean;
}

/** The image that a tag of a stream names when this tag is written. */
interface StreamTagTag extends PermanentTag {
  readonly kind: "imageStreamTag";
  readonly tag: string;
}

/** An image in the history of a stream. */
export interface StreamImageTag extends PermanentTag {
  readonly kind: "imageStreamImage";
  /** Digest, or its beginning, with or without `sha256:`. */
  readonly image: string;
}

export type StreamSourceTag = StreamTagTag | StreamImageTag;

/** A tag as the program declares it, with every default filled in. */
export type DesiredTag = ImageTag | ReferenceTag | AliasTag | StreamSourceTag;

/** What to do when the upstream tag names another digest than the one recorded. */
type TrackUpstream = "pinned" | "report" | "follow";

/** `all`: those with an external source. */
export type Reimported = "none" | "all" | readonly string[];

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
  /** Sorted by name; with those of the repository, as soon as it is known which. */
  readonly tags: readonly DesiredTag[];
  readonly repository: DesiredRepository | undefined;
  /** Which of the tags come from the repository. */
  readonly selected: readonly SelectedTag[];
  /** The pull secret that the resource keeps; absent: none. */
  readonly pullSecret: DesiredPullSecret | undefined;
  readonly trackUpstream: TrackUpstream;
  readonly adopt: boolean;
  readonly onDestroy: OnDestroy;
  /** Deletes tags even while something uses them. */
  readonly deleteInUse: boolean;
  /** Where images are copied to. */
  readonly integratedRegistry: IntegratedRegistryAddress;
  /** Tags that are imported again as the stream defines them, on create and when the triggers change. */
  readonly reimport: Reimported;
  /** `spec.dockerImageRepository`, which the cluster imports by itself; absent: left as it is. */
  readonly sourceRepository: string | undefined;
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

/** Makes the cluster trust every registry of a stream's repository imports and pull-throughs. */
export const insecureAnnotation = "openshift.io/image.insecureRepository";
/** Says when the cluster has last looked at a stream; without it, it imports the stream anew. */
export const checkedAnnotation = "openshift.io/image.dockerRepositoryCheck";
