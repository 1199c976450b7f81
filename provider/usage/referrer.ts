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

interface ObjectName {
  readonly namespace: string;
  readonly name: string;
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

export type Referrer = PodReferrer | TemplateReferrer | BuildReferrer;

/** The object as `oc` writes it: `pod/web namespace=shop`. */
export function describeReferrer({ kind, namespace, name }: Referrer): string {
  return namespace === "" ? `${kind}/${name}` : `${kind}/${name} namespace=${namespace}`;
}
