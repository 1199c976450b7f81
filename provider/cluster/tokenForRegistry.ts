import type { TokenSource } from "../http/credentials.js";
import { hasCode, ImageError } from "../support/imageError.js";
import type { ClusterClient } from "./api/client.js";

/**
 * The connection's token, for the integrated registry, which asks the API server whose it is (facts/registries.md 9). An
 * impersonated user does not count there: the registry sees the token's own user.
 */
export function registryCredentials(client: ClusterClient): TokenSource {
  const token = async (signal: AbortSignal) => {
    const current = await client.bearerToken(signal);
    if (current !== undefined) return current;
    throw new ImageError(
      "CONNECTION_INVALID",
      "connection.token: the registry wants a token; a client certificate or user and password are not enough. Log in " +
        "with `oc login`, or set connection.token (`oc create token` makes one for a service account)",
    );
  };
  return {
    token,
    async renew(refused, signal) {
      // A missing right and an expired token look the same at the registry. The API server tells them apart: it answers
      // 401 to an expired token only, upon which the client looks for better credentials.
      if ((await token(signal)) === refused) await presentToken(client, signal);
      return (await token(signal)) !== refused;
    },
  };
}

/** Any request does. @throws ImageError API_UNAUTHORIZED when the API server refuses all credentials there are */
async function presentToken(client: ClusterClient, signal: AbortSignal): Promise<void> {
  try {
    await client.request({
      method: "GET",
      path: "/api/v1/namespaces/kube-system",
      signal,
      attempted: "check the token that the integrated registry refused",
    });
  } catch (error) {
    if (!hasCode(error, "API_FORBIDDEN", "API_NOT_FOUND")) throw error;
  }
}
