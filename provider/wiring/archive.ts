import type { EngineArgs } from "../archive/args/parsed.js";
import { createStreamImages } from "../archive/check/streamImages.js";
import type { ArchivePorts } from "../archive/ports.js";
import { clusterPermissions } from "../cluster/accessReviews.js";
import type { ConnectedCluster } from "../cluster/connection/open.js";
import { clusterObjects } from "../cluster/lists/objects.js";
import { connectEngine } from "../containerEngine/imageEngine.js";
import { processMachine } from "../http/machine.js";
import { archiveWording } from "../registry/integrated/refusal.js";
import { openIntegratedPulls } from "../registry/integratedPull.js";
import { createSharedRegistries } from "../registry/sharedRegistries.js";
import { onePer, openOnce } from "../support/async/memoized.js";
import { createArchiveFiles } from "../tarball/archiveFiles.js";
import { tarballs } from "../tarball/streams.js";
import { pullAccess } from "./pullAccess.js";

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
  const registry = createSharedRegistries(processMachine, onSecret);
  const engine = openOnce(
    (args: EngineArgs) => connectEngine(args, processMachine, { signal: new AbortController().signal }),
    (args) => JSON.stringify(args),
  );
  const streamsOf = onePer((connected: ConnectedCluster) => streamImagesOf(connected, onSecret));
  return (openCluster) => ({
    files,
    tarballs,
    registry: (settings) => Promise.resolve(registry(settings)),
    engine,
    streams: async ({ signal }) => streamsOf(await openCluster(signal)),
  });
}

function streamImagesOf(connected: ConnectedCluster, onSecret: (secret: string) => void) {
  const { client, identity, defaultNamespace, streams } = connected;
  const objects = clusterObjects(client);
  const access = pullAccess(connected, archiveWording, onSecret);
  return createStreamImages({
    identity,
    defaultNamespace,
    objects,
    permissions: clusterPermissions(client),
    getStream: (key, options) => streams.getStream(key, options),
    openRegistry: (settings, seen) => openIntegratedPulls(settings, seen, access),
  });
}
