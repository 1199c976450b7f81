import { ImageError } from "../../support/imageError.js";
import type { PrunePolicy } from "../plan/policy.js";
import type { AccessRight, PermissionReview, RequestOptions } from "./ports.js";

const imageGroup = "image.openshift.io";

/** What a prune under this policy does beyond listing. The registry asks for the right to delete Images too (prune.md 5). */
export function requiredRights(policy: PrunePolicy): readonly AccessRight[] {
  const streams = {
    group: imageGroup,
    resource: "imagestreams",
    ...(policy.namespace === undefined ? {} : { namespace: policy.namespace }),
  };
  const images = { group: imageGroup, resource: "images" };
  const lease = { group: "coordination.k8s.io", resource: "leases", namespace: "openshift-image-registry" };
  const deletesImages = policy.rules === "safe" || policy.namespace === undefined || policy.pruneRegistry;
  return [
    { verb: "get", ...streams },
    { verb: "update", ...streams, subresource: "status" },
    ...(policy.rules === "safe" ? [{ verb: "get" as const, ...images }] : []),
    ...(deletesImages ? [{ verb: "delete" as const, ...images }] : []),
    { verb: "get", ...lease },
    { verb: "create", ...lease },
    { verb: "update", ...lease },
  ];
}

/** @throws ImageError PRUNE_PERMISSION, which names every right that is missing */
export async function requireRights(
  permissions: PermissionReview,
  policy: PrunePolicy,
  options: RequestOptions,
): Promise<void> {
  const missing = await permissions.missing(requiredRights(policy), options);
  if (missing.length === 0) return;
  throw new ImageError(
    "PRUNE_PERMISSION",
    `Cannot prune: this user may not ${missing.map(describeRight).join("; ")}. ` +
      "Grant these rights by a ClusterRole (system:image-pruner has those on images and image streams) and a Role, " +
      "or connect as a cluster administrator",
  );
}

/** `update imagestreams/status.image.openshift.io in namespace shop`. */
function describeRight({ verb, group, resource, subresource, namespace }: AccessRight): string {
  const name = `${resource}${subresource === undefined ? "" : `/${subresource}`}${group === "" ? "" : `.${group}`}`;
  return `${verb} ${name}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
}
