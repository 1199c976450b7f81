import { apiVersionOf, type ResourceVerbs, type ServedResource } from "../model/resource.js";

const unlisted: readonly string[] = [];

/** A group whose backend is gone remains in the list. */
export function groupList(
  resources: readonly ServedResource[],
  unavailableGroups: ReadonlySet<string>,
): unknown {
  const served = resources.map((resource) => resource.group).filter((group) => group !== "");
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: [...new Set([...served, ...unavailableGroups])].map((group) => groupEntry(group, resources)),
  };
}

export function groupOf(group: string, resources: readonly ServedResource[]): unknown {
  return { kind: "APIGroup", apiVersion: "v1", ...groupEntry(group, resources) };
}

function groupEntry(group: string, resources: readonly ServedResource[]): object {
  const versions = [
    ...new Set(resources.filter((resource) => resource.group === group).map(({ version }) => version)),
  ];
  const entries = (versions.length === 0 ? ["v1"] : versions).map((version) => ({
    groupVersion: `${group}/${version}`,
    version,
  }));
  return { name: group, versions: entries, preferredVersion: entries[0] };
}

export function coreVersions(address: string): unknown {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: address }],
  };
}

export function resourceList(group: string, version: string, resources: readonly ServedResource[]): unknown {
  const served = resources.filter((resource) => resource.group === group && resource.version === version);
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: apiVersionOf({ group, version }),
    resources: served.flatMap((resource) => [
      resourceEntry(resource, resource.resource, resource.verbs),
      ...Object.entries(resource.subresources ?? {}).map(([name, verbs]) =>
        resourceEntry(resource, `${resource.resource}/${name}`, verbs),
      ),
    ]),
  };
}

function resourceEntry(resource: ServedResource, name: string, verbs: ResourceVerbs): object {
  const isMain = name === resource.resource;
  return {
    name,
    singularName: isMain ? resource.kind.toLowerCase() : "",
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: verbNames(verbs),
    ...(isMain && resource.shortNames !== undefined ? { shortNames: resource.shortNames } : {}),
  };
}

function verbNames(verbs: ResourceVerbs): readonly string[] {
  return [
    ...(verbs.create === undefined ? unlisted : ["create"]),
    ...(verbs.remove === undefined ? unlisted : ["delete"]),
    ...(verbs.get === undefined ? unlisted : ["get"]),
    ...(verbs.list === undefined ? unlisted : ["list"]),
    ...(verbs.update === undefined ? unlisted : ["patch", "update"]),
    ...(verbs.watch === undefined ? unlisted : ["watch"]),
  ];
}

export const serverVersion = {
  major: "1",
  minor: "36",
  gitVersion: "v1.36.0-sandbox",
  gitCommit: "",
  gitTreeState: "",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "linux/amd64",
};
