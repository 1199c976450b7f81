import { homedir } from "node:os";
import picomatch from "picomatch";
import type { ArchivePorts, StreamImage, StreamImages, StreamSource } from "./archive/sourcePorts.js";
import type { EngineArgs } from "./archive/archiveArgs.js";
import type { RequestOptions } from "./archive/ports.js";
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
import { ImageError } from "./support/imageError.js";
import { createArchiveFiles } from "./tarball/archiveFiles.js";
import { tarballs } from "./tarball/tarballs.js";

const machine: RegistryMachine = {
  variable: (name) => process.env[name],
  homeFolder: homedir(),
  systemFolder: "/etc",
};

/** Wires engines, registries, image streams and files for archives; each is opened when an archive needs it. */
export function archivePorts(
  openCluster: (signal: AbortSignal) => Promise<ConnectedCluster>,
  onSecret: (secret: string) => void,
): ArchivePorts {
  const registries = new Map<string, ReturnType<typeof createImageRegistry>>();
  return {
    files: createArchiveFiles(),
    tarballs,
    registry(settings) {
      const key = JSON.stringify(settings);
      const known = registries.get(key) ?? createImageRegistry({ registries: settings, machine, onSecret });
      registries.set(key, known);
      return Promise.resolve(known);
    },
    engine: (args: EngineArgs, options) => connectEngine(args, processEngineEnvironment, options),
    async streams({ signal }) {
      return streamImages(await openCluster(signal), onSecret);
    },
  };
}

interface OpenRegistry {
  readonly host: string;
  readonly registry: StreamImages["registry"];
}

function streamImages(cluster: ConnectedCluster, onSecret: (secret: string) => void): StreamImages {
  let opened: Promise<OpenRegistry> | undefined;
  const open = async (stream: ImageStream, options: RequestOptions) => {
    opened ??= openRegistry(cluster, stream, onSecret, options);
    opened.catch(() => (opened = undefined));
    return await opened;
  };
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
      const { host } = await open(stream, options);
      return tags.map(({ tag, digest }): StreamImage => ({
        namespace,
        name: source.name,
        tag,
        digest,
        pullSpec: `${host}/${namespace}/${source.name}@${digest}`,
      }));
    },
    registry: {
      digestOf: async (reference, options) => (await required(opened)).registry.digestOf(reference, options),
      find: async (reference, platforms, options) =>
        (await required(opened)).registry.find(reference, platforms, options),
    },
  };
}

/** References come from `find`, which has opened it. */
function required(opened: Promise<OpenRegistry> | undefined): Promise<OpenRegistry> {
  return opened ?? Promise.reject(new Error("the integrated registry is asked before a stream was found"));
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
  options: RequestOptions,
): Promise<OpenRegistry> {
  const credentials = registryCredentials(client);
  const hosts = await loadConfiguredHosts(clusterObjects(client), options);
  const hints = {
    ...hosts,
    publicRepositoryHost: hostOf(status?.publicDockerImageRepository),
    repositoryHost: hostOf(status?.dockerImageRepository),
    managedImageHost: undefined,
  };
  const address = { url: undefined, caCert: undefined, skipTlsVerify: false };
  const found = await openPrunedRegistry(hints, address, { tls, credentials }, options.signal);
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
