import type { RequestOptions } from "../../okd/requestOptions.js";
import type { StreamKey } from "../../okd/streamName.js";
import type { KnownStreams } from "../memory.js";
import type { ObservedStream } from "../plan/tag/standing.js";
import type { Cluster } from "../ports.js";

/** The stream and what it has lost, in the time of one request; for a new resource the stream is read first. */
export async function observeStream(
  known: KnownStreams,
  cluster: Cluster,
  key: StreamKey,
  { signal, isNew }: RequestOptions & { readonly isNew: boolean },
): Promise<ObservedStream> {
  const lost = () => known.lostImages(cluster, key, { signal });
  if (!isNew) {
    const [stream, lostImages] = await Promise.all([known.snapshot(cluster, key, { signal }), lost()]);
    return { stream, lostImages };
  }
  const stream = await known.snapshot(cluster, key, { signal });
  return { stream, lostImages: stream === undefined ? new Set() : await lost() };
}
