import { createHash } from "node:crypto";
import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import { hasCode } from "../support/imageError.js";
import type { ClusterClient } from "./api/client.js";

/**
 * Which cluster the client reaches. The UID is left out where namespace kube-system may not be read (403; 404 from
 * servers that hide it); every other failure is an ImageError.
 */
export async function readClusterIdentity(
  client: ClusterClient,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<ClusterIdentity> {
  const uid = await kubeSystemUid(client, signal);
  return {
    server: client.server,
    ...(uid === undefined ? {} : { uid }),
    ...(ca === undefined ? {} : { ca: createHash("sha256").update(ca).digest("hex") }),
  };
}

async function kubeSystemUid(client: ClusterClient, signal: AbortSignal): Promise<string | undefined> {
  try {
    const namespace = await client.request<{ readonly metadata?: { readonly uid?: string } }>({
      method: "GET",
      path: "/api/v1/namespaces/kube-system",
      signal,
      attempted: "read namespace kube-system",
    });
    return namespace.metadata?.uid;
  } catch (error) {
    if (hasCode(error, "API_FORBIDDEN", "API_NOT_FOUND")) return undefined;
    throw error;
  }
}
