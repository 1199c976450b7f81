import { type HttpAnswer, type HttpRequest, textAnswer } from "../http/exchange.js";
import { blobAnswer } from "../registry/blobs.js";
import { bareRegistryError, registryError } from "../registry/errors.js";
import type { RegistryParts } from "./parts.js";
import { isManaged } from "./servedImages.js";

const digestPattern = /^sha256:[0-9a-f]{64}$/;

export async function answerIntegratedBlob(
  parts: RegistryParts,
  repository: string,
  digest: string,
  request: HttpRequest,
): Promise<HttpAnswer> {
  if (request.method === "DELETE") return deleteLayerLink(parts, repository, digest);
  if (request.method !== "GET" && request.method !== "HEAD") return bareRegistryError("UNSUPPORTED");
  const own = accessibleBlob(parts, repository, digest);
  if (own !== undefined) return blobAnswer(own, digest, request);
  const remote = await remoteBlob(parts, repository, digest, request.signal);
  if (remote === undefined) return registryError("BLOB_UNKNOWN", digest);
  storeInBackground(parts, repository, digest);
  return remoteAnswer(blobAnswer(remote, digest, request), digest);
}

/** What is passed on has no Cache-Control, and an ETag without quotes (facts/registries.md 24). */
function remoteAnswer(answer: HttpAnswer, digest: string): HttpAnswer {
  const headers = Object.entries(answer.headers ?? {}).filter(([name]) => name !== "cache-control");
  return { ...answer, headers: { ...Object.fromEntries(headers), etag: digest } };
}

const longestStoringMs = 60_000;

/** By a request of its own, and for HEAD as well; a registry that is read-only gives up without a word. */
function storeInBackground(parts: RegistryParts, repository: string, digest: string): void {
  const { storage } = parts;
  if (!storage.beginStoring(digest)) return;
  void remoteBlob(parts, repository, digest, AbortSignal.timeout(longestStoringMs))
    .then((content) => {
      if (content !== undefined && parts.mode !== "readOnly") storage.putBlob(repository, content);
    })
    .finally(() => storage.endStoring(digest));
}

/** A blob of the storage that belongs, or once belonged, to the repository; else from where the image was imported. */
export async function readableBlob(
  parts: RegistryParts,
  repository: string,
  digest: string,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  return accessibleBlob(parts, repository, digest) ?? (await remoteBlob(parts, repository, digest, signal));
}

async function remoteBlob(
  { served, source }: RegistryParts,
  repository: string,
  digest: string,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const stream = served.stream(repository);
  if (stream === undefined) return undefined;
  const imported = served.imagesWithBlob(repository, digest).find((image) => !isManaged(image));
  if (imported === undefined) return undefined;
  return (await source.blob(stream, imported, digest, signal))?.body;
}

function accessibleBlob({ storage, served }: RegistryParts, repository: string, digest: string) {
  const content = storage.blob(digest);
  if (content === undefined || storage.remembers(repository, digest)) return content;
  return served.imagesWithBlob(repository, digest).length === 0 ? undefined : content;
}

/** A missing link whose blob exists is an error of the storage driver, as recorded (facts/registries.md 7). */
function deleteLayerLink(parts: RegistryParts, repository: string, digest: string): HttpAnswer {
  const { storage, mode } = parts;
  if (mode === "deleteDisabled") return bareRegistryError("UNSUPPORTED");
  if (accessibleBlob(parts, repository, digest) === undefined) return bareRegistryError("BLOB_UNKNOWN");
  if (storage.unlinkLayer(repository, digest)) return { status: 202 };
  const path = `/docker/registry/v2/repositories/${repository}/_layers/${digest.replace(":", "/")}/link`;
  return registryError("UNKNOWN", { Path: path, DriverName: "filesystem" });
}

/** DELETE /admin/blobs: removes it from the storage in every mode, as recorded (facts/registries.md 6). */
export function answerAdminBlob(
  { storage }: RegistryParts,
  digest: string,
  request: HttpRequest,
): HttpAnswer {
  if (!digestPattern.test(digest)) return textAnswer(404, "404 page not found\n");
  if (request.method !== "DELETE") return bareRegistryError("UNSUPPORTED");
  storage.deleteBlob(digest);
  return { status: 204 };
}
