import type { ContentPool } from "../support/contentPool.js";
import { objectAt, textAt } from "../support/json.js";

/**
 * Objects that name images, as far as they name them. One compact value an object: a listing of 50,000 pods holds each
 * text once, because pods of one workload share their `images`.
 */

/** A container of a pod template and the image that it names. */
export interface ContainerImage {
  readonly role: "init container" | "container";
  readonly name: string;
  /** As written; may be blank or invalid. */
  readonly image: string;
}

/** An object reference of kind DockerImage, ImageStreamTag or ImageStreamImage; other kinds exist and mean nothing here. */
export interface ImageSource {
  readonly kind: string;
  /** Empty: the namespace of the object that holds it. */
  readonly namespace: string;
  readonly name: string;
}

/**
 * What else an object says about images, beyond what `oc` reads (facts/pruning.md 4, 34, 35). Shared between the objects that say
 * the same; absent where there is nothing.
 */
export interface Mentions {
  /** Ephemeral containers, image volumes, fields named by the user: the field for messages, the text as written. */
  readonly pullSpecs: readonly { readonly field: string; readonly text: string }[];
  /** Source images and outputs of builds, triggers. */
  readonly sources: readonly ImageSource[];
  /** `sha256:<64 hex>`: every digest that stands anywhere in the object, however it is spelt. */
  readonly digests: readonly string[];
  /** `imageID` of container statuses as written: a manifest's digest or a bare config ID, perhaps behind a pull spec. */
  readonly imageIds: readonly string[];
  /**
   * Texts that may be pull specs, all with a tag, which is `*` where it is not known: they use what they name if there is
   * such a stream, and are never invalid. Absent where there are none.
   */
  readonly possibleSpecs?: readonly string[];
}

interface ObjectName {
  readonly namespace: string;
  readonly name: string;
  readonly mentions?: Mentions | undefined;
}

export interface PodReferrer extends ObjectName {
  readonly kind: "pod";
  readonly phase: string;
  /** Milliseconds since 1970; -Infinity when the object does not say. */
  readonly createdAt: number;
  readonly images: readonly ContainerImage[];
}

/** Kinds whose pod template counts whatever the object's age, size or state. */
export type TemplateKind =
  | "replicationcontroller"
  | "deploymentconfig"
  | "replicaset"
  | "deployment"
  | "daemonset"
  | "statefulset"
  | "job"
  | "cronjob";

export interface TemplateReferrer extends ObjectName {
  readonly kind: TemplateKind;
  readonly images: readonly ContainerImage[];
}

export interface BuildReferrer extends ObjectName {
  readonly kind: "build" | "buildconfig";
  /** What the strategy builds from. */
  readonly from: ImageSource | undefined;
}

/** Kinds that `oc` does not read. */
export interface OtherReferrer extends ObjectName {
  readonly kind: "other";
  /** For messages: `controllerrevision`, `node`, `widget.example.io`. */
  readonly objectKind: string;
}

export type Referrer = PodReferrer | TemplateReferrer | BuildReferrer | OtherReferrer;

/** The object as `oc` writes it: `pod/web namespace=shop`. */
export function describeReferrer(referrer: Referrer): string {
  const { namespace, name } = referrer;
  const kind = referrer.kind === "other" ? referrer.objectKind : referrer.kind;
  return namespace === "" ? `${kind}/${name}` : `${kind}/${name} namespace=${namespace}`;
}

/** The namespace is empty for objects of the cluster. */
export function nameOf(
  object: unknown,
  pool: ContentPool,
): { readonly namespace: string; readonly name: string } {
  const metadata = objectAt(object, "metadata");
  return { namespace: pool.text(textAt(metadata, "namespace")), name: textAt(metadata, "name") };
}
