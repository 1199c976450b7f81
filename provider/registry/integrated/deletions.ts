import { type StreamKey, streamName } from "../../okd/streamName.js";
import type { HttpAnswer } from "../../http/send.js";
import { faultOf, isMissingLayerLink, isProvenAbsent } from "../client/answer.js";
import { pathSegment, type RegistryClient, type RegistryRequest, repositoryPath } from "./client.js";
import { type DeletedThing, deletionFailure } from "./refusal.js";

/** No content has it. */
const probeDigest = `sha256:${"0".repeat(64)}`;

/** See `PrunedRegistry.preflight`. */
export async function probeDeletion(
  client: RegistryClient,
  repository: StreamKey,
  signal: AbortSignal,
): Promise<void> {
  const attempted = `delete from the registry (asked with a digest that nothing has, in ${streamName(repository)})`;
  const path = `${repositoryPath(repository)}/blobs/${probeDigest}`;
  const answer = await client.send({ method: "DELETE", path, signal, attempted });
  // Only this fault comes from behind the check for read-only mode; any other 404 proves nothing.
  if (answer.status === 404 && faultOf(answer)?.code === "BLOB_UNKNOWN") return;
  throw deletionFailure(answer, { server: client.server, attempted }, "layer link");
}

/** See `LayerLinkDeleter`. */
export async function deleteLayerLink(
  client: RegistryClient,
  key: StreamKey,
  digest: string,
  signal: AbortSignal,
): Promise<"deleted" | "absent"> {
  const isMissing = (answer: HttpAnswer) => isMissingLayerLink(answer, digest);
  const request = {
    path: `${repositoryPath(key)}/blobs/${pathSegment(digest)}`,
    attempted: `delete the link to layer ${digest} from ${streamName(key)} in the registry`,
    signal,
    isFinal: isMissing,
  };
  return await deleteThing(client, request, "layer link", isMissing);
}

/** See `ManifestLinkDeleter`. */
export async function deleteManifestLink(
  client: RegistryClient,
  key: StreamKey,
  digest: string,
  signal: AbortSignal,
): Promise<"deleted" | "absent"> {
  const request = {
    path: `${repositoryPath(key)}/manifests/${pathSegment(digest)}`,
    attempted: `delete the link to manifest ${digest} from ${streamName(key)} in the registry`,
    signal,
  };
  return await deleteThing(client, request, "manifest link");
}

/** See `BlobDeleter`. The registry also answers "deleted" for blobs that it never had. */
export async function deleteBlob(
  client: RegistryClient,
  digest: string,
  signal: AbortSignal,
): Promise<"deleted" | "absent"> {
  const path = `/admin/blobs/${pathSegment(digest)}`;
  return await deleteThing(
    client,
    { path, attempted: `delete blob ${digest} from the registry`, signal },
    "blob",
  );
}

async function deleteThing(
  client: RegistryClient,
  request: Omit<RegistryRequest, "method">,
  thing: DeletedThing,
  isMissing: (answer: HttpAnswer) => boolean = () => false,
): Promise<"deleted" | "absent"> {
  const answer = await client.send({ method: "DELETE", ...request });
  if (answer.status === 202 || answer.status === 204) return "deleted";
  if (isProvenAbsent(answer) || isMissing(answer)) return "absent";
  throw deletionFailure(answer, { server: client.server, attempted: request.attempted }, thing);
}
