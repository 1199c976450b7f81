import type { AccessRight } from "../../okd/accessRights.js";
import { type ApiResource, type ClusterObjects, resourceName } from "../../okd/objects.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import {
  imageResource,
  limitResource,
  mirrorResources,
  referrerKinds,
  streamResource,
} from "../../usage/kinds.js";
import { unreadableKinds } from "../plan/kinds/globs.js";
import { findHolders, isGroup } from "./kinds/holders.js";
import { createObjectLists } from "./lists/objects.js";
import { findExtraKinds } from "./loadReferrers.js";
import type { SurveyRequest } from "./request.js";

/**
 * The rights without which a survey stops: one for each list that it reads, of what the cluster serves and the request does
 * not allow to be unreadable.
 * @throws ImageError as `findExtraKinds` and `findHolders`
 */
export async function listRights(
  objects: ClusterObjects,
  request: SurveyRequest,
  options: RequestOptions,
): Promise<readonly AccessRight[]> {
  const { rules, namespace, allowUnreadable } = request;
  const inScope = rules === "oc" ? namespace : undefined;
  const workloads = referrerKinds.filter(({ readByOc }) => readByOc || rules === "safe");
  const extra = await findExtraKinds(objects, request, options);
  const known = [
    ...workloads.map(({ resource }) => ({ resource, namespace: inScope })),
    { resource: limitResource, namespace },
    ...(rules === "safe" ? mirrorResources : []).map((resource) => ({ resource, namespace: undefined })),
    ...extra.map(({ resource }) => ({ resource, namespace: undefined })),
  ];
  const served = await Promise.all(known.map(({ resource }) => objects.serves(resource, options)));
  const names = new Set(known.map(({ resource }) => resourceName(resource)));
  const found = (await holders(objects, request, options))
    .filter((resource) => !isGroup(resource) && !names.has(resourceName(resource)))
    .map((resource) => ({ resource, namespace: undefined }));
  const mayBeUnreadable = unreadableKinds(allowUnreadable);
  return [
    { resource: imageResource, namespace: undefined },
    { resource: streamResource, namespace: inScope },
    ...[...known.filter((_, index) => served[index] === true), ...found].filter(
      ({ resource }) => !mayBeUnreadable(resource),
    ),
  ].map(({ resource, namespace: where }) => listRight(resource, where));
}

async function holders(
  objects: ClusterObjects,
  request: SurveyRequest,
  { signal }: RequestOptions,
): Promise<readonly ApiResource[]> {
  const quietly = { signal, progress: () => undefined, now: () => 0 };
  const lists = createObjectLists(objects, request, quietly);
  return (await findHolders(objects, lists, request, { signal })).holders;
}

function listRight({ group, resource }: ApiResource, namespace: string | undefined): AccessRight {
  return { verb: "list", group, resource, ...(namespace === undefined ? {} : { namespace }) };
}
