import { type HttpAnswer, type HttpHandler, type HttpRequest, jsonAnswer } from "../http/exchange.js";
import type { RegistryAccess } from "./access.js";
import { answerBlob } from "./blobs.js";
import { registryError } from "./errors.js";
import { answerManifest } from "./manifests.js";
import type { RegistryStore } from "./store.js";
import { answerCatalog, answerTags } from "./tagLists.js";
import { answerUpload } from "./uploads.js";

const apiHeaders = { "docker-distribution-api-version": "registry/2.0", "x-content-type-options": "nosniff" };
const route = /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs|tags)\/([^/]*)$/;

/** The distribution API over one store. */
export function registryHandler(store: RegistryStore, access: RegistryAccess): HttpHandler {
  return (request) => {
    const answer =
      request.path === "/token" ? access.issueToken(request) : answerRequest(store, access, request);
    return Promise.resolve({ ...answer, headers: { ...apiHeaders, ...answer.headers } });
  };
}

function answerRequest(store: RegistryStore, access: RegistryAccess, request: HttpRequest): HttpAnswer {
  if (request.path === "/v2/" || request.path === "/v2") {
    return access.refusal(request, undefined, []) ?? jsonAnswer(200, {});
  }
  if (request.path === "/v2/_catalog") {
    return access.refusal(request, undefined, []) ?? answerCatalog(store, request);
  }
  const [, repository, kind, last] = route.exec(request.path) ?? [];
  if (repository === undefined || last === undefined) return { status: 404, body: "404 page not found\n" };
  const refusal = access.refusal(request, repository, actionsOf(request.method));
  if (refusal !== undefined) return refusal;
  const id = decodeURIComponent(last);
  switch (kind) {
    case "manifests":
      return answerManifest(store, repository, id, request);
    case "blobs":
      return answerBlob(store, repository, id, request);
    case "blobs/uploads":
      return answerUpload(store, repository, id, request);
    case undefined:
    default:
      return id === "list" ? answerTags(store, repository, request) : registryError("UNSUPPORTED");
  }
}

function actionsOf(method: string): readonly string[] {
  if (method === "GET" || method === "HEAD") return ["pull"];
  return method === "DELETE" ? ["delete"] : ["pull", "push"];
}
