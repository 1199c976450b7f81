/** A resource of Kubernetes with its group, as it is written everywhere: `deployments.apps`, and `pods` of the core group. */
export function resourceName({
  group,
  resource,
}: {
  readonly group: string;
  readonly resource: string;
}): string {
  return group === "" ? resource : `${resource}.${group}`;
}
