import type { ArchiveRegistry } from "../archive/args/parsed.js";
import type { ImageRegistry } from "../archive/ports.js";
import type { Machine } from "../http/machine.js";
import { createImageRegistry } from "./pull.js";

/** One registry for equal settings. It caches logins, certificates and registries.conf, so one that has failed is dropped. */
export function createSharedRegistries(
  machine: Machine,
  onSecret: (secret: string) => void,
): (settings: Readonly<Record<string, ArchiveRegistry>>) => ImageRegistry {
  const known = new Map<string, ImageRegistry>();
  return (settings) => {
    const key = JSON.stringify(settings);
    const before = known.get(key);
    if (before !== undefined) return before;
    for (const { password, token } of Object.values(settings)) {
      for (const secret of [password, token]) if (secret !== undefined) onSecret(secret);
    }
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
