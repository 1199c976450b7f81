import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import type { ClusterObjects } from "../okd/objects.js";
import { abortable } from "../support/async/abortable.js";
import type { ClusterSurvey } from "./clusterSurvey.js";
import type { SurveyOptions, SurveyRequest } from "./survey/request.js";

/** A cluster that can be surveyed. */
interface SurveyedCluster {
  readonly identity: ClusterIdentity;
  readonly objects: ClusterObjects;
}

/** One survey for all equal requests of a process, which lives for one phase of one CLI run. */
export interface Surveys {
  /** @throws ImageError as `loadSurvey`; a failure is not remembered */
  get(cluster: SurveyedCluster, request: SurveyRequest, options: SurveyOptions): Promise<ClusterSurvey>;
  /** Forgets what is known about a cluster, because it was changed. */
  drop(cluster: SurveyedCluster): void;
}

interface SharedLook {
  readonly survey: Promise<ClusterSurvey>;
  /** The signal of the first caller; when it fires, the others survey again. */
  readonly signal: AbortSignal;
}

export function createSurveys(): Surveys {
  const clusters = new Map<string, Map<string, SharedLook>>();

  const begin = (cluster: SurveyedCluster, request: SurveyRequest, options: SurveyOptions): SharedLook => {
    const looks = clusters.get(clusterKey(cluster)) ?? new Map<string, SharedLook>();
    clusters.set(clusterKey(cluster), looks);
    const before = looks.get(requestKey(request));
    if (before !== undefined) return before;
    const look = { survey: load(cluster, request, options), signal: options.signal };
    looks.set(requestKey(request), look);
    look.survey.catch(() => {
      if (looks.get(requestKey(request)) === look) looks.delete(requestKey(request));
    });
    return look;
  };

  return {
    async get(cluster, request, options) {
      for (;;) {
        const look = begin(cluster, request, options);
        try {
          return await abortable(look.survey, options.signal);
        } catch (error) {
          if (options.signal.aborted || !look.signal.aborted) throw error;
        }
      }
    },
    drop: (cluster) => clusters.delete(clusterKey(cluster)),
  };
}

async function load(
  { objects }: SurveyedCluster,
  request: SurveyRequest,
  options: SurveyOptions,
): Promise<ClusterSurvey> {
  const { loadSurvey } = await import("./survey/load.js"); // with it come the readers of all kinds
  return await loadSurvey(objects, request, options);
}

function clusterKey({ identity: { server, uid, ca } }: SurveyedCluster): string {
  return JSON.stringify(uid === undefined ? [server, ca] : [uid]);
}

function requestKey(request: SurveyRequest): string {
  const { rules, namespace, extraReferences, allowUnreadable, skipKinds } = request;
  return JSON.stringify([rules, namespace, extraReferences, allowUnreadable, skipKinds]);
}
