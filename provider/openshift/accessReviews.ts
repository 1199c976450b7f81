import type { AccessRight, PermissionReview } from "../prune/execute/ports.js";
import type { ClusterClient } from "./clusterClient.js";

const apiVersion = "authorization.k8s.io/v1";

/** Asks the API server what the connection's user may do; everybody may ask that. */
export function clusterPermissions(client: ClusterClient): PermissionReview {
  return {
    async missing(rights, { signal }) {
      const answers = await Promise.all(rights.map((right) => isAllowed(client, right, signal)));
      return rights.filter((_, index) => answers[index] !== true);
    },
  };
}

async function isAllowed(client: ClusterClient, right: AccessRight, signal: AbortSignal): Promise<boolean> {
  const review = await client.request<{ readonly status?: { readonly allowed?: boolean } }>({
    method: "POST",
    path: `/apis/${apiVersion}/selfsubjectaccessreviews`,
    body: { apiVersion, kind: "SelfSubjectAccessReview", spec: { resourceAttributes: right } },
    signal,
    attempted: `ask whether this user may ${right.verb} ${right.resource}`,
  });
  return review.status?.allowed === true;
}
