import { unlessRefused } from "../support/async/attempts.js";
import { textAt } from "../support/json.js";
import type { ApiResource, ClusterObjects } from "./objects.js";
import type { RequestOptions } from "./requestOptions.js";

export const namespaceResource: ApiResource = { group: "", version: "v1", resource: "namespaces" };

/** Whether it is certain that there is no such namespace; false where it may not be read. */
export async function isNamespaceMissing(
  objects: Pick<ClusterObjects, "get">,
  name: string,
  options: RequestOptions,
): Promise<boolean> {
  const read = () => objects.get(namespaceResource, name, options);
  return (await unlessRefused(read, "unreadable", options)) === undefined;
}

/** The names of all objects of a resource, for suggestions; none where they may not be listed. */
export async function listNames(
  objects: Pick<ClusterObjects, "list">,
  resource: ApiResource,
  options: RequestOptions & { readonly namespace?: string },
): Promise<readonly string[]> {
  const names: string[] = [];
  const onPage = (page: readonly unknown[]) =>
    names.push(...page.map((each) => textAt(each, "metadata", "name")));
  const list = () => objects.list(resource, { ...options, metadataOnly: true, onPage });
  await unlessRefused(list, undefined, options);
  return names;
}
