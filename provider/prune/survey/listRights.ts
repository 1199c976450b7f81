import { resourceName } from "../../support/resourceName.js";
import type { AccessRight, RequestOptions } from "../execute/ports.js";
import { imageResource, limitResource, mirrorResources, referrerKinds, streamResource } from "./loadKinds.js";
import { findExtraKinds } from "./loadReferrers.js";
import type { ApiResource, ClusterObjects } from "./surveyPorts.js";
import type { SurveyRequest } from "./surveyRequest.js";

/**
 * The rights without which a survey stops: one for each list that it reads, of what the cluster serves and the request does
 * not allow to be unreadable.
 * @throws ImageError as `findExtraKinds`
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
  const optional = [
    ...workloads.map(({ resource }) => ({ resource, namespace: inScope })),
    { resource: limitResource, namespace },
    ...(rules === "safe" ? mirrorResources : []).map((resource) => ({ resource, namespace: undefined })),
    ...extra.map(({ resource }) => ({ resource, namespace: undefined })),
  ].filter(
    ({ resource }) =>
      !allowUnreadable.includes(resource.resource) && !allowUnreadable.includes(resourceName(resource)),
  );
  const served = await Promise.all(optional.map(({ resource }) => objects.serves(resource, options)));
  return [
    { resource: imageResource, namespace: undefined },
    { resource: streamResource, namespace: inScope },
    ...optional.filter((_, index) => served[index] === true),
  ].map(({ resource, namespace: where }) => listRight(resource, where));
}

function listRight({ group, resource }: ApiResource, namespace: string | undefined): AccessRight {
  return { verb: "list", group, resource, ...(namespace === undefined ? {} : { namespace }) };
}
