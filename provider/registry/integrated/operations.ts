import type { TokenSource } from "../../http/credentials.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import type { StreamKey } from "../../okd/streamName.js";
import type { PrunedRegistry } from "../../prune/ports.js";
import { type RetryPolicy, usualPolicy } from "../../http/retry.js";
import type { RegistryCandidate } from "./addresses.js";
import { createRegistryClient, type RegistryTls } from "./client.js";
import { deleteBlob, deleteLayerLink, deleteManifestLink, probeDeletion } from "./deletions.js";
import { findRegistry } from "./ping.js";
import { hasBlob, readImageManifest } from "./reads.js";
import { pruneWording, type RegistryWording } from "./refusal.js";

export interface RegistryOptions {
  /** Tried in this order; see `registryCandidates`. */
  readonly candidates: readonly RegistryCandidate[];
  /** See `addressRemarks`; default none. */
  readonly remarks?: readonly string[];
  readonly tls: RegistryTls;
  readonly credentials: TokenSource;
  readonly timeouts?: {
    /** Milliseconds for one attempt of a request, default 60,000: object storage may be slow to delete. */
    readonly requestMs?: number;
    /** Milliseconds for one question whether a registry is there, default 15,000. */
    readonly pingMs?: number;
  };
  /** Default `usualPolicy`. */
  readonly retry?: RetryPolicy;
  /** The proxy for a server, default none. */
  readonly proxyFor?: (server: URL) => string | undefined;
  /** Default a policy's. */
  readonly wording?: RegistryWording;
  readonly signal: AbortSignal;
}

/**
 * The registry of an OpenShift cluster, as far as a pruner needs it. All operations reject
 * with an ImageError: REGISTRY_UNAUTHORIZED, REGISTRY_TLS, REGISTRY_READ_ONLY, REGISTRY_DELETE_DISABLED, REGISTRY_STILL_REFERENCED,
 * REGISTRY_UNREACHABLE, REGISTRY_ERROR, the signal's reason, or what the token's source throws.
 */
export interface IntegratedRegistry extends PrunedRegistry {
  /** `repository` need not exist, its namespace must; default one in namespace openshift. */
  preflight(options: RequestOptions & { readonly repository?: StreamKey }): Promise<void>;
  /** Closes idle connections. */
  close(): Promise<void>;
}

const defaultRequestMs = 60_000;
const defaultPingMs = 15_000;
/** Every cluster has this namespace; nothing has to be in the repository. */
const probeRepository: StreamKey = { namespace: "openshift", name: "preflight" };

/**
 * @throws ImageError REGISTRY_UNREACHABLE when no candidate answers, or something that is no registry; REGISTRY_TLS when the
 * certificate of one is not trusted; with the reason for each that was asked
 */
export async function openIntegratedRegistry(options: RegistryOptions): Promise<IntegratedRegistry> {
  const { candidates, tls, credentials, timeouts = {}, retry = usualPolicy, proxyFor, signal } = options;
  const { wording = pruneWording, remarks = [] } = options;
  const { requestMs = defaultRequestMs, pingMs = defaultPingMs } = timeouts;
  const clientOf = (server: string) => {
    const proxyUrl = proxyFor?.(new URL(server));
    return createRegistryClient({ server, tls, proxyUrl, credentials, timeoutMs: requestMs, retry, wording });
  };
  const { client, candidate } = await findRegistry(candidates, tls, clientOf, {
    signal,
    timeoutMs: pingMs,
    wording,
    remarks,
  });
  return {
    server: client.server,
    origin: candidate.origin,
    preflight: ({ repository = probeRepository, signal }) => probeDeletion(client, repository, signal),
    deleteLayerLink: (key, digest, { signal }) => deleteLayerLink(client, key, digest, signal),
    deleteManifestLink: (key, digest, { signal }) => deleteManifestLink(client, key, digest, signal),
    deleteBlob: (digest, { signal }) => deleteBlob(client, digest, signal),
    hasBlob: (key, digest, { signal }) => hasBlob(client, key, digest, signal),
    readManifest: (key, digest, { signal }) => readImageManifest(client, key, digest, signal),
    close: client.close,
  };
}
