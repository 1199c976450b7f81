import type { ObjectMeta } from "../model/object.js";
import type { DeleteOptions, ResourceKind } from "../model/resource.js";
import { conflict } from "../model/status.js";

/** Preconditions of a deletion; the message names the kind, not the resource, as the API server does. */
export function checkPreconditions(
  kind: ResourceKind,
  name: string,
  metadata: ObjectMeta,
  options: DeleteOptions,
): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const target = { group: kind.group, resource: kind.kind };
  if (uid !== undefined && uid !== metadata.uid) {
    const text = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ""}). The object might have been deleted and then recreated`;
    throw conflict(target, name, text);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const text = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ""}). The object might have been modified`;
    throw conflict(target, name, text);
  }
}
