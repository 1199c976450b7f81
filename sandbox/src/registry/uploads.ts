import type { HttpAnswer, HttpRequest } from "../http/exchange.js";
import { registryError } from "./errors.js";
import { digestOf, type UploadSessions } from "./store.js";

/** Where finished uploads go. */
export interface UploadStore {
  readonly uploads: UploadSessions;
  putBlob(repository: string, content: Buffer): string;
  /** Links a blob of another repository; false when that has none. */
  mountBlob(repository: string, from: string, digest: string): boolean;
}

/** `id` is empty for the request that starts an upload. */
export function answerUpload(
  store: UploadStore,
  repository: string,
  id: string,
  request: HttpRequest,
): HttpAnswer {
  if (id === "")
    return request.method === "POST" ? startUpload(store, repository, request) : registryError("UNSUPPORTED");
  const received = store.uploads.received(id);
  if (received === undefined) return registryError("BLOB_UPLOAD_UNKNOWN");
  switch (request.method) {
    case "GET":
      return progress(204, repository, id, received.length, request);
    case "PATCH":
      return appendChunk(store, repository, id, received.length, request);
    case "PUT":
      return finishUpload(store, repository, id, Buffer.concat([received, request.body]), request);
    case "DELETE":
      store.uploads.end(id);
      return { status: 204 };
    default:
      return registryError("UNSUPPORTED");
  }
}

function startUpload(store: UploadStore, repository: string, request: HttpRequest): HttpAnswer {
  const mounted = request.query.get("mount");
  if (mounted !== null && store.mountBlob(repository, request.query.get("from") ?? "", mounted)) {
    return created(repository, mounted, request);
  }
  const id = store.uploads.start();
  if (request.query.has("digest")) return finishUpload(store, repository, id, request.body, request);
  return progress(202, repository, id, 0, request);
}

function appendChunk(
  store: UploadStore,
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
  return progress(202, repository, id, store.uploads.append(id, request.body), request);
}

function finishUpload(
  store: UploadStore,
  repository: string,
  id: string,
  content: Buffer,
  request: HttpRequest,
): HttpAnswer {
  const digest = request.query.get("digest") ?? "";
  if (digest !== digestOf(content)) return registryError("DIGEST_INVALID", { digest });
  store.uploads.end(id);
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
