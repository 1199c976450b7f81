import type { ClusterClient } from "../../../provider/openshift/clusterClient.js";
import { createClusterClient } from "../../../provider/openshift/clusterClient.js";
import type { OtherIdentities } from "../../../provider/openshift/transport/credentialChain.js";
import type { CredentialSource } from "../../../provider/openshift/transport/credentials.js";
import { createCredentialChain } from "../../../provider/openshift/transport/credentialChain.js";
import type { ClientCertificate, Endpoint } from "../../../provider/openshift/transport/dispatcher.js";

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
