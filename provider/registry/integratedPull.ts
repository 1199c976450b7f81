import type { IntegratedRegistrySettings } from "../archive/args/parsed.js";
import type { StreamRegistry } from "../archive/ports.js";
import type { Machine } from "../http/machine.js";
import { hostOfRepository } from "../oci/names/images.js";
import type { ImageStream } from "../okd/imageStream.js";
import type { RequestOptions } from "../okd/requestOptions.js";
import type { ConfiguredHosts } from "../prune/clusterSurvey.js";
import { withDeadline } from "../support/async/abortable.js";
import { bareMessage, ImageError, isImageError } from "../support/imageError.js";
import { type ClusterAccess, clusterCas, openPrunedRegistry } from "./integrated/open.js";
import type { RegistryWording } from "./integrated/refusal.js";
import { createImageRegistry, type PulledRegistry } from "./pull.js";

/** Milliseconds. */
const registryDeadlineMs = 60_000;
/** Milliseconds; a preview has only half a minute for all that it asks. */
const pingMs = 4_000;

export interface PullAccess extends ClusterAccess {
  /** Where administrators of the cluster say that the registry is. */
  readonly configuredHosts: (options: RequestOptions) => Promise<ConfiguredHosts>;
  readonly machine: Machine;
  /** Is told every secret before it is used for the first time. */
  readonly onSecret: (secret: string) => void;
  readonly wording: RegistryWording;
}

export interface IntegratedPulls extends StreamRegistry, PulledRegistry {}

/**
 * Opens the registry to pull from, at an address that answers from here, with the cluster's token unless the arguments
 * have a login.
 * @param seen - a stream of the cluster, whose hosts a message about a registry that was not found names
 */
export async function openIntegratedPulls(
  settings: IntegratedRegistrySettings,
  seen: ImageStream | undefined,
  access: PullAccess,
): Promise<IntegratedPulls> {
  const what = "looking for the integrated registry";
  const signal = withDeadline(new AbortController().signal, registryDeadlineMs, what);
  const server = await findServer(settings, seen, access, signal);
  const { host } = server;
  for (const secret of [settings.password, settings.token]) if (secret !== undefined) access.onSecret(secret);
  if (!hasLogin(settings)) await access.credentials.token(signal);
  const registry = registryAt(server, settings, access);
  const reworded = <Result>(work: Promise<Result>) =>
    work.catch((error: unknown) => rethrow(error, host, access.wording));
  return {
    host,
    digestOf: (reference, options) => reworded(registry.digestOf(reference, options)),
    find: (reference, platforms, options) => reworded(registry.find(reference, platforms, options)),
    hasOwn: (reference, digest, options) => reworded(registry.hasOwn(reference, digest, options)),
  };
}

async function findServer(
  settings: IntegratedRegistrySettings,
  seen: ImageStream | undefined,
  access: PullAccess,
  signal: AbortSignal,
): Promise<URL> {
  const { machine, wording } = access;
  const hints = {
    ...(await access.configuredHosts({ signal })),
    publicRepositoryHost: hostOfRepository(seen?.status?.publicDockerImageRepository),
    repositoryHost: hostOfRepository(seen?.status?.dockerImageRepository),
    managedImageHost: undefined,
  };
  const options = { signal, wording, pingMs, machine };
  const found = await openPrunedRegistry(hints, settings, access, options);
  await found.close();
  return new URL(found.server);
}

function registryAt(
  { host, protocol }: URL,
  settings: IntegratedRegistrySettings,
  access: PullAccess,
): PulledRegistry {
  const { machine, onSecret, credentials } = access;
  const { username, password, token, skipTlsVerify } = settings;
  return createImageRegistry({
    registries: {
      [host]: {
        username,
        password,
        token,
        caCert: settings.caCert ?? clusterCas(access, machine),
        insecure: skipTlsVerify,
        insecureByFiles: false,
        http: protocol === "http:",
      },
    },
    tokenSource: (asked) => (asked === host && !hasLogin(settings) ? credentials : undefined),
    machine,
    onSecret,
  });
}

function hasLogin({ username, token }: IntegratedRegistrySettings): boolean {
  return username !== undefined || token !== undefined;
}

/** Names the argument `integratedRegistry` in errors of this registry; no argument exists for hosts that it redirects to. */
function rethrow(error: unknown, host: string, wording: RegistryWording): never {
  if (!isImageError(error)) throw error;
  const argument = `registries[${JSON.stringify(host)}]`;
  const before = bareMessage(error);
  const text = before
    .replaceAll(`${argument}.insecure`, `${wording.argument}.skipTlsVerify`)
    .replaceAll(argument, wording.argument)
    .replaceAll(/ \(registries\["[^"]*"\]\.insecure turns the check off and is for tests\)/g, "");
  throw text === before ? error : new ImageError(error.code, text, { cause: error });
}
