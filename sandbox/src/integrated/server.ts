import {
  type HttpAnswer,
  type HttpHandler,
  type HttpRequest,
  jsonAnswer,
  textAnswer,
} from "../http/exchange.js";
import { bareRegistryError, registryError } from "../registry/errors.js";
import { answerUpload, type UploadStore } from "../registry/uploads.js";
import type { IntegratedAccess, RegistryAction } from "./access.js";
import { answerAdminBlob, answerIntegratedBlob } from "./blobs.js";
import { answerIntegratedManifest } from "./manifests.js";
import type { RegistryParts } from "./parts.js";

const versionHeader = { "docker-distribution-api-version": "registry/2.0" };
const apiHeaders = { ...versionHeader, "x-registry-supports-signatures": "1" };
const repositoryRoute = /^\/v2\/([^/]+\/[^/]+)\/(manifests|blobs\/uploads|blobs|tags)\/([^/]*)$/;
const signatureRoute = /^\/extensions\/v2\/([^/]+\/[^/]+)\/signatures\/([^/]+)$/;
const adminRoute = /^\/admin\/blobs\/([^/]+)$/;

/** openshift/image-registry over the cluster's own objects, as the recordings in test/conformance/image-registry show it. */
export function integratedHandler(parts: RegistryParts, access: IntegratedAccess): HttpHandler {
  return async (request) => {
    const answer = await route(parts, access, request);
    const isForeign = answer.status === 404 && answer.headers?.["content-type"]?.startsWith("text/") === true;
    return { ...answer, headers: { ...(isForeign ? versionHeader : apiHeaders), ...answer.headers } };
  };
}

async function route(
  parts: RegistryParts,
  access: IntegratedAccess,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const { path } = request;
  if (path === "/" || path === "/healthz") return { status: 200, body: "" };
  if (path === "/openshift/token") return access.issueToken(request);
  if (path === "/v2/" || path === "/v2")
    return access.refusal(request, { kind: "login" }) ?? jsonAnswer(200, {});
  const admin = adminRoute.exec(path)?.[1];
  if (admin !== undefined)
    return (
      access.refusal(request, { kind: "admin" }) ?? answerAdminBlob(parts, decodeURIComponent(admin), request)
    );
  const [, signed, image = ""] = signatureRoute.exec(path) ?? [];
  if (signed !== undefined) {
    const action: RegistryAction = { kind: "repository", repository: signed, action: "pull" };
    return access.refusal(request, action) ?? answerSignatures(parts, decodeURIComponent(image));
  }
  const [, repository, kind = "", last = ""] = repositoryRoute.exec(path) ?? [];
  if (repository === undefined) return textAnswer(404, "404 page not found\n");
  const action: RegistryAction = { kind: "repository", repository, action: actionOf(request.method) };
  const refusal = access.refusal(request, action) ?? readOnlyRefusal(parts, request);
  return refusal ?? answerRepository(parts, repository, kind, decodeURIComponent(last), request);
}

async function answerRepository(
  parts: RegistryParts,
  repository: string,
  kind: string,
  id: string,
  request: HttpRequest,
): Promise<HttpAnswer> {
  switch (kind) {
    case "manifests":
      return answerIntegratedManifest(parts, repository, id, request);
    case "blobs":
      return answerIntegratedBlob(parts, repository, id, request);
    case "blobs/uploads":
      return answerUpload(uploadStore(parts), repository, id, request);
    default:
      return id === "list" ? answerTags(parts, repository) : bareRegistryError("UNSUPPORTED");
  }
}

function readOnlyRefusal({ mode }: RegistryParts, { method }: HttpRequest): HttpAnswer | undefined {
  if (mode !== "readOnly" || method === "GET" || method === "HEAD") return undefined;
  const answer = textAnswer(405, "Method not allowed\n");
  return { ...answer, headers: { ...answer.headers, allow: "GET, HEAD" } };
}

/** A mount needs the blob to be readable in the repository that it comes from. */
function uploadStore({ storage }: RegistryParts): UploadStore {
  return {
    uploads: storage.uploads,
    putBlob: (repository, content) => storage.putBlob(repository, content),
    mountBlob: (repository, from, digest) => {
      if (storage.blob(digest) === undefined || !storage.hasLayerLink(from, digest)) return false;
      storage.linkLayer(repository, digest);
      return true;
    },
  };
}

function answerTags({ served }: RegistryParts, repository: string): HttpAnswer {
  const stream = served.stream(repository);
  if (stream === undefined) return registryError("NAME_UNKNOWN", { name: repository });
  const tags = (stream.status.tags ?? []).filter(({ items }) => (items?.[0]?.image ?? "") !== "");
  return jsonAnswer(200, { name: repository, tags: tags.map(({ tag }) => tag) });
}

interface StoredSignature {
  readonly metadata?: { readonly name?: string };
  readonly type?: string;
  readonly content?: string;
}

function answerSignatures({ served }: RegistryParts, digest: string): HttpAnswer {
  const stored = (served.image(digest)?.["signatures"] ?? []) as readonly StoredSignature[];
  const signatures = stored.map(({ metadata, type, content }) => ({
    schemaVersion: 2,
    name: metadata?.name,
    type,
    content,
  }));
  return jsonAnswer(200, { signatures }, { "content-type": "application/json; charset=utf-8" });
}

function actionOf(method: string): "pull" | "push" | "delete" {
  if (method === "GET" || method === "HEAD") return "pull";
  return method === "DELETE" ? "delete" : "push";
}
