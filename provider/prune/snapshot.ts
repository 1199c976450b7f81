import type { MirrorRule } from "../usage/mirrors.js";
import type { Referrer } from "../usage/referrer.js";
import type { StreamFacts } from "../usage/streamFacts.js";

/**
 * What is known about a cluster at one instant, reduced to what decides. A hundred thousand images must fit: texts that
 * repeat (digests of layers, media types, pull specs) are meant to be shared, and there is no object per layer.
 *
 * Instants are milliseconds since 1970; -Infinity where an object does not say, which means infinitely old (facts/pruning.md 32).
 */
export interface ClusterSnapshot {
  /** What ages are measured against: the server's clock. */
  readonly takenAt: number;
  readonly images: readonly Image[];
  readonly streams: readonly StreamFacts[];
  readonly referrers: readonly Referrer[];
  readonly imageLimits: readonly ImageLimit[];
  /** Of every IDMS, ITMS and ICSP; not read for the rules of `oc`, which follows none. */
  readonly mirrors?: readonly MirrorRule[];
  /** Compressed size by digest, of every layer that says so. */
  readonly layerBytes: ReadonlyMap<string, number>;
}

/** An Image of image.openshift.io/v1. */
export interface Image {
  /** Its name: the digest of its manifest. */
  readonly digest: string;
  /** Precondition of its deletion. */
  readonly uid: string;
  readonly createdAt: number;
  /** Annotation openshift.io/image.managed is exactly "true": pushed to the integrated registry, not imported. */
  readonly managed: boolean;
  readonly mediaType: string;
  /** `namespace/name` in its `dockerImageReference`, the host left out: where it was pushed to or imported from. */
  readonly repository: string;
  /** It has `signatures`, which are deleted with it. */
  readonly isSigned: boolean;
  /** Digests, repeated where the manifest repeats them; as far as they are said. */
  readonly layers: readonly string[];
  readonly metadata: ImageMetadata;
  /** Digests of an index's direct children; as far as they are said. */
  readonly manifests: readonly string[];
  /** Whether the three above are all that it needs. */
  readonly unsaid: Unsaid;
}

/**
 * What an Image leaves out; it counts as unknown, never as none. Servers before 4.13 store no children of an index, and
 * an ImageStreamMapping stores what it was told.
 * - `blobs`: some or all layers, or the config.
 * - `manifests`: some or all children of an index.
 * - `kind`: whether it is an index, an image or something else; so everything.
 */
export type Unsaid = "nothing" | "blobs" | "manifests" | "kind";

/** `dockerImageMetadata`, which holds the config's digest and the size. */
export type ImageMetadata =
  | { readonly kind: "known"; readonly configId: string; readonly sizeBytes: number }
  | { readonly kind: "absent" }
  | { readonly kind: "undecodable"; readonly problem: string };

/** A LimitRange item of type openshift.io/Image. */
export interface ImageLimit {
  readonly namespace: string;
  /** `max.storage` as written, a Kubernetes quantity. */
  readonly maxStorage: string;
}
