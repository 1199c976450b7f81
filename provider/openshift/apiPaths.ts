import type { ApiResource } from "../prune/survey/surveyPorts.js";

/** Path of a collection: `/apis/apps/v1/namespaces/shop/deployments`. */
export function resourcePath({ group, version, resource }: ApiResource, namespace?: string): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${scope}/${resource}`;
}
