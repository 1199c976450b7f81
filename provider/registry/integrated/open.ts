import type { TokenSource } from "../../http/credentials.js";
import { type Machine, processMachine } from "../../http/machine.js";
import { proxyFromEnvironment } from "../../http/proxy.js";
import { readPem, trustedBeside } from "../../http/tls.js";
import type { PrunedRegistryArgs } from "../../prune/args/parsed.js";
import type { RegistryHints } from "../../prune/clusterSurvey.js";
import { isMissing } from "../../support/files/place.js";
import { ImageError } from "../../support/imageError.js";
import { type AddressChoice, addressRemarks, isPodsApiServer, registryCandidates } from "./addresses.js";
import type { RegistryTls } from "./client.js";
import { type IntegratedRegistry, openIntegratedRegistry } from "./operations.js";
import { pruneWording, type RegistryWording } from "./refusal.js";

/** What the connection to the cluster provides. */
export interface ClusterAccess {
  /** URL of the API server. */
  readonly server: string;
  /** PEM text that the API server is trusted by. */
  readonly ca: string | undefined;
  readonly credentials: TokenSource;
}

export interface OpeningOptions {
  readonly signal: AbortSignal;
  /** Default a policy's. */
  readonly wording?: RegistryWording;
  /** Milliseconds for one question whether a registry is there. */
  readonly pingMs?: number;
  /** Default this one. */
  readonly machine?: Machine;
}

/** A pod's service account has the CA of the cluster's services. */
const serviceCaFile = "/var/run/secrets/kubernetes.io/serviceaccount/service-ca.crt";

/**
 * The integrated registry, at the address in the arguments, or at one that the cluster's administrators have configured.
 * The connection's settings for the API server's certificate do not count for the registry's.
 * @throws ImageError REGISTRY_UNREACHABLE, REGISTRY_TLS, CONNECTION_INVALID
 */
export async function openPrunedRegistry(
  hints: RegistryHints,
  args: PrunedRegistryArgs,
  access: ClusterAccess,
  { signal, wording = pruneWording, pingMs, machine = processMachine }: OpeningOptions,
): Promise<IntegratedRegistry> {
  const podOf = podCluster(access, machine);
  const { argument } = wording;
  const candidates = registryCandidates(hints, { configured: args.url, podOf, argument });
  return await openIntegratedRegistry({
    candidates,
    remarks: args.url === undefined ? [...podRemarks(podOf), ...addressRemarks(hints, candidates)] : [],
    tls: registryTls(args, access, argument, machine),
    credentials: access.credentials,
    proxyFor: (server) => proxyFromEnvironment(server, machine.variable),
    wording,
    ...(pingMs === undefined ? {} : { timeouts: { pingMs } }),
    signal,
  });
}

/** PEM texts that are trusted beside the system's when the arguments name no CA; undefined where there are none. */
export function clusterCas(access: ClusterAccess, machine: Machine): string | undefined {
  const own = ownCas(access, machine);
  return own.length === 0 ? undefined : own.join("\n");
}

function ownCas(access: ClusterAccess, machine: Machine): readonly string[] {
  const isOurs = podCluster(access, machine) === "this cluster";
  return [access.ca, isOurs ? machine.readFile(serviceCaFile) : undefined].filter((pem) => pem !== undefined);
}

/** Whether the API server is that of the pod in which this process runs, if it runs in one. */
function podCluster({ server }: Pick<ClusterAccess, "server">, machine: Machine): AddressChoice["podOf"] {
  if (!isPod(machine)) return undefined;
  const own = machine.variable("KUBERNETES_SERVICE_HOST") ?? "";
  const port = machine.variable("KUBERNETES_SERVICE_PORT") ?? "443";
  return isPodsApiServer(server, own, port) ? "this cluster" : "another cluster";
}

function isPod(machine: Machine): boolean {
  try {
    machine.readFile(serviceCaFile);
    return true;
  } catch (error) {
    return !isMissing(error);
  }
}

function podRemarks(podOf: AddressChoice["podOf"]): readonly string[] {
  if (podOf !== "another cluster") return [];
  return [
    "The internal addresses are left out: in this pod they belong to its own cluster, and the connection is to " +
      "another API server than https://kubernetes.default.svc",
  ];
}

/** A route's certificate may come from the cluster's own CA or from a public one, so both are trusted by default. */
function registryTls(
  { caCert, skipTlsVerify }: PrunedRegistryArgs,
  access: ClusterAccess,
  argument: string,
  machine: Machine,
): RegistryTls {
  if (caCert === undefined) return { defaultCa: trustedBeside(ownCas(access, machine)), skipTlsVerify };
  const verdict = readPem(caCert, "certificates", machine);
  if (verdict.ok) return { caCert: verdict.pem, skipTlsVerify };
  throw new ImageError("CONNECTION_INVALID", `${argument}.caCert: ${verdict.reason}`);
}
