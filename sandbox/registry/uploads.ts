import type { HttpAnswer, HttpRequest } from "../http/exchange.js";
import { registryError } from "./registryErrors.js";
import { digestOf, type RegistryStore } from "./registryStore.js";

/** `id` is empty for the request that starts an upload. */
export function answerUpload(
  store: RegistryStore,
  repository: string,
  id: string,
  request: HttpRequest,
): HttpAnswer {
  if (id === "")
    return request.method === "POST" ? startUpload(store, repository, request) : registryError("UNSUPPORTED");
  const received = store.upload(id);
  if (received === undefined) return registryError("BLOB_UPLOAD_UNKNOWN");
  switch (request.method) {
    case "GET":
      return progress(204, repository, id, received.length, request);
    case "PATCH":
      return appendChunk(store, repository, id, received.length, request);
    case "PUT":
      return finishUpload(store, repository, id, Buffer.concat([received, request.body]), request);
    case "DELETE":
      store.endUpload(id);
      return { status: 204 };
    default:
      return registryError("UNSUPPORTED");
  }
}

function startUpload(store: RegistryStore, repository: string, request: HttpRequest): HttpAnswer {
  const mounted = request.query.get("mount");
  if (mounted !== null && store.mountBlob(repository, request.query.get("from") ?? "", mounted)) {
    return created(repository, mounted, request);
  }
  const id = store.startUpload();
  if (request.query.has("digest")) return finishUpload(store, repository, id, request.body, request);
  return progress(202, repository, id, 0, request);
}

function appendChunk(
  store: RegistryStore,
  repository: string,
  id: string,
  received: number,
  request: HttpRequest,
): HttpAnswer {
  const range = /^(\d+)-(\d+)$/.exec(request.headers["content-range"] ?? "");
  if (range !== null && Number(range[1]) !== received) {
    return {
      status: 416,
      headers: { range: rangeOf(received), location: uploadLocation(repository, id, request) },
    };
  }
  return progress(202, repository, id, store.appendUpload(id, request.body), request);
}

function finishUpload(
  store: RegistryStore,
  repository: string,
  id: string,
  content: Buffer,
  request: HttpRequest,
): HttpAnswer {
  const digest = request.query.get("digest") ?? "";
  if (digest !== digestOf(content)) return registryError("DIGEST_INVALID", { digest });
  store.endUpload(id);
  store.putBlob(repository, content);
  return created(repository, digest, request);
}

function created(repository: string, digest: string, request: HttpRequest): HttpAnswer {
  const location = `${request.origin}/v2/${repository}/blobs/${digest}`;
  return { status: 201, headers: { location, "docker-content-digest": digest } };
}

function progress(
  status: number,
  repository: string,
  id: string,
  received: number,
  request: HttpRequest,
): HttpAnswer {
  const location = uploadLocation(repository, id, request);
  return { status, headers: { location, "docker-upload-uuid": id, range: rangeOf(received) } };
}

function uploadLocation(repository: string, id: string, request: HttpRequest): string {
  return `${request.origin}/v2/${repository}/blobs/uploads/${id}`;
}

function rangeOf(received: number): string {
  return `0-${Math.max(received - 1, 0)}`;
}
