import { randomUUID } from "node:crypto";
import { admitNewStream } from "../images/stream/limits.js";
import { imageGroup, type ImageStream } from "../images/stream/types.js";
import type { RegistryWhitelist } from "../images/stream/whitelist.js";
import type { AccessRules } from "../kube/access/rules.js";
import { createdFields } from "../kube/model/managedFields.js";
import { defined, type KubeObject, without } from "../kube/model/object.js";
import { apiVersionOf, type ResourceContext, type ResourceKind } from "../kube/model/resource.js";
import { conflict, fieldRequired, invalid, notFound } from "../kube/model/status.js";
import { admitNamespace } from "../kube/storage/namespaces.js";
import type { ObjectStore } from "../kube/storage/objectStore.js";
import { RegistryClient } from "../pull/client.js";
import { ImageSource } from "../pull/imageSource.js";
import type { Network } from "../pull/network.js";
import { findCredentials, loadPullSecrets } from "../pull/secrets.js";
import { ImportThrottle } from "../pull/throttle.js";
import type { FaultRules } from "../server/faults.js";
import { type DeadlineOptions, importDeadline } from "./deadline.js";
import { fetchImports } from "./fetch.js";
import { checkWhitelist, parseImportRequest } from "./request.js";
import type { ImageStreamImport, ImportResults } from "./types.js";
import type { ImportWriter } from "./writer.js";

export interface ImportOptions extends DeadlineOptions {
  /** Distinct images a second in one request, after a burst; infinite for no throttle. */
  readonly imagesPerSecond: number;
  readonly imagesAtOnce: number;
  readonly maximumTagsPerRepository: number;
}

export interface ImportParts {
  readonly store: ObjectStore;
  readonly access: AccessRules;
  readonly whitelist: RegistryWhitelist;
  readonly network: Network;
  readonly faults: FaultRules;
  readonly writer: ImportWriter;
  readonly options: ImportOptions;
}

export const importKind: ResourceKind = {
  group: imageGroup,
  version: "v1",
  resource: "imagestreamimports",
  kind: "ImageStreamImport",
  namespaced: true,
};

/** POST imagestreamimports: reads the images and, unless `import` is false, stores them. `dryRun` means nothing here. */
export async function createImport(
  parts: ImportParts,
  body: KubeObject,
  context: ResourceContext,
): Promise<KubeObject> {
  const request = acceptImport(parts, body, context);
  const { name, namespace } = request.metadata;
  const original = storedStream(parts.store, namespace ?? "", name);
  checkResourceVersion(request, original);
  const deadline = importDeadline(context.query.get("timeout"), parts.options);
  const timer = AbortSignal.timeout(deadline.seconds * 1000);
  const signal = AbortSignal.any([timer, context.signal]);
  try {
    const results = await fetchAll(parts, request, original, signal);
    if (!request.spec.import) return importAnswer(request, results, undefined);
    const stored = parts.writer.write(request, results, original);
    return importAnswer(request, stored, stored.stream);
  } catch (error) {
    if (timer.aborted) throw deadline.error;
    throw error;
  }
}

function acceptImport(parts: ImportParts, body: KubeObject, context: ResourceContext): ImageStreamImport {
  const { name } = body.metadata as { readonly name?: string };
  if (name === undefined || name === "") {
    throw invalid({ group: imageGroup, resource: importKind.kind }, "", [
      fieldRequired("metadata.name", "name is required"),
    ]);
  }
  admitNamespace(parts.store, importKind, name, context.namespace);
  const { namespace = "" } = context;
  const metadata = {
    ...body.metadata,
    namespace,
    uid: randomUUID(),
    creationTimestamp: parts.store.timestamp(),
  };
  const parsed = parseImportRequest({ ...body, metadata });
  const managedFields = createdFields(
    parsed,
    context.userAgent,
    apiVersionOf(importKind),
    parts.store.timestamp(),
  );
  const request = { ...parsed, metadata: { ...parsed.metadata, managedFields } };
  if (request.spec.import && storedStream(parts.store, namespace, name) === undefined) {
    admitNewStream(parts.store, namespace, importKind.resource, name);
  }
  const mayCreateImages = parts.access.allows(context.user, {
    verb: "create",
    group: imageGroup,
    resource: "images",
  });
  if (!mayCreateImages) checkWhitelist(request, parts.whitelist);
  return request;
}

function storedStream(store: ObjectStore, namespace: string, name: string): ImageStream | undefined {
  return store.get(`imagestreams.${imageGroup}`, `${namespace}/${name}`) as ImageStream | undefined;
}

function checkResourceVersion(request: ImageStreamImport, stream: ImageStream | undefined): void {
  const { name, resourceVersion } = request.metadata;
  if (resourceVersion === undefined || resourceVersion === "") return;
  if (stream === undefined) throw notFound(importKind, name);
  const stored = stream.metadata.resourceVersion ?? "";
  if (stored === resourceVersion) return;
  const message = `the image stream was updated from "${resourceVersion}" to "${stored}"`;
  throw conflict({ group: imageGroup, resource: "imagestream" }, name, message);
}

function fetchAll(
  parts: ImportParts,
  request: ImageStreamImport,
  stream: ImageStream | undefined,
  signal: AbortSignal,
): Promise<ImportResults> {
  const secrets = loadPullSecrets(parts.store, request.metadata.namespace ?? "");
  const throttle = new ImportThrottle(parts.options.imagesPerSecond, parts.options.imagesAtOnce);
  const source = new ImageSource(
    (reference, insecure) =>
      new RegistryClient(parts.network, reference, insecure, findCredentials(secrets, reference), signal),
    throttle,
    signal,
  );
  const maximumTags = parts.options.maximumTagsPerRepository;
  return fetchImports(request.spec, { source, faults: parts.faults, stream, maximumTags, signal });
}

function importAnswer(
  request: ImageStreamImport,
  results: ImportResults,
  stream: ImageStream | undefined,
): KubeObject {
  return {
    ...request,
    metadata: without(request.metadata, "resourceVersion"),
    status: defined({
      import: stream === undefined ? undefined : without(stream, "kind", "apiVersion"),
      repository: results.repository,
      images: results.images.length === 0 ? undefined : results.images,
    }),
  };
}
