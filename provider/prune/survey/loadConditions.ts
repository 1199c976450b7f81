import type { ApiResource, ClusterObjects } from "../../okd/objects.js";
import { registryNamespace } from "../../okd/registryHosts.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { hasCode } from "../../support/imageError.js";
import { jobResource } from "../../usage/kinds.js";
import type { ClusterConditions, ImagePrunerState } from "../clusterSurvey.js";
import { isSuspended, operatorState, prunerState, versionState } from "./toConditions.js";

const config = { group: "config.openshift.io", version: "v1" };
const clusterVersions: ApiResource = { ...config, resource: "clusterversions" };
const clusterOperators: ApiResource = { ...config, resource: "clusteroperators" };
const imagePruners: ApiResource = {
  group: "imageregistry.operator.openshift.io",
  version: "v1",
  resource: "imagepruners",
};

/** What the operators report. A missing or unreadable object here does not stop a survey. */
export async function loadConditions(
  objects: ClusterObjects,
  options: RequestOptions,
): Promise<ClusterConditions> {
  const [imagePruner, version, operator] = await Promise.all([
    loadPruner(objects, options),
    look(objects, clusterVersions, "version", options),
    look(objects, clusterOperators, "image-registry", options),
  ]);
  return {
    imagePruner,
    clusterVersion: version.kind === "found" ? versionState(version.object) : version.kind,
    registryOperator: operator.kind === "found" ? operatorState(operator.object) : operator.kind,
  };
}

async function loadPruner(objects: ClusterObjects, options: RequestOptions): Promise<ImagePrunerState> {
  const pruner = await look(objects, imagePruners, "cluster", options);
  if (pruner.kind !== "found") return pruner;
  if (isSuspended(pruner.object)) return { kind: "suspended" };
  const jobs: unknown[] = [];
  const read = await unlessRefused(async () => {
    await objects.list(jobResource, {
      ...options,
      namespace: registryNamespace,
      onPage: (page) => jobs.push(...page),
    });
    return true;
  });
  return read === undefined ? { kind: "unreadable" } : prunerState(pruner.object, jobs);
}

type Look = { readonly kind: "found"; readonly object: unknown } | { readonly kind: "absent" | "unreadable" };

async function look(
  objects: ClusterObjects,
  resource: ApiResource,
  name: string,
  options: RequestOptions,
): Promise<Look> {
  const found = await unlessRefused(async (): Promise<Look> => {
    if (!(await objects.serves(resource, options))) return { kind: "absent" };
    const object = await objects.get(resource, name, options);
    return object === undefined ? { kind: "absent" } : { kind: "found", object };
  });
  return found ?? { kind: "unreadable" };
}

/** Undefined when the server refused or failed; without any answer the survey has to stop. */
async function unlessRefused<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await read();
  } catch (error) {
    if (hasCode(error, "API_FORBIDDEN", "API_NOT_FOUND", "API_ERROR")) return undefined;
    throw error;
  }
}
