import type { ApiResource, ClusterObjects } from "../../okd/objects.js";
import {
  externalHostnames,
  registryNamespace,
  registryRoutes,
  registryService,
  serviceHost,
} from "../../okd/registryHosts.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { bareMessage, hasCode } from "../../support/imageError.js";
import { textAt } from "../../support/json.js";
import type { ConfiguredHosts } from "../clusterSurvey.js";

const imageConfigs: ApiResource = { group: "config.openshift.io", version: "v1", resource: "images" };
const routeResource: ApiResource = { group: "route.openshift.io", version: "v1", resource: "routes" };
const services: ApiResource = { group: "", version: "v1", resource: "services" };

/** Where administrators say that the registry is: three reads. Reports what may not be read, and stops for nothing. */
export async function loadConfiguredHosts(
  objects: ClusterObjects,
  options: RequestOptions,
): Promise<ConfiguredHosts> {
  const inNamespace = { ...options, namespace: registryNamespace };
  const [config, routes, service] = await Promise.all([
    readIfServed(objects, imageConfigs, "get images.config.openshift.io/cluster", options, () =>
      objects.get(imageConfigs, "cluster", options),
    ),
    loadRoutes(objects, inNamespace),
    readIfServed(
      objects,
      services,
      `get service ${registryService} in namespace ${registryNamespace}`,
      options,
      () => objects.get(services, registryService, inNamespace),
    ),
  ]);
  return {
    externalHostnames: externalHostnames(config.found),
    internalHostname: textAt(config.found, "status", "internalRegistryHostname") || undefined,
    routes: registryRoutes(routes.found ?? []),
    serviceHost:
      service.found === undefined && service.why === undefined ? undefined : serviceHost(service.found),
    unread: [config.why, routes.why, service.why].filter((why) => why !== undefined),
  };
}

interface Read<Found> {
  /** Undefined also where it is proven absent. */
  readonly found: Found | undefined;
  /** Why it could not be read. */
  readonly why: string | undefined;
}

/** A user who may not list routes may still be allowed to read the one that the operator makes. */
async function loadRoutes(
  objects: ClusterObjects,
  options: RequestOptions & { readonly namespace: string },
): Promise<Read<readonly unknown[]>> {
  const right = `list routes.route.openshift.io in namespace ${registryNamespace}`;
  const listed = await readIfServed(objects, routeResource, right, options, async () => {
    const found: unknown[] = [];
    await objects.list(routeResource, { ...options, onPage: (page) => found.push(...page) });
    return found;
  });
  if (listed.why === undefined) return listed;
  const { found } = await readIfServed(objects, routeResource, right, options, () =>
    objects.get(routeResource, "default-route", options),
  );
  return { found: found === undefined ? [] : [found], why: listed.why };
}

async function readIfServed<Found>(
  objects: ClusterObjects,
  resource: ApiResource,
  right: string,
  options: RequestOptions,
  read: () => Promise<Found | undefined>,
): Promise<Read<Found>> {
  try {
    const isServed = await objects.serves(resource, options);
    return { found: isServed ? await read() : undefined, why: undefined };
  } catch (error) {
    if (hasCode(error, "API_FORBIDDEN")) return { found: undefined, why: `this user may not ${right}` };
    if (hasCode(error, "API_NOT_FOUND", "API_ERROR")) return { found: undefined, why: bareMessage(error) };
    throw error;
  }
}
