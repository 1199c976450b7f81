import type { HttpAnswer, HttpRequest } from "../http/exchange.js";
import { registryError } from "./errors.js";
import { digestOf, type RegistryStore, type StoredManifest } from "./store.js";

interface ManifestContent {
  readonly mediaType?: string;
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string; readonly urls?: readonly string[] }[];
  readonly manifests?: readonly {
    readonly digest: string;
    readonly platform?: { readonly os: string; readonly architecture: string };
  }[];
}

export const dockerListType = "application/vnd.docker.distribution.manifest.list.v2+json";
const dockerManifestType = "application/vnd.docker.distribution.manifest.v2+json";

export function answerManifest(
  store: RegistryStore,
  repository: string,
  id: string,
  request: HttpRequest,
): HttpAnswer {
  switch (request.method) {
    case "GET":
    case "HEAD":
      return getManifest(store, repository, id, request);
    case "PUT":
      return putManifest(store, repository, id, request);
    case "DELETE":
      return deleteManifest(store, repository, id);
    default:
      return registryError("UNSUPPORTED");
  }
}

function getManifest(store: RegistryStore, repository: string, id: string, request: HttpRequest): HttpAnswer {
  const found = store.manifest(repository, id);
  if (found === undefined) return unknownManifest(id);
  const manifest = acceptable(store, repository, id, found, request.headers.accept ?? "");
  if (manifest === undefined) return unknownManifest(id);
  return {
    status: 200,
    headers: {
      "content-type": manifest.mediaType,
      "docker-content-digest": manifest.digest,
      etag: `"${manifest.digest}"`,
    },
    body: manifest.content,
  };
}

/**
 * What the client can read, as docker-registry 2.8 decides: OCI types must be asked for by name; a tag of a Docker list
 * becomes its linux/amd64 child for a client that does not know lists.
 */
function acceptable(
  store: RegistryStore,
  repository: string,
  id: string,
  manifest: StoredManifest,
  accept: string,
): StoredManifest | undefined {
  const accepted = accept.split(",").map((range) => range.split(";")[0]?.trim());
  if (accepted.includes(manifest.mediaType) || manifest.mediaType === dockerManifestType) return manifest;
  if (manifest.mediaType !== dockerListType) return undefined;
  if (id.includes(":")) return manifest;
  const { manifests = [] } = JSON.parse(manifest.content.toString("utf8")) as ManifestContent;
  const child = manifests.find(
    ({ platform }) => platform?.os === "linux" && platform.architecture === "amd64",
  );
  return child === undefined ? undefined : store.manifest(repository, child.digest);
}

function putManifest(store: RegistryStore, repository: string, id: string, request: HttpRequest): HttpAnswer {
  const mediaType = (request.headers["content-type"] ?? "").split(";")[0]?.trim() ?? "";
  let content: ManifestContent;
  try {
    content = JSON.parse(request.body.toString("utf8")) as ManifestContent;
  } catch {
    return registryError("MANIFEST_INVALID");
  }
  const isDigest = id.includes(":");
  if (isDigest && id !== digestOf(request.body)) return registryError("DIGEST_INVALID");
  const missing = missingReferences(store, repository, content);
  if (missing.length > 0) return registryError("MANIFEST_BLOB_UNKNOWN", { digest: missing[0] });
  const { digest } = store.putManifest(repository, isDigest ? undefined : id, mediaType, request.body);
  const location = `${request.origin}/v2/${repository}/manifests/${digest}`;
  return { status: 201, headers: { location, "docker-content-digest": digest } };
}

function missingReferences(
  store: RegistryStore,
  repository: string,
  content: ManifestContent,
): readonly string[] {
  const blobs = [...(content.config === undefined ? [] : [content.config]), ...(content.layers ?? [])];
  return [
    ...blobs.filter((blob) => !("urls" in blob) && store.blob(repository, blob.digest) === undefined),
    ...(content.manifests ?? []).filter((child) => store.manifest(repository, child.digest) === undefined),
  ].map((descriptor) => descriptor.digest);
}

function deleteManifest(store: RegistryStore, repository: string, id: string): HttpAnswer {
  if (!id.includes(":")) return registryError("UNSUPPORTED");
  return store.deleteManifest(repository, id) ? { status: 202 } : unknownManifest(id);
}

function unknownManifest(id: string): HttpAnswer {
  return registryError("MANIFEST_UNKNOWN", id.includes(":") ? { digest: id } : { Tag: id });
}
