import { existsSync, readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import type { TokenSource } from "../openshift/transport/credentials.js";
import { checkCertificates, pemText } from "../openshift/transport/pem.js";
import { proxyFromEnvironment } from "../openshift/transport/proxy.js";
import type { RegistryArgs } from "../prune/pruneArgs.js";
import type { RegistryHints } from "../prune/survey/survey.js";
import { ImageError } from "../support/imageError.js";
import { type IntegratedRegistry, openIntegratedRegistry } from "./integratedRegistry.js";
import { registryCandidates } from "./registryAddress.js";
import type { RegistryTls } from "./registryClient.js";

/** What the connection to the cluster brings along. */
export interface ClusterAccess {
  readonly tls: { readonly ca: string | undefined; readonly skipTlsVerify: boolean };
  readonly credentials: TokenSource;
}

/** A pod's service account brings the CA of the cluster's services along. */
const serviceCaFile = "/var/run/secrets/kubernetes.io/serviceaccount/service-ca.crt";

/**
 * The registry that an ImagePrunePolicy prunes: at `registry.url`, or where the cluster says.
 * @throws ImageError REGISTRY_UNREACHABLE, CONNECTION_INVALID
 */
export async function openPrunedRegistry(
  hints: RegistryHints,
  args: RegistryArgs,
  { tls, credentials }: ClusterAccess,
  signal: AbortSignal,
): Promise<IntegratedRegistry> {
  const inCluster = existsSync(serviceCaFile);
  return await openIntegratedRegistry({
    candidates: registryCandidates(hints, { configured: args.url, inCluster }),
    tls: registryTls(args, tls, inCluster),
    credentials,
    proxyFor: (server) => proxyFromEnvironment(server, (name) => process.env[name]),
    signal,
  });
}

/** A route's certificate may come from the cluster's own CA or from a public one, so both are trusted by default. */
function registryTls(
  { caCert, skipTlsVerify }: RegistryArgs,
  cluster: ClusterAccess["tls"],
  inCluster: boolean,
): RegistryTls {
  if (caCert !== undefined) return { caCert: readCa(caCert), skipTlsVerify };
  const own = [cluster.ca, inCluster ? readFileSync(serviceCaFile, "utf8") : undefined].filter(
    (pem) => pem !== undefined,
  );
  return {
    defaultCa: own.length === 0 ? undefined : [...own, ...rootCertificates].join("\n"),
    skipTlsVerify: skipTlsVerify || cluster.skipTlsVerify,
  };
}

function readCa(caCert: string): string {
  const verdict = checkCertificates(pemText(caCert) ?? readCaFile(caCert));
  if (verdict.ok) return verdict.pem;
  throw new ImageError("CONNECTION_INVALID", `registry.caCert: ${verdict.reason}`);
}

function readCaFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ImageError("CONNECTION_INVALID", `registry.caCert: ${path} cannot be read`, { cause });
  }
}
