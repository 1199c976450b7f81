import {
  type ApiResource,
  type ClusterObjects,
  type DiscoveryOptions,
  resourceName,
  type ServedKind,
} from "../../okd/objects.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { mapConcurrently } from "../../support/async/concurrency.js";
import { own } from "../../support/collections.js";
import { hasCode, ImageError } from "../../support/imageError.js";
import { listAt, textAt, valueAt } from "../../support/json.js";
import { excerpt } from "../../support/text/excerpt.js";
import type { ClusterClient } from "./client.js";

/** What an API server serves. Asked once, if it need not be asked afresh; a failure is not remembered. */
export type ApiDiscovery = Pick<ClusterObjects, "serves" | "servedKinds" | "resourceOfKind">;

interface ServedResource extends ServedKind {
  readonly canList: boolean;
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
  /** Undefined when they have to be asked for: discovery without aggregation, or a backend that did not answer of late. */
  readonly resources: readonly ServedResource[] | undefined;
}

/** Versions of each group, the preferred one first; the core group is "". */
type Groups = ReadonlyMap<string, readonly GroupVersion[]>;

const groupVersionsAtATime = 8;
/** One answer with everything (Kubernetes 1.27, OKD 4.14), or the older list of groups. */
const accept =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
  "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

export function createApiDiscovery(client: ClusterClient): ApiDiscovery {
  let latest = discoverOnce(client);
  const discovery = ({ isAfresh = false }: DiscoveryOptions) => {
    if (isAfresh) latest = discoverOnce(client);
    return latest;
  };
  return {
    serves: (resource, options) => discovery(options).serves(resource, options),
    servedKinds: (options) => discovery(options).servedKinds(options),
    resourceOfKind: (type, options) => discovery(options).resourceOfKind(type, options),
  };
}

function discoverOnce(client: ClusterClient): ApiDiscovery {
  const once = createOnce();
  const groups = (options: RequestOptions) => once("groups", () => readGroups(client, options));
  const resourcesOf = async (served: GroupVersion, options: RequestOptions) =>
    served.resources ??
    (await once(`${served.group}/${served.version}`, () => readResources(client, served, options)));

  const versionOf = async ({ group, version }: Omit<ApiResource, "resource">, options: RequestOptions) =>
    (await groups(options)).get(group)?.find((served) => served.version === version);

  return {
    async serves(resource, options) {
      const served = await versionOf(resource, options);
      if (served !== undefined) return (await resourcesOf(served, options)).some(isSame(resource));
      for (const other of (await groups(options)).get(resource.group) ?? []) {
        if ((await resourcesOf(other, options)).some(isSame(resource))) throw otherVersion(resource, other);
      }
      return false;
    },
    async resourceOfKind({ apiVersion, kind }, options) {
      const served = await versionOf(parseApiVersion(apiVersion), options);
      if (served === undefined) return undefined;
      const found = (await resourcesOf(served, options)).find((each) => each.kind === kind && each.canList);
      return found === undefined ? undefined : toApiResource(found);
    },
    async servedKinds(options) {
      const versions = [...(await groups(options)).values()].flat();
      const lists = await mapConcurrently(versions, groupVersionsAtATime, (served) =>
        unlessDown(served, () => resourcesOf(served, options)),
      );
      return preferredKinds(lists.flat());
    },
  };
}

/** Asks each question once; a failure is not remembered. */
function createOnce(): <Answer>(key: string, ask: () => Promise<Answer>) => Promise<Answer> {
  const answers = new Map<string, Promise<unknown>>();
  return <Answer>(key: string, ask: () => Promise<Answer>) => {
    const known = answers.get(key) as Promise<Answer> | undefined;
    if (known !== undefined) return known;
    const answer = ask();
    answers.set(key, answer);
    answer.catch(() => answers.delete(key));
    return answer;
  };
}

/** What can be listed, each in the first version that serves it. */
function preferredKinds(resources: readonly ServedResource[]): readonly ServedKind[] {
  const preferred = new Map<string, ServedKind>();
  for (const { canList, ...served } of resources) {
    if (canList && !preferred.has(resourceName(served))) preferred.set(resourceName(served), served);
  }
  return [...preferred.values()];
}

async function readGroups(client: ClusterClient, { signal }: RequestOptions): Promise<Groups> {
  const ask = (path: string) =>
    client.request<unknown>({
      method: "GET",
      path,
      accept,
      signal,
      attempted: "discover the cluster's APIs",
    });
  const [core, named] = await Promise.all([ask("/api"), ask("/apis")]);
  for (const answer of [core, named]) requireGroups(answer, client.server);
  const coreVersions: readonly GroupVersion[] = listAt(core, "versions")
    .filter((version) => typeof version === "string")
    .map((version) => ({ group: "", version, resources: undefined }));
  const groups = new Map<string, readonly GroupVersion[]>([["", coreVersions]]);
  for (const group of [...aggregatedGroups(core), ...aggregatedGroups(named), ...listedGroups(named)]) {
    const [name] = group.map((served) => served.group);
    if (name !== undefined) groups.set(name, group);
  }
  // No cluster lacks these groups; an answer without them would look as if nothing used any image.
  if (groups.size === 1 || groups.get("")?.length === 0) {
    const text = `Cannot discover the cluster's APIs: ${client.server} does not list them; is it the address of the API server?`;
    throw new ImageError("API_ERROR", text);
  }
  return groups;
}

/** The field that holds the groups or versions in each kind of answer. */
const groupFields: Readonly<Record<string, string>> = {
  APIGroupDiscoveryList: "items",
  APIGroupList: "groups",
  APIVersions: "versions",
};

/** @throws ImageError API_ERROR for an answer without the list that its kind has: a part of the cluster would look empty */
function requireGroups(answer: unknown, server: string): void {
  const kind = textAt(answer, "kind");
  const field = own(groupFields, kind);
  if (field !== undefined && Array.isArray(valueAt(answer, field))) return;
  const shown =
    kind === ""
      ? "something else"
      : `a ${excerpt(kind, 100)}${field === undefined ? "" : ` without ${field}`}`;
  const text = `Cannot discover the cluster's APIs: ${server} does not list them, but answers with ${shown}; is it the address of the API server?`;
  throw new ImageError("API_ERROR", text);
}

/** Of an APIGroupDiscoveryList. */
function aggregatedGroups(answer: unknown): readonly (readonly GroupVersion[])[] {
  return listAt(answer, "items").map((item) => {
    const group = textAt(item, "metadata", "name");
    return listAt(item, "versions").map((served) => {
      const version = textAt(served, "version");
      const isStale = textAt(served, "freshness") === "Stale";
      const resources = listAt(served, "resources").map((resource) => ({
        group,
        version,
        resource: textAt(resource, "resource"),
        kind: textAt(resource, "responseKind", "kind"),
        canList: listAt(resource, "verbs").includes("list"),
      }));
      return { group, version, resources: isStale ? undefined : resources };
    });
  });
}

/** Of an APIGroupList. */
function listedGroups(answer: unknown): readonly (readonly GroupVersion[])[] {
  return listAt(answer, "groups").map((item) => {
    const group = textAt(item, "name");
    const preferred = textAt(item, "preferredVersion", "version");
    const versions = listAt(item, "versions").map((served) => textAt(served, "version"));
    const others = versions.filter((version) => version !== preferred);
    const ordered = versions.length === others.length ? others : [preferred, ...others];
    return ordered.map((version) => ({ group, version, resources: undefined }));
  });
}

async function readResources(
  client: ClusterClient,
  { group, version }: GroupVersion,
  { signal }: RequestOptions,
): Promise<readonly ServedResource[]> {
  const apiVersion = group === "" ? version : `${group}/${version}`;
  const attempted = `discover what ${apiVersion} serves (is its APIService available?)`;
  const answer = await client.request<unknown>({
    method: "GET",
    path: group === "" ? `/api/${version}` : `/apis/${group}/${version}`,
    signal,
    attempted,
  });
  const resources = valueAt(answer, "resources");
  const isEmptyInGo = resources === null && textAt(answer, "kind") === "APIResourceList";
  if (!Array.isArray(resources) && !isEmptyInGo) {
    throw new ImageError("API_ERROR", `Cannot ${attempted}: the server answered no list of resources`);
  }
  return listAt(answer, "resources")
    .map((resource) => ({
      group,
      version,
      resource: textAt(resource, "name"),
      kind: textAt(resource, "kind"),
      canList: listAt(resource, "verbs").includes("list"),
    }))
    .filter(({ resource }) => !resource.includes("/"));
}

async function unlessDown(
  { group, version }: GroupVersion,
  read: () => Promise<readonly ServedResource[]>,
): Promise<readonly ServedResource[]> {
  try {
    return await read();
  } catch (error) {
    if (!hasCode(error, "API_ERROR", "API_NOT_FOUND", "API_FORBIDDEN")) throw error;
    return [{ group, version, resource: "*", kind: "", canList: true }];
  }
}

function isSame({ resource }: ApiResource): (served: ServedResource) => boolean {
  return (served) => served.resource === resource;
}

function toApiResource({ group, version, resource }: ServedResource): ApiResource {
  return { group, version, resource };
}

function parseApiVersion(apiVersion: string): Omit<ApiResource, "resource"> {
  const slash = apiVersion.indexOf("/");
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1) };
}

function otherVersion(wanted: ApiResource, served: GroupVersion): ImageError {
  const text = `Cannot read ${resourceName(wanted)} as ${wanted.version}: the server serves it as ${served.version} only`;
  return new ImageError("API_ERROR", text);
}
