import type { ImageStream } from "../../okd/imageStream.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { hasCode, ImageError } from "../../support/imageError.js";
import type { VanishingImages } from "../../usage/findUsers.js";
import type { PlannedRemoval } from "../plan/removal.js";
import type { Cluster, FindOptions, FoundUsers, ImageStreams } from "../ports.js";
import { describeUse, userList } from "./describe.js";

/** How long to wait for users that may be ending, and how often to search again without a sign of change; milliseconds. */
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

/** What is asked about users. */
export interface StreamUse extends Pick<Cluster, "users"> {
  readonly streams: Pick<ImageStreams, "indexContents">;
}

/** Tells what a removal deletes and who uses it; answers why it may not happen, if so. */
export async function checkUse(
  cluster: StreamUse,
  removal: PlannedRemoval | undefined,
  watch: UseWatch,
): Promise<readonly string[]> {
  if (removal === undefined) return [];
  const use = describeUse(
    removal,
    await findUsers(cluster, removal.vanishing, { signal: watch.signal, isForRemoval: false }),
  );
  for (const warning of use.warnings) watch.warn(warning);
  for (const remark of use.remarks) watch.info(remark);
  return use.refusal === undefined ? [] : [inUse(use.refusal).message];
}

/** @throws ImageError STREAM_IN_USE */
export async function requireUnused(
  cluster: StreamUse,
  removal: PlannedRemoval | undefined,
  options: RequestOptions,
): Promise<void> {
  if (removal === undefined || removal.deleteInUse) return;
  const { refusal } = describeUse(
    removal,
    await findUsers(cluster, removal.vanishing, { ...options, isForRemoval: true }),
  );
  if (refusal !== undefined) throw inUse(refusal);
}

/**
 * The stream, read when nothing used what `removalOf` takes from it. Waits for users to end: a pod may be ending, because
 * its Deployment was destroyed a moment ago.
 * @throws ImageError STREAM_IN_USE
 */
export async function unusedStream(
  cluster: StreamUse,
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
    const found = await findUsers(cluster, removal.vanishing, { signal, isForRemoval: true });
    const { refusal, warnings } = describeUse(removal, found);
    if (refusal === undefined) {
      for (const warning of warnings) warn(warning);
      return stream;
    }
    if (Date.now() >= giveUpAt) throw inUse(refusal);
    const waiting = `waiting for ${userList(found.blocking)} to end`;
    if (waiting !== said) progress(waiting);
    said = waiting;
    await cluster.users.changed({ signal, withinMs: useWait.everyMs });
  }
}

/** Users of the digests, and of the manifests that indexes among them contain. */
async function findUsers(
  cluster: StreamUse,
  vanishing: VanishingImages,
  options: FindOptions,
): Promise<FoundUsers> {
  const contents = await readContents(cluster, vanishing, options);
  const going = contained(vanishing.digests, contents);
  const indexes = [...contents.keys()].filter((digest) => !going.has(digest));
  const staying = contained(indexes, contents);
  const children = [...going].filter((digest) => !vanishing.digests.includes(digest) && !staying.has(digest));
  return await cluster.users.find({ ...vanishing, digests: [...vanishing.digests, ...children] }, options);
}

/** The digests, and what the indexes among them contain, at any depth. */
function contained(
  digests: readonly string[],
  contents: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const found = new Set(digests);
  // A loop over a set also reaches what is added meanwhile.
  for (const digest of found) for (const child of contents.get(digest) ?? []) found.add(child);
  return found;
}

/** Empty where that may not be read, or the stream was deleted. */
async function readContents(
  { streams }: StreamUse,
  { digests, ...key }: VanishingImages,
  { signal }: FindOptions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (digests.length === 0) return new Map();
  try {
    return await streams.indexContents(key, { signal });
  } catch (error) {
    if (hasCode(error, "API_FORBIDDEN", "API_NOT_FOUND")) return new Map();
    throw error;
  }
}

function inUse(refusal: string): ImageError {
  return new ImageError("STREAM_IN_USE", refusal);
}
