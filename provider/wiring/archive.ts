import type { EngineArgs, RegistryArgs } from "../archive/args/archive.js";
import type { ImageRegistry } from "../archive/ports.js";
import type { ArchivePorts, StreamImages } from "../archive/sourcePorts.js";
import type { ConnectedCluster } from "../cluster/connection/open.js";
import { processMachine } from "../http/machine.js";
import { connectEngine } from "../containerEngine/imageEngine.js";
import { createImageRegistry } from "../registry/pull.js";
import { openOnce } from "../support/async/memoized.js";
import { createArchiveFiles } from "../tarball/archiveFiles.js";
import { tarballs } from "../tarball/streams.js";
import { archiveClusterOf } from "./archiveCluster.js";

type OpenCluster = (signal: AbortSignal) => Promise<ConnectedCluster>;

/**
 * Wires engines, registries, image streams and files for archives. Opens each when an archive needs it, once for all
 * archives of a process with the same arguments. Opens a source again after a failure, because a login, a certificate or
 * registries.conf may have been corrected. Nothing has to be closed: idle connections keep no process alive.
 */
export function createArchiveSources(
  onSecret: (secret: string) => void,
): (openCluster: OpenCluster) => ArchivePorts {
  const files = createArchiveFiles();
  const registry = registries(onSecret);
  const engine = openOnce(
    (args: EngineArgs) => connectEngine(args, processMachine, { signal: new AbortController().signal }),
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
      const streams = known.get(cluster) ?? archiveClusterOf(cluster, { machine: processMachine, onSecret });
      known.set(cluster, streams);
      return streams;
    },
  });
}

/** A registry caches logins, certificates and registries.conf, so one that has failed is dropped. */
function registries(
  onSecret: (secret: string) => void,
): (settings: Readonly<Record<string, RegistryArgs>>) => ImageRegistry {
  const known = new Map<string, ImageRegistry>();
  return (settings) => {
    const key = JSON.stringify(settings);
    const before = known.get(key);
    if (before !== undefined) return before;
    for (const { password, token } of Object.values(settings)) {
      for (const secret of [password, token]) if (secret !== undefined) onSecret(secret);
    }
    const registry = createImageRegistry({ registries: settings, machine: processMachine, onSecret });
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
