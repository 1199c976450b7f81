import type { ServerClock } from "./http/clock.js";
import type { FaultRules } from "./http/faults.js";
import type { HttpHandler } from "./http/exchange.js";
import { ClusterEdits } from "./clusterEdits.js";
import { firstDefinitions, firstObjects } from "./firstObjects.js";
import { imageResources } from "./images/imageResources.js";
import { RegistryWhitelist } from "./images/registryWhitelist.js";
import { startImportController, type ImportController } from "./imports/importController.js";
import { ImportWriter } from "./imports/importWriter.js";
import type { Network } from "./imports/network.js";
import type { ImportOptions, ImportParts } from "./imports/streamImports.js";
import { AccessRules } from "./kube/access.js";
import { answerApiRequest } from "./kube/apiServer.js";
import { unavailableGroups } from "./kube/apiServices.js";
import { Authentication } from "./kube/authentication.js";
import { ObjectStore } from "./kube/objectStore.js";
import { definedResources } from "./kube/definedResources.js";
import { reviewResources } from "./kube/reviews.js";
import { storedResources } from "./kube/storedKinds.js";
import type { SandboxOptions } from "./sandboxOptions.js";

/** The API of one cluster, without its sockets. */
export interface Cluster {
  readonly store: ObjectStore;
  readonly access: AccessRules;
  readonly authentication: Authentication;
  readonly controller: ImportController;
  readonly handler: HttpHandler;
  readonly edits: ClusterEdits;
}

export function createCluster(
  options: SandboxOptions,
  network: Network,
  faults: FaultRules,
  clock: ServerClock,
): Cluster {
  const store = new ObjectStore(clock);
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
  const missingGroups = new Set(options.missingGroups);
  const standard = [
    ...storedResources(store),
    ...imageResources(store, whitelist, imports),
    ...reviewResources(access),
  ];
  const defined = definedResources(store);
  const resources = () => [...standard, ...defined()];
  const api = {
    resources,
    authentication,
    access,
    missingGroups,
    unavailableGroups: () => unavailableGroups(store),
  };
  const edits = new ClusterEdits(store, resources);
  for (const object of firstDefinitions(options)) edits.put(object);
  for (const object of firstObjects(options, resources())) edits.put(object);
  // As on a cluster that has run for a while: nobody can watch from its first versions.
  store.history.compact(store.revision);
  const idle = { settled: () => Promise.resolve() };
  const controller = options.controller === true ? startImportController(imports) : idle;
  return {
    store,
    access,
    authentication,
    controller,
    edits,
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
