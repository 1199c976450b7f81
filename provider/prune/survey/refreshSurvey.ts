import { stoppingTogether } from "../../support/abortable.js";
import { createContentPool } from "../../support/contentPool.js";
import type { FollowedKinds } from "./followedKinds.js";
import { refreshImages } from "./loadImages.js";
import { createObjectLists } from "./loadLists.js";
import { findHolders } from "./loadHolders.js";
import { findExtraKinds } from "./loadReferrers.js";
import type { SurveyOptions, SurveyRequest } from "./surveyRequest.js";
import { loadStreams, loadUsers } from "./loadWorkloads.js";
import type { ClusterSnapshot } from "../plan/snapshot.js";
import type { ClusterObjects } from "./surveyPorts.js";

/**
 * The cluster as it is now: streams and workloads anew, and of Images only those that `previous` does not know are read
 * whole. `takenAt` stays, so that nothing becomes old enough meanwhile. What is `followed` is listed only once.
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
