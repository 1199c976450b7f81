import { stoppingTogether } from "../../support/abortable.js";
import { createContentPool } from "../../support/contentPool.js";
import { withProgress } from "../../support/progress.js";
import { resourceName } from "../../support/resourceName.js";
import { loadConditions } from "./loadConditions.js";
import { loadConfiguredHosts } from "./loadConfiguredHosts.js";
import { loadImages } from "./loadImages.js";
import { knownHolderGroups, knownHolders } from "./loadKinds.js";
import { createObjectLists, type ObjectLists } from "./loadLists.js";
import { type ExtraKind, findExtraKinds } from "./loadReferrers.js";
import { loadStreams, loadUsers } from "./loadWorkloads.js";
import type { RequestOptions } from "../execute/ports.js";
import type { ClusterSurvey } from "./survey.js";
import type { ClusterObjects } from "./surveyPorts.js";
import type { SurveyOptions, SurveyRequest } from "./surveyRequest.js";

/** `takenAt` is rounded down to a multiple of it, milliseconds: preview and update measure ages against one instant. */
export const takenAtStepMs = 10 * 60_000;

/**
 * Looks at a cluster; `takenAt` is the server's time when the look began.
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
  const [loaded, users, conditions, configuredHosts, uncovered] = await Promise.all([
    loadImages(lists, request, pool),
    loadUsers(lists, request, extraKinds, pool),
    loadConditions(objects, { signal }),
    loadConfiguredHosts(objects, { signal }),
    findUncovered(objects, extraKinds, { signal }),
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

/** Served resources that are known to hold images and that nobody asked to read; `*` for a group that is down. */
async function findUncovered(
  objects: ClusterObjects,
  extraKinds: readonly ExtraKind[],
  options: RequestOptions,
): Promise<readonly string[]> {
  const covered = new Set(extraKinds.map(({ resource }) => resourceName(resource)));
  const served = await objects.servedResources(options);
  const holders = served.filter(
    (resource) =>
      knownHolders.has(resourceName(resource)) ||
      (resource.resource === "*" && knownHolderGroups.has(resource.group)),
  );
  return holders
    .map(resourceName)
    .filter((name) => !covered.has(name))
    .sort();
}
