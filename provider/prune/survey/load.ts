import type { ClusterObjects } from "../../okd/objects.js";
import { stoppingTogether } from "../../support/async/abortable.js";
import { createContentPool } from "../../support/contentPool.js";
import { withProgress } from "../../support/progress.js";
import type { ClusterSurvey } from "../clusterSurvey.js";
import { loadConfiguredHosts } from "./configuredHosts.js";
import { findHolders } from "./kinds/holders.js";
import { createObjectLists, type ObjectLists } from "./lists/objects.js";
import { loadConditions } from "./loadConditions.js";
import { loadImages } from "./loadImages.js";
import { findExtraKinds } from "./loadReferrers.js";
import { loadStreams, loadUsers } from "./loadWorkloads.js";
import type { SurveyOptions, SurveyRequest } from "./request.js";

/** `takenAt` is rounded down to a multiple of it, milliseconds: preview and update measure ages against one instant. */
const takenAtStepMs = 10 * 60_000;

/**
 * Surveys a cluster; `takenAt` is the server's time when the survey began.
 *
 * @throws ImageError API_FORBIDDEN, API_ERROR, ...: a list that is needed cannot be read, and is not in
 * `allowUnreadable`; API_NOT_FOUND: a kind of `extraReferences` is not served; ARGUMENT_INVALID: its path is wrong
 */
export async function loadSurvey(
  objects: ClusterObjects,
  request: SurveyRequest,
  options: SurveyOptions,
): Promise<ClusterSurvey> {
  return await stoppingTogether(options.signal, async (signal) => {
    const lists = createObjectLists(objects, request, { ...options, signal });
    const lines = { report: options.progress, line: lists.progressLine, clock: options.progressClock };
    return await withProgress(lines, () => readSurvey(objects, request, lists, signal));
  });
}

async function readSurvey(
  objects: ClusterObjects,
  request: SurveyRequest,
  lists: ObjectLists,
  signal: AbortSignal,
): Promise<ClusterSurvey> {
  const pool = createContentPool();
  const extraKinds = await findExtraKinds(objects, request, { signal });
  const { streams, ...streamHosts } = await loadStreams(lists, request, pool);
  const holders = () => findHolders(objects, lists, request, { signal });
  const [loaded, { uncovered, ...users }, conditions, configuredHosts] = await Promise.all([
    loadImages(lists, request, pool),
    loadUsers(lists, request, { extra: extraKinds, holders }, pool),
    loadConditions(objects, { signal }),
    loadConfiguredHosts(objects, { signal }),
  ]);
  const { images, layerBytes, managedImageHost } = loaded;
  const takenAt = Math.floor(lists.startedAt() / takenAtStepMs) * takenAtStepMs;
  return {
    snapshot: { takenAt, images, streams, layerBytes, ...users },
    coverage: { ...lists.coverage(), uncovered },
    registry: { ...configuredHosts, ...streamHosts, managedImageHost },
    conditions,
  };
}
