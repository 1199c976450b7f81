import { createGate } from "../../support/async/concurrency.js";
import type { ContentPool } from "../../support/contentPool.js";
import { textAt } from "../../support/json.js";
import { limitResource, mirrorResources, streamResource } from "../../usage/kinds.js";
import { type MirrorRule, toMirrorRules } from "../../usage/mirrors.js";
import type { Referrer } from "../../usage/referrer.js";
import { toStreamFacts } from "../../usage/toStreamFacts.js";
import type { RegistryHints } from "../clusterSurvey.js";
import type { ChosenKinds } from "../plan/kinds/chosen.js";
import type { ClusterSnapshot, ImageLimit } from "../snapshot.js";
import type { ObjectLists } from "./lists/objects.js";
import { addedReads, type ExtraKind, knownReads, type Read } from "./loadReferrers.js";
import type { SurveyRequest } from "./request.js";
import { toImageLimits } from "./toConditions.js";

type LoadedStreams = Pick<RegistryHints, "publicRepositoryHost" | "repositoryHost"> &
  Pick<ClusterSnapshot, "streams">;

/**
 * To be read before anything else: then an item whose Image is not found later is dangling and not new, and a workload that
 * begins to use an item meanwhile is seen. Age and the next survey protect what a stream gains meanwhile.
 */
export async function loadStreams(
  lists: ObjectLists,
  { rules, namespace }: SurveyRequest,
  pool: ContentPool,
): Promise<LoadedStreams> {
  const scope = { isRequired: true, ...(rules === "oc" ? { namespace } : {}) };
  const found = await lists.collect(streamResource, scope, (object) => [
    {
      stream: toStreamFacts(object, pool),
      publicRepositoryHost: pool.text(hostIn(textAt(object, "status", "publicDockerImageRepository")) ?? ""),
      repositoryHost: pool.text(hostIn(textAt(object, "status", "dockerImageRepository")) ?? ""),
    },
  ]);
  const firstHost = (host: "publicRepositoryHost" | "repositoryHost") =>
    found.find((each) => each[host] !== "")?.[host];
  return {
    streams: found.map(({ stream }) => stream),
    publicRepositoryHost: firstHost("publicRepositoryHost"),
    repositoryHost: firstHost("repositoryHost"),
  };
}

/** Kinds beyond those that every survey reads. */
export interface AddedKinds {
  readonly extra: readonly ExtraKind[];
  /** Found while the others are read. */
  readonly holders: () => Promise<ChosenKinds>;
}

/** All objects that name images, and the limits on their size. */
export async function loadUsers(
  lists: ObjectLists,
  request: SurveyRequest,
  added: AddedKinds,
  pool: ContentPool,
): Promise<Pick<ClusterSnapshot, "referrers" | "imageLimits" | "mirrors"> & Pick<ChosenKinds, "uncovered">> {
  const mirrors: MirrorRule[] = [];
  const referrers: Referrer[] = [];
  const imageLimits: ImageLimit[] = [];
  const found = (referrer: Referrer) => void referrers.push(referrer);
  const readLimits: Read = () =>
    lists.read(limitResource, { namespace: request.namespace }, (object) =>
      imageLimits.push(...toImageLimits(object)),
    );
  const mirrorReads = (request.rules === "safe" ? mirrorResources : []).map(
    (resource): Read =>
      () =>
        lists.read(resource, {}, (object) => {
          for (const rule of toMirrorRules(object)) mirrors.push(rule);
        }),
  );
  const gate = createGate(lists.atATime());
  const readAll = (reads: readonly Read[]) => Promise.all(reads.map(gate));
  const readAdded = async () => {
    const chosen = await gate(added.holders);
    for (const [name, why] of chosen.skipped) lists.leaveOut(name, `left out by default: ${why}`);
    await readAll(addedReads(lists, chosen, added.extra, pool, found));
    return chosen;
  };
  const [{ uncovered }] = await Promise.all([
    readAdded(),
    readAll([...knownReads(lists, request, pool, found), readLimits, ...mirrorReads]),
  ]);
  return { referrers, imageLimits, mirrors, uncovered };
}

/** Everything before the first slash. */
function hostIn(repository: string): string | undefined {
  const slash = repository.indexOf("/");
  return slash > 0 ? repository.slice(0, slash) : undefined;
}
