import type { ImageStream } from "../../okd/imageStream.js";
import type { StreamKey } from "../../okd/streamName.js";
import { mapConcurrently } from "../../support/async/concurrency.js";
import type { ImageTag } from "../args/desiredStream.js";
import type { ImportRow } from "../failure/explain.js";
import { importBatches } from "../plan/batches.js";
import { preferredImage, prefersAnotherPlatform } from "../plan/tag/preferredPlatform.js";
import { specTag } from "../plan/tag/state.js";
import type { ImageStreams } from "../ports.js";
import { importBatch } from "./importBatch.js";

/** Asks what importing these tags would give; stores nothing. */
export async function lookUpTags(
  streams: ImageStreams,
  key: StreamKey,
  tags: readonly ImageTag[],
  stream: ImageStream | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ImportRow>> {
  const runs = await mapConcurrently(importBatches(tags), parallelLookups, (batch) =>
    importBatch(streams, key, batch, stream, false, signal),
  );
  const rows = new Map(runs.flatMap((run) => [...run.rows]));
  for (const tag of tags) {
    const row = rows.get(tag.name);
    if (row?.kind !== "imported" || !prefersAnotherPlatform(tag, specTag(stream, tag.name))) continue;
    rows.set(tag.name, { kind: "imported", image: preferredImage(tag, row.image) });
  }
  return rows;
}

/** Requests with `import: false` at a time; storing ones of one stream go one after another, or they conflict. */
const parallelLookups = 8;
