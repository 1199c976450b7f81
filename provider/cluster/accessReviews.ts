import type { AccessRight, PermissionReview } from "../okd/accessRights.js";
import { mapConcurrently } from "../support/async/concurrency.js";
import { createSharedAnswers, type SharedAnswers } from "../support/async/memoized.js";
import type { ClusterClient } from "./api/client.js";

const apiVersion = "authorization.k8s.io/v1";

/** Milliseconds: the policies of a program ask for the same rights one after another. */
const sharedForMs = 30_000;
/** A cluster may serve hundreds of kinds, and for each a right is asked for. */
const reviewsAtATime = 16;
const answersOf = new WeakMap<ClusterClient, SharedAnswers>();

/** Asks the API server what the connection's user may do; everybody may ask that. */
export function clusterPermissions(client: ClusterClient): PermissionReview {
  const shared = answersOf.get(client) ?? createSharedAnswers(sharedForMs, "asking for rights");
  answersOf.set(client, shared);
  return {
    async missing(rights, { signal }) {
      const answers = await mapConcurrently(rights, reviewsAtATime, (right) =>
        shared(JSON.stringify(right), (until) => isAllowed(client, right, until), signal),
      );
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
