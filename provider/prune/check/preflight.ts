import {
  type AccessRight,
  describeRight,
  layersRight,
  type PermissionReview,
  streamRight,
} from "../../okd/accessRights.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { ImageError } from "../../support/imageError.js";
import type { PrunePolicy } from "../args/policy.js";

const imageGroup = "image.openshift.io";

/**
 * What a prune under this policy does beyond listing. The registry asks for the right to delete Images too (facts/registries.md 8), and
 * for `imagestreams/layers` when a manifest is read. The lease belongs to `rules: "safe"`: `oc` takes none.
 */
export function requiredRights(policy: PrunePolicy): readonly AccessRight[] {
  const streams = {
    group: imageGroup,
    resource: "imagestreams",
    ...(policy.namespace === undefined ? {} : { namespace: policy.namespace }),
  };
  const images = { group: imageGroup, resource: "images" };
  const trims: readonly AccessRight[] = [
    streamRight(policy.namespace),
    { verb: "update", ...streams, subresource: "status" },
  ];
  if (policy.rules === "oc") {
    const deletesImages = policy.namespace === undefined || policy.pruneRegistry;
    return [...trims, ...(deletesImages ? [{ verb: "delete" as const, ...images }] : [])];
  }
  const lease = { group: "coordination.k8s.io", resource: "leases", namespace: "openshift-image-registry" };
  return [
    ...trims,
    { verb: "get", ...images },
    { verb: "delete", ...images },
    ...(policy.pruneRegistry ? [layersRight()] : []),
    { verb: "get", ...lease },
    { verb: "create", ...lease },
    { verb: "update", ...lease },
  ];
}

/** @throws ImageError PRUNE_PERMISSION, which names every right that is missing */
export async function requireRights(
  permissions: PermissionReview,
  rights: readonly AccessRight[],
  options: RequestOptions,
): Promise<void> {
  const missing = await permissions.missing(rights, options);
  if (missing.length === 0) return;
  const lists = missing.some(({ verb }) => verb === "list") ? listAdvice : "";
  throw new ImageError(
    "PRUNE_PERMISSION",
    `Cannot prune: this user may not ${missing.map(describeRight).join("; ")}. ` +
      "Grant these rights by a ClusterRole (system:image-pruner has those on images and image streams) and a Role, " +
      `or connect as a cluster administrator${lists}`,
  );
}

const listAdvice =
  ". The ClusterRole cluster-reader can list nearly everything. What cannot be listed may use any image: allowUnreadable names the resources that may stay unread all the same";
