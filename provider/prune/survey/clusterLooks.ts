import type { ClusterLooks, ContentFinder } from "../execute/ports.js";
import type { ClusterSnapshot } from "../plan/snapshot.js";
import { completeImages } from "./completeImages.js";
import { createFollowedKinds, type FollowingOptions } from "./followedKinds.js";
import { refreshSnapshot } from "./refreshSurvey.js";
import type { ClusterObjects, ObjectChanges } from "./surveyPorts.js";
import type { SurveyOptions, SurveyRequest } from "./surveyRequest.js";

/** A cluster that is looked at again and again. */
export interface LookedAtCluster {
  readonly objects: ClusterObjects;
  readonly changes: ObjectChanges;
  /** Absent where the registry is not asked. */
  readonly registry?: Pick<ContentFinder, "readManifest"> | undefined;
}

/** Looks during an execution, each of which goes on from the one before. */
export function createClusterLooks(
  { objects, changes, registry }: LookedAtCluster,
  first: ClusterSnapshot,
  request: SurveyRequest,
  { now }: Pick<SurveyOptions, "now">,
  following?: FollowingOptions,
): ClusterLooks {
  const followed = createFollowedKinds(changes, following);
  let previous = first;
  const look: ClusterLooks["next"] = async ({ signal }) => {
    const options = { signal, progress: () => undefined, now };
    const fresh = await refreshSnapshot(objects, previous, request, options, followed);
    previous =
      registry === undefined ? fresh : await completeImages(fresh, registry, { signal }, previous.images);
    return previous;
  };
  return {
    next: look,
    whole(options) {
      followed.forget();
      return look(options);
    },
  };
}
