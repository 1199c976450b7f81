import type { Mirror, MirrorOrder, MirrorWatch } from "../imports/ports.js";
import type { RequestOptions } from "../okd/requestOptions.js";
import { streamName } from "../okd/streamName.js";
import { sleep } from "../support/async/abortable.js";
import { mapConcurrently } from "../support/async/concurrency.js";
import { ImageError } from "../support/imageError.js";
import type { IntegratedPulls } from "./integratedPull.js";

/** Milliseconds between two questions for a blob that is on its way: at first, and at most. */
const firstWaitMs = 250;
const longestWaitMs = 5_000;
const blobsAtATime = 4;

export interface MirrorPatience {
  /** Milliseconds without one more blob, after which the registry is taken for one that stores nothing. */
  readonly stalledAfterMs: number;
}

/**
 * The registry stores what somebody asks it for: manifests and configs are read here, and verified; of layers it is asked
 * until it has them itself. So no layer passes through this machine, and the registry has verified what it has stored.
 */
export function createMirror(
  open: (order: MirrorOrder, options: RequestOptions) => Promise<IntegratedPulls>,
  { stalledAfterMs }: MirrorPatience = { stalledAfterMs: 300_000 },
): Mirror {
  return {
    async store(order, watch) {
      const registry = await open(order, watch);
      const reference = `${registry.host}/${streamName(order.stream.metadata)}@${order.digest}`;
      const { tree } = await registry.find(reference, undefined, { signal: watch.signal });
      const blobs = [
        ...new Set(
          tree.images.flatMap(({ config, layers }) => [config, ...layers]).map(({ digest }) => digest),
        ),
      ];
      let done = 0;
      let lastAt = Date.now();
      watch.progress(done, blobs.length);
      await mapConcurrently(blobs, blobsAtATime, async (digest) => {
        const isStalled = () => Date.now() - lastAt >= stalledAfterMs;
        await untilOwn(registry, { reference, digest, isStalled }, watch);
        [done, lastAt] = [done + 1, Date.now()];
        watch.progress(done, blobs.length);
      });
    },
  };
}

interface AskedBlob {
  readonly reference: string;
  readonly digest: string;
  readonly isStalled: () => boolean;
}

async function untilOwn(
  registry: IntegratedPulls,
  { reference, digest, isStalled }: AskedBlob,
  { signal }: MirrorWatch,
): Promise<void> {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    if (await registry.hasOwn(reference, digest, { signal })) return;
    if (isStalled()) {
      throw new ImageError(
        "REGISTRY_ERROR",
        `Cannot copy ${reference} into the integrated registry: it passes blob ${digest} on, but does not store it. Is it read-only, out of space, or set to store nothing that is pulled through (mirrorpullthrough)? Its log says why`,
      );
    }
    await sleep(waitMs, signal);
  }
}
