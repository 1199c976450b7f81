import { type ApiResource, type ClusterObjects, resourceName, type ServedKind } from "../../okd/objects.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import type { ContentPool } from "../../support/contentPool.js";
import { bareMessage, ImageError, isImageError } from "../../support/imageError.js";
import { toAnyReferrer } from "../../usage/anyReferrer.js";
import { referrerKinds } from "../../usage/kinds.js";
import type { Mentions, Referrer } from "../../usage/referrer.js";
import type { ChosenKinds } from "../plan/kinds/chosen.js";
import { groupIsDown, isGroup } from "./kinds/holders.js";
import { compileJsonPath, type JsonPath } from "./kinds/jsonPath.js";
import type { ObjectLists } from "./lists/objects.js";
import type { SurveyRequest } from "./request.js";

/** A list that is still to be read. */
export type Read = () => Promise<void>;

/** Objects of `extraReferences`: one list for all the paths of a kind. */
export interface ExtraKind {
  readonly resource: ApiResource;
  /** `widget.example.io` */
  readonly objectKind: string;
  /** Where texts are known to be pull specs; possible pull specs elsewhere count as in other objects. */
  readonly paths: readonly JsonPath[];
}

export type Find = (referrer: Referrer) => void;

/** One read for every kind that the rules always need; each passes on what it finds. */
export function knownReads(
  lists: ObjectLists,
  { rules, namespace }: SurveyRequest,
  pool: ContentPool,
  found: Find,
): readonly Read[] {
  // Workloads of other namespaces use this namespace's images too, whatever `oc` thinks.
  const scope = rules === "oc" ? { namespace } : {};
  return referrerKinds
    .filter(({ readByOc }) => readByOc || rules === "safe")
    .map(
      ({ resource, project }): Read =>
        async () =>
          (await lists.collect(resource, scope, (object) => [project(object, pool)])).forEach(found),
    );
}

/** One read for every kind that the cluster or the user adds. */
export function addedReads(
  lists: ObjectLists,
  { holders }: Pick<ChosenKinds, "holders">,
  extraKinds: readonly ExtraKind[],
  pool: ContentPool,
  found: Find,
): readonly Read[] {
  const extraNames = new Set(extraKinds.map(({ resource }) => resourceName(resource)));
  const others = holders.filter((kind) => !extraNames.has(resourceName(kind)));
  return [
    ...extraKinds.map(
      (kind): Read =>
        () =>
          readExtra(lists, kind, pool, found),
    ),
    ...others.map(
      (kind): Read =>
        () =>
          readHolder(lists, kind, pool, found),
    ),
  ];
}

async function readExtra(
  lists: ObjectLists,
  { resource, objectKind, paths }: ExtraKind,
  pool: ContentPool,
  found: Find,
): Promise<void> {
  const referrers = await lists.collect(resource, { countedAs: resourceName(resource) }, (object) => {
    const pullSpecs = paths.flatMap((path) =>
      path.textsIn(object).map((text) => ({ field: path.text, text })),
    );
    return findIn(objectKind, object, pullSpecs, pool);
  });
  referrers.forEach(found);
}

async function readHolder(
  lists: ObjectLists,
  kind: ServedKind,
  pool: ContentPool,
  found: Find,
): Promise<void> {
  const name = resourceName(kind);
  if (isGroup(kind)) {
    if (!lists.mayBeUnreadable(kind)) throw groupIsDown(kind);
    lists.leaveOut(name, "allowed to be unreadable: its backend does not answer");
    return;
  }
  const objectKind = objectKindOf(kind.kind, kind);
  try {
    const scope = { isFound: true, countedAs: name };
    (await lists.collect(kind, scope, (object) => findIn(objectKind, object, [], pool))).forEach(found);
  } catch (error) {
    throw isImageError(error) && error.code === "API_ERROR" ? withWayOut(error, name) : error;
  }
}

/** Drops an object that names nothing, as most objects do. */
function findIn(
  objectKind: string,
  object: unknown,
  pullSpecs: Mentions["pullSpecs"],
  pool: ContentPool,
): readonly Referrer[] {
  const referrer = toAnyReferrer(objectKind, object, pool, pullSpecs);
  return referrer.mentions === undefined ? namesNothing : [referrer];
}

const namesNothing: readonly Referrer[] = [];

function withWayOut(error: ImageError, name: string): ImageError {
  const text = `${bareMessage(error)}. Its objects may use any image: repair what serves them or, if none of them does, name "${name}" in allowUnreadable`;
  return new ImageError(error.code, text, { cause: error });
}

/**
 * The resources behind `extraReferences`.
 * @throws ImageError API_NOT_FOUND: a kind is not served; ARGUMENT_INVALID: a path is no JSONPath
 */
export async function findExtraKinds(
  objects: ClusterObjects,
  { extraReferences, rules }: SurveyRequest,
  options: RequestOptions,
): Promise<readonly ExtraKind[]> {
  if (rules === "oc") return [];
  const kinds = new Map<string, ExtraKind>();
  for (const [index, { apiVersion, kind, jsonPath }] of extraReferences.entries()) {
    const argument = `extraReferences[${index}]`;
    const paths = jsonPath === undefined ? [] : [await compileJsonPath(jsonPath, `${argument}.jsonPath`)];
    const resource = await objects.resourceOfKind({ apiVersion, kind }, options);
    if (resource === undefined) throw notServed(argument, apiVersion, kind);
    const known = kinds.get(resourceName(resource));
    kinds.set(resourceName(resource), {
      resource,
      objectKind: known?.objectKind ?? objectKindOf(kind, resource),
      paths: [...(known?.paths ?? []), ...paths],
    });
  }
  return [...kinds.values()];
}

function objectKindOf(kind: string, { group }: ApiResource): string {
  return resourceName({ group, resource: kind.toLowerCase() });
}

function notServed(argument: string, apiVersion: string, kind: string): ImageError {
  const text =
    `Cannot read what ${argument} names: the cluster serves no kind ${kind} of ${apiVersion}. ` +
    "Correct apiVersion and kind (`oc api-resources` lists them), or take it out if nothing of that kind can exist here";
  return new ImageError("API_NOT_FOUND", text);
}
