import type { ApiResource, ClusterObjects, ListFacts } from "../../../okd/objects.js";
import { bareMessage, hasCode, ImageError } from "../../../support/imageError.js";
import { itemRate, progressLine } from "../../../support/progress.js";
import { byKey } from "../../../support/text/spelling.js";
import { nameList } from "../../../support/text/wording.js";
import type { Coverage, ListCost } from "../../clusterSurvey.js";
import { unreadableKinds } from "../../plan/kinds/globs.js";
import type { SurveyOptions, SurveyRequest } from "../request.js";
import {
  type FollowedKinds,
  type FollowedList,
  type ListObjects,
  listsAtATime,
  type ReadObject,
} from "./followed.js";

/** The lists of one survey: counts what they found and what they left out. */
export interface ObjectLists {
  /**
   * Reads every object of a resource. Reads nothing where its API is not served, or where it cannot be read and the request
   * allows that; `coverage` tells both.
   */
  read(resource: ApiResource, scope: ListScope, onObject: (object: unknown) => void): Promise<void>;
  /** The same for findings alone, which need not be listed again at each survey. */
  collect<Found>(resource: ApiResource, scope: ListScope, find: ReadObject<Found>): Promise<readonly Found[]>;
  /** How many are to be read at a time. */
  atATime(): number;
  /** Whether the request allows it. */
  mayBeUnreadable(resource: ApiResource): boolean;
  /** For `coverage`: why something is not read. */
  leaveOut(name: string, why: string): void;
  coverage(): Pick<Coverage, "read" | "costs" | "absent" | "clockSkewSeconds">;
  /** Milliseconds since 1970 by the server's clock when the first of the lists began. */
  startedAt(): number;
  /** `listed 50,000 pods, 4,000 images, 9,000/s`; names what is being listed before anything has arrived. */
  readonly progressLine: (elapsedMs: number) => string;
}

interface ListScope {
  readonly namespace?: string | undefined;
  readonly metadataOnly?: boolean;
  /** Without it nothing is known about the cluster, so the request cannot allow it to be unreadable. */
  readonly isRequired?: boolean;
  /** It was found to be served just now, so discovery need not know it yet. */
  readonly isFound?: boolean;
  /** Default: the plural name alone. */
  readonly countedAs?: string;
}

export function createObjectLists(
  objects: ClusterObjects,
  request: Pick<SurveyRequest, "allowUnreadable">,
  options: SurveyOptions,
  followed: Pick<FollowedKinds, "collect" | "atATime"> = notFollowed,
): ObjectLists {
  const mayBeUnreadable = unreadableKinds(request.allowUnreadable);
  const survey: SurveyedLists = { objects, options, mayBeUnreadable, ...emptyTally() };
  const { counts, costs, absent, clocks } = survey;
  return {
    async read(resource, scope, onObject) {
      await tryList(survey, resource, scope, onObject);
    },
    async collect(resource, scope, find) {
      const what = { resource, ...namespaceAndForm(scope) };
      const list: ListObjects = (onObject) => tryList(survey, resource, scope, onObject);
      return await followed.collect(what, find, list, { signal: options.signal });
    },
    atATime: () => followed.atATime(),
    mayBeUnreadable,
    leaveOut: (name, why) => void absent.set(name, why),
    coverage: () => ({
      read: Object.fromEntries([...counts].sort(byKey)),
      costs: Object.fromEntries([...costs].sort(byKey)),
      absent: Object.fromEntries([...absent].sort(byKey)),
      clockSkewSeconds: skewSeconds(clocks),
    }),
    progressLine: (elapsedMs) => describeCounts(counts, elapsedMs),
    startedAt: () => Math.min(...clocks.map(({ server }) => server)),
  };
}

/** What the lists of a survey have told, by the name of the resource. */
interface ListTally {
  readonly counts: Map<string, number>;
  readonly costs: Map<string, ListCost>;
  readonly absent: Map<string, string>;
  readonly clocks: { readonly server: number; readonly local: number }[];
}

function emptyTally(): ListTally {
  return { counts: new Map(), costs: new Map(), absent: new Map(), clocks: [] };
}

interface SurveyedLists extends ListTally {
  readonly objects: ClusterObjects;
  readonly options: SurveyOptions;
  readonly mayBeUnreadable: (resource: ApiResource) => boolean;
}

/** Undefined where nothing was listed, and need not be. */
async function tryList(
  survey: SurveyedLists,
  resource: ApiResource,
  scope: ListScope,
  onObject: (object: unknown) => void,
): Promise<ListFacts | undefined> {
  try {
    return await list(survey, resource, scope, onObject);
  } catch (error) {
    const { absent, mayBeUnreadable } = survey;
    const name = scope.countedAs ?? resource.resource;
    if (scope.isRequired === true || !hasCode(error, ...unreadableCodes)) throw error;
    if (mayBeUnreadable(resource)) absent.set(name, `allowed to be unreadable: ${bareMessage(error)}`);
    else if (await isGone(error, survey, resource)) absent.set(name, "its API is not served any more");
    else throw error;
    return undefined;
  }
}

/** A resource may disappear between discovery and list. */
async function isGone(
  error: unknown,
  { objects, options: { signal } }: SurveyedLists,
  resource: ApiResource,
): Promise<boolean> {
  return hasCode(error, "API_NOT_FOUND") && !(await objects.serves(resource, { signal, isAfresh: true }));
}

async function list(
  { objects, options: { signal, now }, counts, costs, absent, clocks }: SurveyedLists,
  resource: ApiResource,
  scope: ListScope,
  onObject: (object: unknown) => void,
): Promise<ListFacts | undefined> {
  const name = scope.countedAs ?? resource.resource;
  if (scope.isFound !== true && !(await objects.serves(resource, { signal }))) {
    if (scope.isRequired === true) throw notServed(resource);
    absent.set(name, "its API is not served");
    return undefined;
  }
  let local: number | undefined;
  const begunAt = now();
  const facts = await objects.list(resource, {
    signal,
    ...namespaceAndForm(scope),
    onPage: (page) => {
      local ??= now();
      for (const object of page) onObject(object);
      counts.set(name, (counts.get(name) ?? 0) + page.length);
    },
  });
  clocks.push({ server: facts.serverTime, local: local ?? now() });
  costs.set(name, { bytes: facts.bytes, milliseconds: now() - begunAt });
  return facts;
}

/** For a single survey: lists everything. */
const notFollowed: Pick<FollowedKinds, "collect" | "atATime"> = {
  atATime: () => listsAtATime,
  async collect<Found>(_what: unknown, read: ReadObject<Found>, list: ListObjects) {
    const found: Found[] = [];
    await list((object) => {
      for (const each of read(object)) found.push(each);
    });
    return found;
  },
};

function namespaceAndForm({ namespace, metadataOnly }: ListScope): Omit<FollowedList, "resource"> {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(metadataOnly === undefined ? {} : { metadataOnly }),
  };
}

/** The server has answered, but with no list. */
const unreadableCodes = ["API_FORBIDDEN", "API_ERROR", "API_NOT_FOUND", "API_TIMEOUT"] as const;

function notServed({ group, version, resource }: ApiResource): ImageError {
  const text = `Cannot list ${resource}: the server knows no ${group}/${version}; is it an OKD or OpenShift cluster?`;
  return new ImageError("API_ERROR", text);
}

/** The Date header has whole seconds and is as old as its answer, so the least delayed one is the best. */
function skewSeconds(clocks: readonly { readonly server: number; readonly local: number }[]): number {
  const skews = clocks.map(({ server, local }) => Math.round((server - local) / 1000));
  return skews.length === 0 ? 0 : Math.max(...skews);
}

/** More would not stand in one line. */
const shownKinds = 6;

function describeCounts(counts: ReadonlyMap<string, number>, elapsedMs: number): string {
  const biggestFirst = [...counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  if (biggestFirst.length === 0) return "listing what the cluster has";
  const all = biggestFirst.reduce((sum, [, count]) => sum + count, 0);
  const listed = biggestFirst.map(([name, count]) => `${count.toLocaleString("en-US")} ${name}`);
  return progressLine(`listed ${nameList(listed, shownKinds)}`, itemRate(all, elapsedMs));
}
