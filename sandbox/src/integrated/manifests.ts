import type { HttpAnswer, HttpRequest } from "../http/exchange.js";
import { latestEvent } from "../images/stream/types.js";
import type { Manifest } from "../pull/manifestImage.js";
import { bareRegistryError, registryError } from "../registry/errors.js";
import { digestOf } from "../registry/store.js";
import { readableBlob } from "./blobs.js";
import type { RegistryParts } from "./parts.js";
import { recordPush } from "./recordPush.js";
import { isManaged } from "./servedImages.js";

export async function answerIntegratedManifest(
  parts: RegistryParts,
  repository: string,
  id: string,
  request: HttpRequest,
): Promise<HttpAnswer> {
  switch (request.method) {
    case "GET":
    case "HEAD":
      return getManifest(parts, repository, id, request.signal);
    case "PUT":
      return putManifest(parts, repository, id, request);
    case "DELETE":
      return deleteManifest(parts, repository, id);
    default:
      return bareRegistryError("UNSUPPORTED");
  }
}

/** Served while this very stream lists the digest, or an index that contains it, and its Image exists (facts/registries.md 1). */
async function getManifest(
  { served, storage, source, mode }: RegistryParts,
  repository: string,
  id: string,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const [namespace = ""] = repository.split("/");
  if (!served.hasNamespace(namespace)) return registryError("UNKNOWN", {});
  const stream = served.stream(repository);
  const digest = id.includes(":") ? id : stream === undefined ? undefined : latestEvent(stream, id)?.image;
  const image = digest === undefined ? undefined : served.image(digest);
  if (stream === undefined || digest === undefined || image === undefined)
    return unknownManifest(repository, id);
  if (!served.digestsOf(repository).has(digest)) return unknownManifest(repository, id);
  const mediaType = image.dockerImageManifestMediaType ?? "";
  const stored = storage.blob(digest);
  if (stored !== undefined) return manifestAnswer(digest, mediaType, stored);
  if (isManaged(image)) return unknownManifest(repository, id);
  const remote = await source.manifest(stream, image, signal);
  if (remote === undefined) return unknownManifest(repository, id);
  // Stored before it is passed on, unlike blobs (facts/registries.md 24).
  if (mode !== "readOnly") storage.putManifest(repository, remote.body);
  return manifestAnswer(digest, mediaType, remote.body);
}

function manifestAnswer(digest: string, mediaType: string, body: Buffer): HttpAnswer {
  const headers = { "content-type": mediaType, "docker-content-digest": digest, etag: `"${digest}"` };
  return { status: 200, headers, body };
}

function unknownManifest(repository: string, id: string): HttpAnswer {
  const key = id.includes(":") ? "Revision" : "Tag";
  return registryError("MANIFEST_UNKNOWN", { Name: repository, [key]: id });
}

async function putManifest(
  parts: RegistryParts,
  repository: string,
  id: string,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const { store, storage, served } = parts;
  const [namespace = ""] = repository.split("/");
  if (!served.hasNamespace(namespace)) return registryError("UNKNOWN", {});
  const content = request.body;
  const manifest = parsedManifest(content);
  if (manifest === undefined) return registryError("MANIFEST_INVALID");
  const digest = digestOf(content);
  const isDigest = id.includes(":");
  if (isDigest && id !== digest) return registryError("DIGEST_INVALID");
  const missing = await missingBlob(parts, repository, manifest, request.signal);
  if (missing !== undefined) return registryError("MANIFEST_BLOB_UNKNOWN", { digest: missing });
  storage.putManifest(repository, content);
  const type = request.headers["content-type"]?.split(";")[0];
  recordPush(store, {
    repository,
    tag: isDigest ? undefined : id,
    digest,
    mediaType: type ?? manifest.mediaType ?? "",
    content,
    config: configText(storage.blob(manifest.config?.digest ?? "")),
    at: store.timestamp(),
  });
  const location = `${request.origin}/v2/${repository}/manifests/${digest}`;
  return { status: 201, headers: { location, "docker-content-digest": digest } };
}

function parsedManifest(content: Buffer): Manifest | undefined {
  try {
    return JSON.parse(content.toString("utf8")) as Manifest;
  } catch {
    return undefined;
  }
}

/** Artifacts have configs that say nothing about a platform, or are empty. */
function configText(config: Buffer | undefined): string {
  const text = config?.toString("utf8") ?? "";
  return text.startsWith("{") ? text : "{}";
}

async function missingBlob(
  parts: RegistryParts,
  repository: string,
  { config, layers = [], manifests = [] }: Manifest,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const { digest } of [...(config === undefined ? [] : [config]), ...layers]) {
    if ((await readableBlob(parts, repository, digest, signal)) === undefined) return digest;
  }
  return manifests.find((child) => parts.served.image(child.digest) === undefined)?.digest;
}

function deleteManifest(
  { served, storage, mode }: RegistryParts,
  repository: string,
  id: string,
): HttpAnswer {
  if (mode === "deleteDisabled") return bareRegistryError("UNSUPPORTED");
  const isListed = served.digestsOf(repository).has(id);
  if (isListed && served.image(id) !== undefined) return bareRegistryError("UNSUPPORTED");
  if (storage.blob(id) === undefined || !storage.unlinkManifest(repository, id))
    return bareRegistryError("MANIFEST_UNKNOWN");
  return { status: 202 };
}
