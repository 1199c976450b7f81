import type { ClusterObjects, ObjectChanges } from "../../okd/objects.js";
import { stoppingTogether } from "../../support/async/abortable.js";
import { createContentPool } from "../../support/contentPool.js";
import type { ClusterLooks, ContentFinder } from "../ports.js";
import type { ClusterSnapshot } from "../snapshot.js";
import { completeImages } from "./completeImages.js";
import { findHolders } from "./kinds/holders.js";
import { createFollowedKinds, type FollowedKinds, type FollowingOptions } from "./lists/followed.js";
import { createObjectLists } from "./lists/objects.js";
import { refreshImages } from "./loadImages.js";
import { findExtraKinds } from "./loadReferrers.js";
import { loadStreams, loadUsers } from "./loadWorkloads.js";
import type { SurveyOptions, SurveyRequest } from "./request.js";

/**
 * The cluster as it is now: reads streams and workloads anew, and only those Images whole that `previous` does not know.
 * Keeps `takenAt`, so that nothing becomes old enough meanwhile. Lists what is `followed` only once.
 *
 * @throws ImageError as `loadSurvey`
 */
export async function refreshSnapshot(
  objects: ClusterObjects,
  previous: ClusterSnapshot,
  request: SurveyRequest,
  options: SurveyOptions,
  followed?: FollowedKinds,
): Promise<ClusterSnapshot> {
  return await stoppingTogether(options.signal, async (signal) => {
    const pool = createContentPool();
    const lists = createObjectLists(objects, request, { ...options, signal }, followed);
    const extraKinds = await findExtraKinds(objects, request, { signal });
    const { streams } = await loadStreams(lists, request, pool);
    const holders = () => findHolders(objects, lists, request, { signal });
    const [images, { uncovered: _, ...users }] = await Promise.all([
      refreshImages(objects, lists, previous, request, { signal }, pool),
      loadUsers(lists, request, { extra: extraKinds, holders }, pool),
    ]);
    return { takenAt: previous.takenAt, streams, ...images, ...users };
  });
}

/** A cluster that is surveyed repeatedly. */
export interface LookedAtCluster {
  readonly objects: ClusterObjects;
  readonly changes: ObjectChanges;
  /** Absent where the registry is not asked. */
  readonly registry?: Pick<ContentFinder, "readManifest"> | undefined;
}

/** Surveys during an execution, each of which continues from the one before. */
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
