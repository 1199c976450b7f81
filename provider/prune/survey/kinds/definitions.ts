import type { ApiResource, ClusterObjects } from "../../../okd/objects.js";
import type { RequestOptions } from "../../../okd/requestOptions.js";
import { hasCode } from "../../../support/imageError.js";
import { type DefinedKind, definitionIdentity, toDefinedKind } from "../../plan/kinds/defined.js";
import type { ObjectLists } from "../lists/objects.js";

const definitionResource: ApiResource = {
  group: "apiextensions.k8s.io",
  version: "v1",
  resource: "customresourcedefinitions",
};

const known = new WeakMap<ClusterObjects, readonly DefinedKind[]>();

/**
 * What the CustomResourceDefinitions of the cluster define; undefined where they may not be read. They are big, so a later
 * survey asks first whether any is new or has changed.
 */
export async function loadDefinitions(
  objects: ClusterObjects,
  lists: ObjectLists,
  options: RequestOptions,
): Promise<readonly DefinedKind[] | undefined> {
  try {
    const before = known.get(objects);
    const kinds =
      before === undefined ? await readAll(lists) : await readNew(objects, lists, before, options);
    known.set(objects, kinds);
    return kinds;
  } catch (error) {
    if (!hasCode(error, "API_FORBIDDEN")) throw error;
    const rule =
      'apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"], verbs: ["list"]';
    lists.leaveOut(
      definitionResource.resource,
      `may not be listed, so every custom resource is read, whatever it may hold; the rule {${rule}} spares that`,
    );
    return undefined;
  }
}

async function readAll(lists: ObjectLists): Promise<readonly DefinedKind[]> {
  const kinds: DefinedKind[] = [];
  await lists.read(definitionResource, {}, (definition) => kinds.push(toDefinedKind(definition)));
  return kinds;
}

async function readNew(
  objects: ClusterObjects,
  lists: ObjectLists,
  before: readonly DefinedKind[],
  { signal }: RequestOptions,
): Promise<readonly DefinedKind[]> {
  const byName = new Map(before.map((kind) => [kind.name, kind]));
  const kinds: DefinedKind[] = [];
  let news = 0;
  await lists.read(definitionResource, { metadataOnly: true }, (object) => {
    const { name, uid, generation } = definitionIdentity(object);
    const same = byName.get(name);
    if (same?.uid === uid && same.generation === generation) kinds.push(same);
    else news += 1;
  });
  if (news === 0) return kinds;
  const all: DefinedKind[] = [];
  const onPage = (page: readonly unknown[]) => all.push(...page.map(toDefinedKind));
  await objects.list(definitionResource, { signal, onPage });
  return all;
}
