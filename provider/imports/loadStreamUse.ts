import { ImageError } from "../support/imageError.js";
import { describeUse, userList } from "./describeUse.js";
import type { ImageStream } from "./imageStream.js";
import type { PlannedRemoval } from "./plannedRemoval.js";
import type { Cluster, RequestOptions } from "./ports.js";

/** How long users that may be ending are waited for, and how often they are looked for when nothing tells that they changed; milliseconds. */
export interface UseWait {
  readonly forMs: number;
  readonly everyMs: number;
}

export interface UseWatch extends RequestOptions {
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}

export interface UnusedWatch extends RequestOptions {
  readonly progress: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly useWait: UseWait;
}

/** Says what a removal takes away and from whom; answers why it may not happen, if so. */
export async function checkUse(
  { users }: Cluster,
  removal: PlannedRemoval | undefined,
  watch: UseWatch,
): Promise<readonly string[]> {
  if (removal === undefined) return [];
  const use = describeUse(
    removal,
    await users.find(removal.vanishing, { signal: watch.signal, isForRemoval: false }),
  );
  for (const warning of use.warnings) watch.warn(warning);
  for (const remark of use.remarks) watch.info(remark);
  return use.refusal === undefined ? [] : [inUse(use.refusal).message];
}

/** @throws ImageError STREAM_IN_USE */
export async function requireUnused(
  { users }: Cluster,
  removal: PlannedRemoval | undefined,
  options: RequestOptions,
): Promise<void> {
  if (removal === undefined || removal.deleteInUse) return;
  const { refusal } = describeUse(
    removal,
    await users.find(removal.vanishing, { ...options, isForRemoval: true }),
  );
  if (refusal !== undefined) throw inUse(refusal);
}

/**
 * The stream, read when nothing used what `removalOf` takes from it. Users are waited for: a pod may be ending, because
 * its Deployment was destroyed a moment ago.
 * @throws ImageError STREAM_IN_USE
 */
export async function unusedStream(
  { users }: Cluster,
  getStream: () => Promise<ImageStream | undefined>,
  removalOf: (stream: ImageStream) => PlannedRemoval | undefined,
  { signal, progress, warn, useWait }: UnusedWatch,
): Promise<ImageStream | undefined> {
  let said = "";
  const giveUpAt = Date.now() + useWait.forMs;
  for (;;) {
    const stream = await getStream();
    const removal = stream === undefined ? undefined : removalOf(stream);
    if (removal === undefined || removal.deleteInUse) return stream;
    const found = await users.find(removal.vanishing, { signal, isForRemoval: true });
    const { refusal, warnings } = describeUse(removal, found);
    if (refusal === undefined) {
      for (const warning of warnings) warn(warning);
      return stream;
    }
    if (Date.now() >= giveUpAt) throw inUse(refusal);
    const waiting = `waiting for ${userList(found.blocking)} to end`;
    if (waiting !== said) progress(waiting);
    said = waiting;
    await users.changed({ signal, withinMs: useWait.everyMs });
  }
}

function inUse(refusal: string): ImageError {
  return new ImageError("STREAM_IN_USE", refusal);
}
