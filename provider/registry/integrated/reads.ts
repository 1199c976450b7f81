import { type Manifest, readManifest as parseManifest } from "../../oci/manifest.js";
import { manifestTypes } from "../../oci/mediaTypes.js";
import { digestOf } from "../../oci/verify.js";
import { type StreamKey, streamName } from "../../okd/streamName.js";
import type { ManifestContent } from "../../prune/ports.js";
import { ImageError } from "../../support/imageError.js";
import { isProvenAbsent } from "../client/answer.js";
import { pathSegment, type RegistryClient, repositoryPath } from "./client.js";
import { pullFailure } from "./refusal.js";

/** See `ContentFinder`. The registry may remember a deleted blob for a while (facts/pruning.md 42). */
export async function hasBlob(
  client: RegistryClient,
  key: StreamKey,
  digest: string,
  signal: AbortSignal,
): Promise<boolean> {
  const attempted = `look for blob ${digest} of ${streamName(key)} in the registry`;
  const path = `${repositoryPath(key)}/blobs/${pathSegment(digest)}`;
  const answer = await client.send({ method: "HEAD", path, signal, attempted });
  // Object storage is reached by a redirect, which the registry answers only for a blob that it has.
  if (answer.status === 200 || answer.status === 307) return true;
  if (isProvenAbsent(answer)) return false;
  throw pullFailure(answer, { server: client.server, attempted }, key);
}

/**
 * See `ContentFinder`; its digest is verified. The registry serves only what is in the history of that very stream
 * (facts/registries.md 1).
 */
export async function readImageManifest(
  client: RegistryClient,
  key: StreamKey,
  digest: string,
  signal: AbortSignal,
): Promise<ManifestContent | undefined> {
  const attempted = `read manifest ${digest} of ${streamName(key)} from the registry`;
  const path = `${repositoryPath(key)}/manifests/${pathSegment(digest)}`;
  const answer = await client.send({ method: "GET", path, accept: manifestTypes, signal, attempted });
  if (isProvenAbsent(answer)) return undefined;
  if (answer.status !== 200) throw pullFailure(answer, { server: client.server, attempted }, key);
  const bytes = Buffer.from(answer.text);
  const actual = digestOf(bytes);
  const verdict = parseManifest(bytes, String(answer.headers["content-type"] ?? ""));
  if (verdict.ok && actual === digest) return contentOf(verdict.manifest);
  const reason = verdict.ok ? `has the digest ${actual}` : verdict.reason;
  throw new ImageError("REGISTRY_ERROR", `Cannot ${attempted}: what ${client.server} answered ${reason}`);
}

function contentOf(manifest: Manifest): ManifestContent {
  const { mediaType } = manifest;
  return manifest.kind === "index"
    ? { mediaType, layers: [], config: undefined, manifests: manifest.manifests }
    : { mediaType, layers: manifest.layers, config: manifest.config, manifests: [] };
}
