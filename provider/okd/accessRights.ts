import type { RequestOptions } from "./requestOptions.js";

const imageGroup = "image.openshift.io";

/** One thing that a user may be allowed to do. */
export interface AccessRight {
  readonly verb: "create" | "delete" | "get" | "list" | "update";
  /** Empty for the core group. */
  readonly group: string;
  /** Plural: `imagestreams`. */
  readonly resource: string;
  readonly subresource?: string;
  /** Absent: in all namespaces, or for a resource that has none. */
  readonly namespace?: string;
}

export interface PermissionReview {
  /** Those of the rights that the connection's user does not have, in the same order. */
  missing(rights: readonly AccessRight[], options: RequestOptions): Promise<readonly AccessRight[]>;
}

/** To read a stream; without a namespace those of all. */
export function streamRight(namespace?: string): AccessRight {
  const where = namespace === undefined ? {} : { namespace };
  return { verb: "get", group: imageGroup, resource: "imagestreams", ...where };
}

/** To pull what a stream lists from the integrated registry. */
export function layersRight(namespace?: string): AccessRight {
  return { ...streamRight(namespace), subresource: "layers" };
}

/** `update imagestreams/status.image.openshift.io in namespace shop`. */
export function describeRight({ verb, group, resource, subresource, namespace }: AccessRight): string {
  const name = `${resource}${subresource === undefined ? "" : `/${subresource}`}${group === "" ? "" : `.${group}`}`;
  return `${verb} ${name}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}
