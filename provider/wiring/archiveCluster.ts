import type { IntegratedRegistryArgs } from "../archive/args/archive.js";
import type { StreamImage, StreamImages, StreamRegistry, StreamSource } from "../archive/sourcePorts.js";
import { clusterPermissions } from "../cluster/accessReviews.js";
import type { ConnectedCluster } from "../cluster/connection/open.js";
import { clusterObjects } from "../cluster/lists/objects.js";
import { explainMissing } from "../cluster/missingStream.js";
import { registryCredentials } from "../cluster/registryToken.js";
import { pullReference } from "../oci/names/pullReference.js";
import type { ImageStream, NamedTagEventList, TagEvent } from "../okd/imageStream.js";
import type { Machine } from "../http/machine.js";
import { describeRight, layersRight, streamRight } from "../prune/check/preflight.js";
import { loadConfiguredHosts } from "../prune/survey/configuredHosts.js";
import { clusterCas, openPrunedRegistry } from "../registry/integrated/open.js";
import { archiveWording } from "../registry/integrated/refusal.js";
import { createImageRegistry } from "../registry/pull.js";
import { withDeadline } from "../support/async/abortable.js";
import { openOnce } from "../support/async/memoized.js";
import { globMatcher } from "../support/globs/match.js";
import { bareMessage, hasCode, ImageError, isImageError } from "../support/imageError.js";

/** Milliseconds. */
const registryDeadlineMs = 60_000;
/** Milliseconds; a preview has only half a minute for all that it asks. */
const pingMs = 4_000;

export interface ArchiveMachine {
  readonly machine: Machine;
  readonly onSecret: (secret: string) => void;
}

/** Image streams of a connected cluster for archives, and its registry, opened once for equal arguments. */
export function archiveClusterOf(cluster: ConnectedCluster, machine: ArchiveMachine): StreamImages {
  let seen: ImageStream | undefined;
  const open = openOnce(
    (settings: IntegratedRegistryArgs) => openRegistry(cluster, seen, settings, machine),
    (settings) => JSON.stringify(settings),
  );
  const streamOf = async (source: StreamSource, options: { readonly signal: AbortSignal }) => {
    const key = { namespace: namespaceOf(cluster, source), name: source.name };
    try {
      const stream = await cluster.streams.getStream(key, options);
      seen ??= stream;
      return stream;
    } catch (error) {
      throw hasCode(error, "API_FORBIDDEN") ? await namingBothRights(error, cluster, key, options) : error;
    }
  };
  return {
    cluster: cluster.identity,
    async find(source, options) {
      const stream = await streamOf(source, options);
      return stream === undefined
        ? []
        : imagesOf(stream, { ...source, namespace: namespaceOf(cluster, source) });
    },
    async explainMissing(source, options) {
      const named = { ...source, namespace: namespaceOf(cluster, source) };
      return await explainMissing(cluster, named, await streamOf(source, options), options);
    },
    registry: open,
  };
}

function namespaceOf({ defaultNamespace }: ConnectedCluster, source: StreamSource): string {
  const namespace = source.namespace ?? defaultNamespace;
  if (namespace !== undefined) return namespace;
  throw new ImageError(
    "CONNECTION_INVALID",
    `images: ${source.name} names no namespace, and neither do the connection and its kubeconfig context`,
  );
}

/** Names both rights: reading a stream, and pulling from it. */
async function namingBothRights(
  error: ImageError,
  { client }: ConnectedCluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  options: { readonly signal: AbortSignal },
): Promise<ImageError> {
  const rights = [streamRight(namespace), layersRight(namespace)];
  const missing = await clusterPermissions(client).missing(rights, options);
  if (missing.length < 2) return error;
  const text = `images: cannot read image stream ${namespace}/${name}: this user may not ${missing.map(describeRight).join("; ")}`;
  const advice = `The role registry-viewer has both: oc policy add-role-to-user registry-viewer USER -n ${namespace}`;
  return new ImageError("API_FORBIDDEN", `${text}. ${advice}`, { cause: error });
}

type NamedSource = StreamSource & { readonly namespace: string };

/** Sorted; a reference tag has no image. */
function imagesOf(stream: ImageStream, source: NamedSource): readonly StreamImage[] {
  const histories = stream.status?.tags ?? [];
  const { namespace, name, tags, digest } = source;
  const imageAt = (history: NamedTagEventList, event: TagEvent, tag: string): StreamImage => ({
    namespace,
    name,
    tag,
    digest: event.image,
    source: sourceOf(stream, history.tag, event),
  });
  if (digest !== undefined) {
    // The registry serves by stream: any revision of any tag will do, the tag's own first.
    const ownFirst = histories.toSorted((a, b) => Number(b.tag === tags) - Number(a.tag === tags));
    const found = ownFirst.flatMap((history) =>
      (history.items ?? [])
        .filter(({ image }) => image === digest)
        .map((event) => imageAt(history, event, tags)),
    );
    return found.slice(0, 1);
  }
  const isMeant = globMatcher([tags]);
  return histories
    .filter(({ tag }) => tag === tags || isMeant(tag))
    .flatMap((history) => {
      const [event] = history.items ?? [];
      return (event?.image ?? "") === "" || event === undefined ? [] : [imageAt(history, event, history.tag)];
    })
    .sort((a, b) => (a.tag < b.tag ? -1 : 1));
}

/** Undefined where the image was pushed, or where its tag allows the integrated registry only. */
function sourceOf({ spec, status }: ImageStream, tag: string, event: TagEvent): string | undefined {
  const declared = (spec.tags ?? []).find(({ name }) => name === tag);
  if (declared?.from === undefined || declared.referencePolicy?.type === "Local") return undefined;
  const verdict = pullReference(event.dockerImageReference);
  if (!verdict.ok) return undefined;
  const { host, repository, digest } = verdict.reference;
  // Without an integrated registry the server answers the spec's upstream in the status.
  const isUpstream = status?.dockerImageRepository === spec.dockerImageRepository;
  const own = [isUpstream ? "" : status?.dockerImageRepository, status?.publicDockerImageRepository].map(
    hostOf,
  );
  if (own.includes(host) || (digest !== undefined && digest !== event.image)) return undefined;
  return `${host}/${repository}@${event.image}`;
}

/** Opens the registry at an address that answers from here, with the cluster's token unless the arguments have a login. */
async function openRegistry(
  { client, ca }: ConnectedCluster,
  stream: ImageStream | undefined,
  settings: IntegratedRegistryArgs,
  { machine, onSecret }: ArchiveMachine,
): Promise<StreamRegistry> {
  const what = "looking for the integrated registry";
  const signal = withDeadline(new AbortController().signal, registryDeadlineMs, what);
  const credentials = registryCredentials(client);
  const hosts = await loadConfiguredHosts(clusterObjects(client), { signal });
  const hints = {
    ...hosts,
    publicRepositoryHost: hostOf(stream?.status?.publicDockerImageRepository),
    repositoryHost: hostOf(stream?.status?.dockerImageRepository),
    managedImageHost: undefined,
  };
  const access = { server: client.server, ca, credentials };
  const found = await openPrunedRegistry(hints, settings, access, {
    signal,
    wording: archiveWording,
    pingMs,
    machine,
  });
  await found.close();
  const { host, protocol } = new URL(found.server);
  const { username, password, token } = settings;
  for (const secret of [password, token]) if (secret !== undefined) onSecret(secret);
  const hasLogin = username !== undefined || token !== undefined;
  if (!hasLogin) await credentials.token(signal);
  const registry = createImageRegistry({
    registries: {
      [host]: {
        username,
        password,
        token,
        caCert: settings.caCert ?? clusterCas(access, machine),
        insecure: settings.skipTlsVerify,
        insecureByFiles: false,
        http: protocol === "http:",
      },
    },
    tokenSource: (asked) => (asked === host && !hasLogin ? credentials : undefined),
    machine,
    onSecret,
  });
  const reworded = <Result>(work: Promise<Result>) => work.catch((error: unknown) => rethrow(error, host));
  return {
    host,
    digestOf: (reference, options) => reworded(registry.digestOf(reference, options)),
    find: (reference, platforms, options) => reworded(registry.find(reference, platforms, options)),
  };
}

/** Names the argument `integratedRegistry` in errors of this registry; no argument exists for hosts that it redirects to. */
function rethrow(error: unknown, host: string): never {
  if (!isImageError(error)) throw error;
  const argument = `registries[${JSON.stringify(host)}]`;
  const before = bareMessage(error);
  const text = before
    .replaceAll(`${argument}.insecure`, `${archiveWording.argument}.skipTlsVerify`)
    .replaceAll(argument, archiveWording.argument)
    .replaceAll(/ \(registries\["[^"]*"\]\.insecure turns the check off and is for tests\)/g, "");
  throw text === before ? error : new ImageError(error.code, text, { cause: error });
}

function hostOf(repository: string | undefined): string | undefined {
  const [host] = (repository ?? "").split("/");
  return host === "" ? undefined : host;
}
