import { type ClusterClient, createClusterClient } from "../../../provider/cluster/api/client.js";
import { createCredentialChain, type OtherIdentities } from "../../../provider/http/credentialChain.js";
import type { CredentialSource } from "../../../provider/http/credentials.js";
import type { ClientCertificate, Endpoint } from "../../../provider/http/dispatcher.js";

export const never: AbortSignal = new AbortController().signal;

export function endpoint(server: string, changes: Partial<Endpoint> = {}): Endpoint {
  return {
    server,
    ca: undefined,
    skipTlsVerify: false,
    tlsServerName: undefined,
    proxyUrl: undefined,
    ...changes,
  };
}

export function tokenSource(token: string, certificate?: ClientCertificate): CredentialSource {
  const credentials = Promise.resolve({ headers: { Authorization: `Bearer ${token}` }, certificate });
  return { origin: `place of ${token.slice(0, 1)}`, kind: "token", read: () => credentials };
}

export function clientFor(
  server: string,
  changes: Partial<Endpoint> = {},
  sources: readonly CredentialSource[] = [tokenSource("t0ken")],
  timeoutMs = 5_000,
  others: Partial<OtherIdentities> = {},
): ClusterClient {
  const [first = tokenSource("t0ken"), ...later] = sources;
  const credentials = createCredentialChain(first, {
    sources: () => later,
    barredBy: undefined,
    onChange: () => undefined,
    ...others,
  });
  return createClusterClient({ endpoint: endpoint(server, changes), credentials, timeoutMs });
}
