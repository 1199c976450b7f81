import { mapConcurrently } from "../support/concurrency.js";
import { bareMessage, type ErrorCode, hasCode } from "../support/imageError.js";
import { sleep } from "../support/abortable.js";
import type { DesiredTag } from "./desiredStream.js";
import type { ImageImportSpec, ImageStream, TagReference } from "./imageStream.js";
import { importBatches } from "./importBatches.js";
import { type ImportRow, readRow } from "./importFailure.js";
import { importPolicy } from "./planStreamWrite.js";
import type { ImageStreams, StreamKey } from "./ports.js";
import { preferredImage, prefersAnotherPlatform } from "./preferredPlatform.js";
import { specTag } from "./tagState.js";

/** How often an import is asked for again when it failed for a reason that may pass. */
const attempts = 4;
const firstPauseMs = 400;
/** Requests with `import: false` at a time; storing ones of one stream go one after another, or they conflict. */
const parallelLookups = 8;

/** The answers, one for every tag that was asked for. */
export interface ImportRun {
  readonly rows: ReadonlyMap<string, ImportRow>;
  /** The stream as the last storing request left it. */
  readonly stream: ImageStream | undefined;
}

/** Asks what importing these tags would give; stores nothing. */
export async function lookUpTags(
  streams: ImageStreams,
  key: StreamKey,
  tags: readonly DesiredTag[],
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

/** Imports these tags into the stream. Every tag gets a row; `onProgress` is told how many are imported, and which image is next. */
export async function storeTags(
  streams: ImageStreams,
  key: StreamKey,
  tags: readonly DesiredTag[],
  stream: ImageStream,
  signal: AbortSignal,
  onProgress: (done: number, next: string | undefined) => void,
): Promise<ImportRun> {
  const rows = new Map<string, ImportRow>();
  let latest: ImageStream | undefined;
  let imported = 0;
  for (const batch of importBatches(tags)) {
    signal.throwIfAborted();
    onProgress(imported, batch[0]?.image);
    const run = await importBatch(streams, key, batch, latest ?? stream, true, signal);
    for (const [tag, row] of run.rows) rows.set(tag, row);
    latest = run.stream ?? latest;
    imported = [...rows.values()].filter(({ kind }) => kind === "imported").length;
  }
  return { rows, stream: latest };
}

async function importBatch(
  streams: ImageStreams,
  key: StreamKey,
  batch: readonly DesiredTag[],
  stream: ImageStream | undefined,
  store: boolean,
  signal: AbortSignal,
): Promise<ImportRun> {
  const rows = new Map<string, ImportRow>();
  let latest: ImageStream | undefined;
  let open = batch;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await requestImport(streams, key, open, latest ?? stream, store, signal);
    open.forEach((tag, index) => rows.set(tag.name, answer.rows[index] ?? readRow(undefined)));
    latest = answer.stream ?? latest;
    open = open.filter((tag) => isTransient(rows.get(tag.name)));
    if (open.length === 0 || attempt === attempts) return { rows, stream: latest };
    await sleep(firstPauseMs * 2 ** (attempt - 1), signal);
  }
}

interface Answer {
  readonly rows: readonly ImportRow[];
  readonly stream: ImageStream | undefined;
}

/** Request-level errors that concern these images only; the second kind may pass by itself. */
const lasting: readonly ErrorCode[] = ["API_FORBIDDEN", "API_INVALID", "IMPORT_REGISTRY_NOT_ALLOWED"];
const passing: readonly ErrorCode[] = ["API_CONFLICT", "API_TIMEOUT", "API_UNREACHABLE"];

/**
 * A storing import is safe to repeat: the same digest with the same policy writes nothing (import.md 0.7). So a
 * conflict with the cluster's own controller, a timeout, or an answer that got lost counts as a transient row.
 */
async function requestImport(
  streams: ImageStreams,
  key: StreamKey,
  tags: readonly DesiredTag[],
  stream: ImageStream | undefined,
  store: boolean,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const specs = tags.map((tag) => importSpec(tag, specTag(stream, tag.name), store));
    const result = await streams.importImages(key, specs, { store, signal });
    return { rows: tags.map((_, index) => readRow(result.images[index])), stream: result.stream };
  } catch (error) {
    if (!hasCode(error, ...lasting, ...passing)) throw error;
    const failure = {
      code: error.code,
      message: bareMessage(error),
      transient: passing.includes(error.code),
    };
    return { rows: tags.map(() => ({ kind: "failed", failure })), stream: undefined };
  }
}

function isTransient(row: ImportRow | undefined): boolean {
  return row?.kind === "failed" && row.failure.transient;
}

function importSpec(tag: DesiredTag, live: TagReference | undefined, store: boolean): ImageImportSpec {
  const policy = importPolicy(tag, live);
  const looksForPlatform = !store && prefersAnotherPlatform(tag, live);
  return {
    from: { kind: "DockerImage", name: tag.image },
    to: { name: tag.name },
    importPolicy: looksForPlatform ? { ...policy, importMode: "PreserveOriginal" } : policy,
    referencePolicy: { type: tag.referencePolicy },
  };
}
