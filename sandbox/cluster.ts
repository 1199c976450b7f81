import type { FaultRules } from "./http/faults.js";
import type { HttpHandler } from "./http/exchange.js";
import { firstObjects } from "./firstObjects.js";
import { imageResources } from "./images/imageResources.js";
import { RegistryWhitelist } from "./images/registryWhitelist.js";
import { startImportController, type ImportController } from "./imports/importController.js";
import { ImportWriter } from "./imports/importWriter.js";
import type { Network } from "./imports/network.js";
import type { ImportOptions, ImportParts } from "./imports/streamImports.js";
import { AccessRules } from "./kube/access.js";
import { answerApiRequest } from "./kube/apiServer.js";
import { Authentication } from "./kube/authentication.js";
import type { KubeObject } from "./kube/objects.js";
import { ObjectStore } from "./kube/objectStore.js";
import { apiVersionOf, storageName, type ServedResource } from "./kube/resource.js";
import { storedResources } from "./kube/storedKinds.js";
import type { SandboxOptions } from "./sandboxOptions.js";

/** The API of one cluster, without its sockets. */
export interface Cluster {
  readonly store: ObjectStore;
  readonly access: AccessRules;
  readonly authentication: Authentication;
  readonly controller: ImportController;
  readonly handler: HttpHandler;
  /** Stores an object past all rules. */
  seed(object: KubeObject): KubeObject;
}

export function createCluster(options: SandboxOptions, network: Network, faults: FaultRules): Cluster {
  const store = new ObjectStore();
  const access = new AccessRules(store);
  const authentication = new Authentication();
  const whitelist = new RegistryWhitelist(store);
  const writer = new ImportWriter(store, whitelist);
  const imports: ImportParts = {
    store,
    access,
    whitelist,
    network,
    faults,
    writer,
    options: importOptions(options),
  };
  const resources = [...storedResources(store), ...imageResources(store, whitelist, imports)];
  const api = {
    resources,
    authentication,
    access,
    missingGroups: new Set(options.missingGroups),
    unavailableGroups: new Set(options.unavailableGroups),
  };
  const seed = (object: KubeObject): KubeObject => store.insert(storageNameOf(resources, object), object);
  firstObjects(options).forEach(seed);
  const idle = { settled: () => Promise.resolve() };
  const controller = options.controller === true ? startImportController(imports) : idle;
  return {
    store,
    access,
    authentication,
    controller,
    seed,
    handler: (request) => answerApiRequest(api, request),
  };
}

function importOptions({ limits = {}, throttleImports = true }: SandboxOptions): ImportOptions {
  return {
    defaultSeconds: limits.importSeconds ?? 34,
    maximumSeconds: limits.maximumImportSeconds ?? 60,
    imagesPerSecond: throttleImports ? 2 : Infinity,
    imagesAtOnce: 3,
    maximumTagsPerRepository: limits.tagsPerRepository ?? 50,
  };
}

function storageNameOf(resources: readonly ServedResource[], object: KubeObject): string {
  const served = resources.find(
    (resource) => resource.kind === object.kind && apiVersionOf(resource) === object.apiVersion,
  );
  if (served === undefined)
    throw new Error(`the sandbox does not serve ${String(object.apiVersion)} ${String(object.kind)}`);
  return storageName(served);
}
