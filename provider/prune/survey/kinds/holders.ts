import type { ApiResource, ClusterObjects, ServedKind } from "../../../okd/objects.js";
import type { RequestOptions } from "../../../okd/requestOptions.js";
import { ImageError } from "../../../support/imageError.js";
import { ownKinds } from "../../../usage/kinds.js";
import { chooseKinds, type ChosenKinds } from "../../plan/kinds/chosen.js";
import type { ObjectLists } from "../lists/objects.js";
import type { SurveyRequest } from "../request.js";
import { loadDefinitions } from "./definitions.js";

/** Clusters that were read before: what they serve may have changed since. */
const seen = new WeakSet<ClusterObjects>();

/**
 * The kinds beyond `referrerKinds` whose objects may name an image, as the cluster serves them now. None under `oc`'s rules.
 * @throws ImageError as `servedKinds` and `list`
 */
export async function findHolders(
  objects: ClusterObjects,
  lists: ObjectLists,
  { rules, skipKinds }: Pick<SurveyRequest, "rules" | "skipKinds">,
  { signal }: RequestOptions,
): Promise<ChosenKinds> {
  if (rules === "oc") return { holders: [], uncovered: [], skipped: new Map() };
  const isAfresh = seen.has(objects);
  const [defined, served] = await Promise.all([
    loadDefinitions(objects, lists, { signal }),
    objects.servedKinds({ signal, isAfresh }),
  ]);
  seen.add(objects);
  const chosen = chooseKinds({ defined, served, readAnyway: ownKinds, skipKinds });
  if (isAfresh || !chosen.holders.some(isGroup)) return chosen;
  // A group that is removed during discovery looks as if its backend were down.
  const again = await objects.servedKinds({ signal, isAfresh: true });
  return chooseKinds({ defined, served: again, readAnyway: ownKinds, skipKinds });
}

/** Stands for everything in a group whose backend is down. */
export function isGroup({ resource }: ApiResource): boolean {
  return resource === "*";
}

export function groupIsDown({ group, version }: ServedKind): ImageError {
  const text =
    `Cannot read what ${group}/${version} serves: its backend does not answer (oc get apiservice ${version}.${group}), ` +
    `and any image may be used there. Repair it or, if none is, name "*.${group}" in allowUnreadable`;
  return new ImageError("API_ERROR", text);
}
