import { retryLostWrites } from "../../okd/conflicts.js";
import type { ImageStream } from "../../okd/imageStream.js";
import { ImageError } from "../../support/imageError.js";
import { isUnwritten, unreadyTags } from "../plan/readiness.js";
import { planStreamWrite, type StreamWriteRequest } from "../plan/streamWrite.js";
import { isOfOwnStream } from "../plan/tag/source.js";
import type { Cluster } from "../ports.js";

export interface DefinitionRequest extends Omit<StreamWriteRequest, "stream" | "deferred"> {
  readonly digests: ReadonlyMap<string, string>;
}

export interface Definition {
  /** The stream before the first write. */
  readonly before: ImageStream | undefined;
  readonly after: ImageStream;
}

/**
 * Writes what can be written before the imports. Re-planned after every conflict; after a lost answer the next round finds our
 * claim, or writes again. `importing` judges the stream that was read.
 */
export async function writeDefinition(
  cluster: Cluster,
  request: DefinitionRequest,
  importing: (stream: ImageStream | undefined) => ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Definition> {
  const { desired } = request;
  let first: { readonly stream: ImageStream | undefined } | undefined;
  const after = await retryLostWrites(async () => {
    const stream = await cluster.streams.getStream(desired, { signal });
    first ??= { stream };
    return await write(cluster, request, stream, importing(first.stream), signal);
  }, signal);
  return { before: first?.stream, after };
}

/**
 * Writes what had to wait for the imports, one hop of a chain of aliases a write, and writes again, once, what somebody has
 * changed since. `stream` is the stream after the imports.
 */
export async function completeDefinition(
  cluster: Cluster,
  request: DefinitionRequest,
  stream: ImageStream,
  signal: AbortSignal,
): Promise<ImageStream> {
  const { desired, digests } = request;
  const hops = desired.tags.filter((tag) => isOfOwnStream(tag, desired)).length;
  let latest = stream;
  for (let round = 0; round <= hops; round += 1) {
    const unready = unreadyTags({ desired, stream: latest, digests, importing: nothing });
    const isComplete = desired.tags.every(
      (tag) => unready.has(tag.name) || !isUnwritten(tag, latest, desired),
    );
    if (isComplete) return latest;
    let known: ImageStream | undefined = latest;
    latest = await retryLostWrites(async () => {
      const current = known ?? (await cluster.streams.getStream(desired, { signal }));
      known = undefined;
      return await write(cluster, request, current, nothing, signal);
    }, signal);
  }
  return latest;
}

const nothing: ReadonlySet<string> = new Set();

async function write(
  { streams }: Cluster,
  request: DefinitionRequest,
  stream: ImageStream | undefined,
  importing: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ImageStream> {
  const { desired, digests } = request;
  const deferred = unreadyTags({ desired, stream, digests, importing });
  const planned = planStreamWrite({ ...request, stream, deferred });
  switch (planned.kind) {
    case "refused":
      throw new ImageError(planned.code, planned.message);
    case "create":
      return streams.createStream(planned.stream, { signal });
    case "replace":
      return streams.replaceStream(planned.stream, { signal });
    case "unchanged":
      return planned.stream;
  }
}
