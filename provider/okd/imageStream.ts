/**
 * The parts of image.openshift.io/v1 ImageStream and ImageStreamImport that imports read or write.
 * Every object may carry more fields; they are kept as they are when an object is sent back.
 */

export interface ObjectReference {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

export type ImportMode = "Legacy" | "PreserveOriginal";
export type ReferencePolicyType = "Source" | "Local";

export interface TagImportPolicy {
  readonly insecure?: boolean;
  readonly scheduled?: boolean;
  readonly importMode?: ImportMode;
}

/** An entry of spec.tags. */
export interface TagReference {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly from?: ObjectReference;
  readonly reference?: boolean;
  /** Assigned by the server; 0 asks for a new import (facts/image-streams.md 13). */
  readonly generation?: number | null;
  readonly importPolicy?: TagImportPolicy;
  readonly referencePolicy?: { readonly type?: ReferencePolicyType };
}

/** An entry of status.tags[].items, newest first. */
export interface TagEvent {
  readonly created: string;
  readonly dockerImageReference: string;
  /** Digest of the image; empty for reference tags. */
  readonly image: string;
  readonly generation: number;
}

interface TagCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly generation: number;
}

export interface NamedTagEventList {
  readonly tag: string;
  readonly items?: readonly TagEvent[] | null;
  readonly conditions?: readonly TagCondition[];
}

interface StreamMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ImageStream {
  readonly metadata: StreamMetadata;
  readonly spec: {
    readonly lookupPolicy?: { readonly local: boolean };
    readonly dockerImageRepository?: string;
    readonly tags?: readonly TagReference[];
  };
  readonly status?: {
    readonly dockerImageRepository?: string;
    readonly publicDockerImageRepository?: string;
    readonly tags?: readonly NamedTagEventList[];
  };
}

/** An entry of ImageStreamImport spec.images. */
export interface ImageImportSpec {
  readonly from: ObjectReference;
  /** The tag; always sent, because a source without a tag would otherwise be imported into none. */
  readonly to: { readonly name: string };
  readonly importPolicy: TagImportPolicy;
  readonly referencePolicy?: { readonly type: ReferencePolicyType };
  /** Answers manifest and config as the registry holds them; without effect where the import is stored. */
  readonly includeManifest?: boolean;
}

/** metav1.Status as far as it decides something. */
export interface ApiStatus {
  readonly status?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly kind?: string; readonly name?: string; readonly retryAfterSeconds?: number };
}

export interface ImageManifestSummary {
  readonly digest: string;
  readonly mediaType?: string;
  readonly manifestSize?: number;
  readonly architecture?: string;
  readonly os?: string;
  readonly variant?: string;
}

/** An Image as the import answers it. */
export interface ImportedImage {
  readonly metadata: { readonly name: string };
  readonly dockerImageReference?: string;
  readonly dockerImageMetadata?: {
    readonly Created?: string;
    readonly Architecture?: string;
    readonly Os?: string;
    readonly Variant?: string;
    /** Bytes of the compressed layers and the config. */
    readonly Size?: number;
  };
  readonly dockerImageLayers?: readonly { readonly name: string; readonly size: number }[];
  readonly dockerImageManifests?: readonly ImageManifestSummary[];
}

/** One row of ImageStreamImport status.images; `image` is absent when the import failed, whatever `status` says. */
export interface ImageImportStatus {
  readonly status: ApiStatus;
  readonly image?: ImportedImage | null;
  readonly tag?: string;
}

export interface ImportResult {
  /** Index-aligned with the request's images. */
  readonly images: readonly ImageImportStatus[];
  /** The stream after a storing import; absent with `import: false`. */
  readonly stream?: ImageStream;
}
