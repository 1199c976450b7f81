import type { ServerClock } from "../http/clock.js";
import type { HttpHandler } from "../http/exchange.js";
import type { StreamRules } from "../images/stream/rules.js";
import { RegistryWhitelist } from "../images/stream/whitelist.js";
import { type ImportController, startImportController } from "../imports/controller.js";
import type { ImportOptions, ImportParts } from "../imports/create.js";
import { ImportWriter } from "../imports/writer.js";
import { Authentication } from "../kube/access/authentication.js";
import { reviewResources } from "../kube/access/reviews.js";
import { AccessRules } from "../kube/access/rules.js";
import { answerApiRequest, type ApiServerParts } from "../kube/api/server.js";
import { unavailableGroups } from "../kube/kinds/apiServices.js";
import { definedResources } from "../kube/kinds/definedResources.js";
import { storedResources } from "../kube/kinds/served.js";
import type { ServedResource } from "../kube/model/resource.js";
import { ObjectStore } from "../kube/storage/objectStore.js";
import type { Network } from "../pull/network.js";
import type { FaultRules } from "../server/faults.js";
import { ClusterEdits } from "./edits.js";
import { firstDefinitions, firstObjects } from "./firstObjects.js";
import { imageResources } from "./imageResources.js";
import type { ClusterOptions } from "./options.js";

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
  options: ClusterOptions,
  network: Network,
  faults: FaultRules,
  clock: ServerClock,
): Cluster {
  const store = new ObjectStore(clock);
  const access = new AccessRules(store);
  const authentication = new Authentication();
  const whitelist = new RegistryWhitelist(store);
  const rules: StreamRules = { store, access, whitelist, aliasChains: options.aliasChains ?? "firstHop" };
  const imports: ImportParts = {
    store,
    access,
    whitelist,
    network,
    faults,
    writer: new ImportWriter(rules),
    options: importOptions(options),
  };
  const resources = servedResources(rules, imports);
  const edits = new ClusterEdits(store, resources);
  for (const object of firstDefinitions(options)) edits.put(object);
  for (const object of firstObjects(options, resources())) edits.put(object);
  // Like a cluster that has run for a while: watches from its first versions are refused.
  store.history.compact(store.revision);
  const api: ApiServerParts = {
    resources,
    authentication,
    access,
    missingGroups: new Set(options.missingGroups),
    unavailableGroups: () => unavailableGroups(store),
  };
  const controller = options.controller === true ? startImportController(imports) : idle;
  const handler: HttpHandler = (request) => answerApiRequest(api, request);
  return { store, access, authentication, controller, edits, handler };
}

const idle: ImportController = { settled: () => Promise.resolve() };

/** The resources that are served at the moment; definitions add and remove some. */
function servedResources(rules: StreamRules, imports: ImportParts): () => readonly ServedResource[] {
  const { store, access } = rules;
  const standard = [...storedResources(store), ...imageResources(rules, imports), ...reviewResources(access)];
  const defined = definedResources(store);
  return () => [...standard, ...defined()];
}

function importOptions({ limits = {}, throttleImports = true }: ClusterOptions): ImportOptions {
  return {
    defaultSeconds: limits.importSeconds ?? 34,
    maximumSeconds: limits.maximumImportSeconds ?? 60,
    imagesPerSecond: throttleImports ? 2 : Infinity,
    imagesAtOnce: 3,
    maximumTagsPerRepository: limits.tagsPerRepository ?? 50,
  };
}
