import { existsSync, readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import type { TokenSource } from "../openshift/transport/credentials.js";
import { checkCertificates, pemText } from "../openshift/transport/pem.js";
import { proxyFromEnvironment } from "../openshift/transport/proxy.js";
import type { RegistryArgs } from "../prune/pruneArgs.js";
import type { RegistryHints } from "../prune/survey/survey.js";
import { readTextFile } from "../support/filePlace.js";
import { ImageError } from "../support/imageError.js";
import { type IntegratedRegistry, openIntegratedRegistry } from "./integratedRegistry.js";
import { registryCandidates } from "./registryAddress.js";
import type { RegistryTls } from "./registryClient.js";
import { pruneWording, type RegistryWording } from "./registryWording.js";

/** What the connection to the cluster brings along. */
export interface ClusterAccess {
  readonly tls: { readonly ca: string | undefined; readonly skipTlsVerify: boolean };
  readonly credentials: TokenSource;
}

export interface OpeningOptions {
  readonly signal: AbortSignal;
  /** Default a policy's. */
  readonly wording?: RegistryWording;
  /** Milliseconds for one question whether a registry is there. */
  readonly pingMs?: number;
}

/** A pod's service account brings the CA of the cluster's services along. */
const serviceCaFile = "/var/run/secrets/kubernetes.io/serviceaccount/service-ca.crt";

/**
 * The integrated registry: at the address that the arguments say, or where the cluster says.
 * @throws ImageError REGISTRY_UNREACHABLE, CONNECTION_INVALID
 */
export async function openPrunedRegistry(
  hints: RegistryHints,
  args: RegistryArgs,
  { tls, credentials }: ClusterAccess,
  { signal, wording = pruneWording, pingMs }: OpeningOptions,
): Promise<IntegratedRegistry> {
  const inCluster = existsSync(serviceCaFile);
  const { argument } = wording;
  return await openIntegratedRegistry({
    candidates: registryCandidates(hints, { configured: args.url, inCluster, argument }),
    tls: registryTls(args, tls, { inCluster, argument }),
    credentials,
    proxyFor: (server) => proxyFromEnvironment(server, (name) => process.env[name]),
    wording,
    ...(pingMs === undefined ? {} : { timeouts: { pingMs } }),
    signal,
  });
}

/** PEM texts that are trusted beside the system's when the arguments name no CA; undefined where there are none. */
export function clusterCas(cluster: ClusterAccess["tls"]): string | undefined {
  const own = ownCas(cluster, existsSync(serviceCaFile));
  return own.length === 0 ? undefined : own.join("\n");
}

function ownCas({ ca }: ClusterAccess["tls"], inCluster: boolean): readonly string[] {
  return [ca, inCluster ? readFileSync(serviceCaFile, "utf8") : undefined].filter((pem) => pem !== undefined);
}

/** A route's certificate may come from the cluster's own CA or from a public one, so both are trusted by default. */
function registryTls(
  { caCert, skipTlsVerify }: RegistryArgs,
  cluster: ClusterAccess["tls"],
  { inCluster, argument }: { readonly inCluster: boolean; readonly argument: string },
): RegistryTls {
  if (caCert !== undefined) return { caCert: readCa(caCert, `${argument}.caCert`), skipTlsVerify };
  const own = ownCas(cluster, inCluster);
  return {
    defaultCa: own.length === 0 ? undefined : [...own, ...rootCertificates].join("\n"),
    skipTlsVerify: skipTlsVerify || cluster.skipTlsVerify,
  };
}

function readCa(caCert: string, argument: string): string {
  const verdict = checkCertificates(pemText(caCert) ?? readCaFile(caCert, argument));
  if (verdict.ok) return verdict.pem;
  throw new ImageError("CONNECTION_INVALID", `${argument}: ${verdict.reason}`);
}

function readCaFile(path: string, argument: string): string {
  const file = readTextFile(path);
  if (file.ok) return file.text;
  throw new ImageError("CONNECTION_INVALID", `${argument}: ${path} cannot be read: it ${file.why}`);
}
