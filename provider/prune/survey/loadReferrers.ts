import type { ContentPool } from "../../support/contentPool.js";
import { ImageError } from "../../support/imageError.js";
import { resourceName } from "../../support/resourceName.js";
import { projectAny } from "../../usage/projectAny.js";
import type { Referrer } from "../../usage/referrer.js";
import { compileJsonPath, type JsonPath } from "./jsonPath.js";
import { referrerKinds } from "./loadKinds.js";
import type { ObjectLists } from "./loadLists.js";
import type { SurveyRequest } from "./surveyRequest.js";
import type { RequestOptions } from "../execute/ports.js";
import type { ApiResource, ClusterObjects } from "./surveyPorts.js";

/** A list that is still to be read. */
export type Read = () => Promise<void>;

/** Objects of `extraReferences`: one list for all the paths of a kind. */
export interface ExtraKind {
  readonly resource: ApiResource;
  /** `widget.example.io` */
  readonly objectKind: string;
  readonly paths: readonly JsonPath[];
}

/** One read for every kind that the rules need; each hands over what it finds. */
export function referrerReads(
  lists: ObjectLists,
  { rules, namespace }: SurveyRequest,
  extraKinds: readonly ExtraKind[],
  pool: ContentPool,
  found: (referrer: Referrer) => void,
): readonly Read[] {
  // Workloads of other namespaces use this namespace's images too, whatever `oc` thinks.
  const scope = rules === "oc" ? { namespace } : {};
  const builtIn = referrerKinds
    .filter(({ readByOc }) => readByOc || rules === "safe")
    .map(
      ({ resource, project }): Read =>
        () =>
          lists.read(resource, scope, (object) => found(project(object, pool))),
    );
  const extra = extraKinds.map(
    ({ resource, objectKind, paths }): Read =>
      () =>
        lists.read(resource, { countedAs: resourceName(resource) }, (object) => {
          const pullSpecs = paths.flatMap((path) =>
            path.textsIn(object).map((text) => ({ field: path.text, text })),
          );
          found(projectAny(objectKind, object, pool, pullSpecs));
        }),
  );
  return [...builtIn, ...extra];
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
    const path = await compileJsonPath(jsonPath, `${argument}.jsonPath`);
    const resource = await objects.resourceOfKind({ apiVersion, kind }, options);
    if (resource === undefined) throw notServed(argument, apiVersion, kind);
    const known = kinds.get(resourceName(resource));
    kinds.set(resourceName(resource), {
      resource,
      objectKind: known?.objectKind ?? objectKindOf(kind, resource),
      paths: [...(known?.paths ?? []), path],
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
