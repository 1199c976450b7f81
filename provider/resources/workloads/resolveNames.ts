/** Annotations of a pod template, to be spread among others. */
export type ResolvingAnnotations = {
  /** `*`: all names of images in the pod. */
  readonly "alpha.image.policy.openshift.io/resolve-names": "*";
};

/**
 * Annotation for the metadata of a pod template (`spec.template.metadata.annotations`), by which its containers may name
 * tags of image streams of their namespace, like `web:v1`, as `oc set image-lookup deploy/web` does. A stream with
 * `lookupLocal: true` lets every workload of the namespace do so.
 */
export function resolveNames(): ResolvingAnnotations {
  return { "alpha.image.policy.openshift.io/resolve-names": "*" };
}
