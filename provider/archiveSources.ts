import picomatch from "picomatch";
import type { EngineArgs, RegistryArgs } from "./archive/archiveArgs.js";
import type { ImageRegistry } from "./archive/ports.js";
import type { ArchivePorts, StreamImage, StreamImages, StreamSource } from "./archive/sourcePorts.js";
import { connectEngine } from "./engine/imageEngine.js";
import { processEngineEnvironment } from "./engine/engineEnvironment.js";
import type { ImageStream } from "./imports/imageStream.js";
import { clusterObjects } from "./openshift/clusterObjects.js";
import type { ConnectedCluster } from "./openshift/connect.js";
import { registryCredentials } from "./openshift/registryCredentials.js";
import { loadConfiguredHosts } from "./prune/survey/loadConditions.js";
import { createImageRegistry } from "./registry/imageRegistry.js";
import type { RegistryMachine } from "./registry/pull/settings.js";
import { openPrunedRegistry } from "./registry/prunedRegistry.js";
import { withDeadline } from "./support/abortable.js";
import { homeFolder } from "./support/homeFolder.js";
import { ImageError } from "./support/imageError.js";
import { openOnce } from "./support/openOnce.js";
import { createArchiveFiles } from "./tarball/archiveFiles.js";
import { tarballs } from "./tarball/tarballs.js";

const machine: RegistryMachine = {
  variable: (name) => process.env[name],
  get homeFolder() {
    return homeFolder();
  },
  systemFolder: "/etc",
};

/** Milliseconds. */
const registryDeadlineMs = 60_000;

type OpenCluster = (signal: AbortSignal) => Promise<ConnectedCluster>;

/**
 * Wires engines, registries, image streams and files for archives. Each is opened when an archive needs it, once for all
 * archives of a process with the same arguments. What cannot be reached, or refuses, is opened anew for whoever asks next:
 * a login, a certificate or registries.conf may have been put right. Nothing is to be closed: idle connections keep no
 * process alive.
 */
export function createArchiveSources(
  onSecret: (secret: string) => void,
): (openCluster: OpenCluster) => ArchivePorts {
  const files = createArchiveFiles();
  const registry = registries(onSecret);
  const engine = openOnce(
    (args: EngineArgs) =>
      connectEngine(args, processEngineEnvironment, { signal: new AbortController().signal }),
    (args) => JSON.stringify(args),
  );
  const known = new WeakMap<ConnectedCluster, StreamImages>();
  return (openCluster) => ({
    files,
    tarballs,
    registry: (settings) => Promise.resolve(registry(settings)),
    engine,
    async streams({ signal }) {
      const cluster = await openCluster(signal);
      const streams = known.get(cluster) ?? streamImages(cluster, onSecret);
      known.set(cluster, streams);
      return streams;
    },
  });
}

/** A registry keeps what it has read of logins, certificates and registries.conf, so one that has failed is not kept. */
function registries(
  onSecret: (secret: string) => void,
): (settings: Readonly<Record<string, RegistryArgs>>) => ImageRegistry {
  const known = new Map<string, ImageRegistry>();
  return (settings) => {
    const key = JSON.stringify(settings);
    const before = known.get(key);
    if (before !== undefined) return before;
    const registry = createImageRegistry({ registries: settings, machine, onSecret });
    const watched = <Result>(work: Promise<Result>) => {
      work.catch(() => known.delete(key));
      return work;
    };
    const kept: ImageRegistry = {
      digestOf: (reference, options) => watched(registry.digestOf(reference, options)),
      find: (reference, platforms, options) => watched(registry.find(reference, platforms, options)),
    };
    known.set(key, kept);
    return kept;
  };
}

interface OpenRegistry {
  readonly host: string;
  readonly registry: ImageRegistry;
}

function streamImages(cluster: ConnectedCluster, onSecret: (secret: string) => void): StreamImages {
  const open = openOnce(
    (stream: ImageStream) => openRegistry(cluster, stream, onSecret),
    () => "the cluster's only one",
  );
  let opened: OpenRegistry | undefined;
  return {
    async find(source, options) {
      const namespace = source.namespace ?? cluster.defaultNamespace;
      if (namespace === undefined) {
        throw new ImageError(
          "CONNECTION_INVALID",
          `images: ${source.name} names no namespace, and neither do the connection and its kubeconfig context`,
        );
      }
      const stream = await cluster.streams.getStream({ namespace, name: source.name }, options);
      if (stream === undefined) return [];
      const tags = tagsOf(stream, source);
      if (tags.length === 0) return [];
      const { host } = (opened = await open(stream, options));
      return tags.map(({ tag, digest }): StreamImage => ({
        namespace,
        name: source.name,
        tag,
        digest,
        pullSpec: `${host}/${namespace}/${source.name}@${digest}`,
      }));
    },
    registry: {
      digestOf: async (reference, options) => await required(opened).digestOf(reference, options),
      find: async (reference, platforms, options) =>
        await required(opened).find(reference, platforms, options),
    },
  };
}

/** References come from `find`, which has opened it. */
function required(opened: OpenRegistry | undefined): ImageRegistry {
  if (opened !== undefined) return opened.registry;
  throw new Error("the integrated registry is asked before a stream was found");
}

/** Current items of the tags that the source means, sorted; a tag that is a reference has none. */
function tagsOf(
  { status }: ImageStream,
  { tags }: StreamSource,
): readonly { readonly tag: string; readonly digest: string }[] {
  const isMeant = picomatch(tags);
  return (status?.tags ?? [])
    .filter(({ tag }) => tag === tags || isMeant(tag))
    .flatMap(({ tag, items }) => {
      const digest = items?.[0]?.image ?? "";
      return digest === "" ? [] : [{ tag, digest }];
    })
    .sort((a, b) => (a.tag < b.tag ? -1 : 1));
}

/** The integrated registry at an address that answers from here, with the cluster's own token. */
async function openRegistry(
  { client, tls }: ConnectedCluster,
  { status }: ImageStream,
  onSecret: (secret: string) => void,
): Promise<OpenRegistry> {
  const what = "looking for the integrated registry";
  const signal = withDeadline(new AbortController().signal, registryDeadlineMs, what);
  const credentials = registryCredentials(client);
  const hosts = await loadConfiguredHosts(clusterObjects(client), { signal });
  const hints = {
    ...hosts,
    publicRepositoryHost: hostOf(status?.publicDockerImageRepository),
    repositoryHost: hostOf(status?.dockerImageRepository),
    managedImageHost: undefined,
  };
  const address = { url: undefined, caCert: undefined, skipTlsVerify: false };
  const found = await openPrunedRegistry(hints, address, { tls, credentials }, signal);
  await found.close();
  const { host, protocol } = new URL(found.server);
  const settings = { caCert: tls.ca, insecure: tls.skipTlsVerify, http: protocol === "http:" };
  const registry = createImageRegistry({
    registries: { [host]: settings },
    tokenSource: (asked) => (asked === host ? credentials : undefined),
    machine,
    onSecret,
  });
  return { host, registry };
}

function hostOf(repository: string | undefined): string | undefined {
  const [host] = (repository ?? "").split("/");
  return host === "" ? undefined : host;
}
