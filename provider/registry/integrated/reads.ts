import { manifestTypes } from "../../oci/mediaTypes.js";
import type { StreamKey } from "../../okd/streamName.js";
import { ImageError } from "../../support/imageError.js";
import { isProvenAbsent } from "./answer.js";
import { nameOf, pathSegment, type RegistryClient, repositoryPath } from "./client.js";
import { parseManifest, type RegistryManifest } from "./manifest.js";
import { pullFailure } from "./refusal.js";

/** See `ContentFinder`. The registry may remember a deleted blob for a while (facts/pruning.md 42). */
export async function hasBlob(
  client: RegistryClient,
  key: StreamKey,
  digest: string,
  signal: AbortSignal,
): Promise<boolean> {
  const attempted = `look for blob ${digest} of ${nameOf(key)} in the registry`;
  const path = `${repositoryPath(key)}/blobs/${pathSegment(digest)}`;
  const answer = await client.send({ method: "HEAD", path, signal, attempted });
  // Object storage is reached by a redirect, which the registry answers only for a blob that it has.
  if (answer.status === 200 || answer.status === 307) return true;
  if (isProvenAbsent(answer)) return false;
  throw pullFailure(answer, { server: client.server, attempted }, key);
}

/** See `IntegratedRegistry.readManifest`. */
export async function readManifest(
  client: RegistryClient,
  key: StreamKey,
  digest: string,
  signal: AbortSignal,
): Promise<RegistryManifest | undefined> {
  const attempted = `read manifest ${digest} of ${nameOf(key)} from the registry`;
  const path = `${repositoryPath(key)}/manifests/${pathSegment(digest)}`;
  const answer = await client.send({ method: "GET", path, accept: manifestTypes, signal, attempted });
  if (isProvenAbsent(answer)) return undefined;
  if (answer.status !== 200) throw pullFailure(answer, { server: client.server, attempted }, key);
  const parsed = parseManifest(answer, digest);
  if (parsed.ok) return parsed.manifest;
  const text = `Cannot ${attempted}: what ${client.server} answered ${parsed.reason}`;
  throw new ImageError("REGISTRY_ERROR", text);
}
