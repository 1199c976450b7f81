import type { ImageImportSpec, ImageStream, TagReference } from "../../okd/imageStream.js";
import type { StreamKey } from "../../okd/streamName.js";
import { sleep } from "../../support/async/abortable.js";
import { bareMessage, type ErrorCode, hasCode } from "../../support/imageError.js";
import type { ImageTag } from "../args/desiredStream.js";
import { type ImportFailure, type ImportRow, readRow } from "../failure/explain.js";
import { importPolicy } from "../plan/tag/definition.js";
import { prefersAnotherPlatform } from "../plan/tag/preferredPlatform.js";
import { specTag } from "../plan/tag/state.js";
import type { ImageStreams } from "../ports.js";

/** How often an import is asked for again when it failed for a reason that may pass. */
const attempts = 4;
const firstPauseMs = 400;

/** The answers, one for every tag that was asked for. */
export interface ImportRun {
  readonly rows: ReadonlyMap<string, ImportRow>;
  /** The stream as the last storing request left it. */
  readonly stream: ImageStream | undefined;
}

export async function importBatch(
  streams: ImageStreams,
  key: StreamKey,
  batch: readonly ImageTag[],
  stream: ImageStream | undefined,
  store: boolean,
  signal: AbortSignal,
  mayPass: MayPass = () => false,
): Promise<ImportRun> {
  const rows = new Map<string, ImportRow>();
  let latest: ImageStream | undefined;
  let open = batch;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await requestImport(streams, key, open, latest ?? stream, store, signal);
    open.forEach((tag, index) => rows.set(tag.name, answer.rows[index] ?? readRow(undefined)));
    latest = answer.stream ?? latest;
    open = open.filter((tag) => isTransient(tag, rows.get(tag.name), mayPass));
    if (open.length === 0 || attempt === attempts) return { rows, stream: latest };
    await sleep(firstPauseMs * 2 ** (attempt - 1), signal);
  }
}

interface Answer {
  readonly rows: readonly ImportRow[];
  readonly stream: ImageStream | undefined;
}

/** Errors of a request that concern its images only; those of the second list may pass by themselves. */
const lasting: readonly ErrorCode[] = ["API_FORBIDDEN", "API_INVALID", "IMPORT_REGISTRY_NOT_ALLOWED"];
const passing: readonly ErrorCode[] = ["API_CONFLICT", "API_TIMEOUT", "API_UNREACHABLE"];

/**
 * A storing import is safe to repeat: the same digest with the same policy writes nothing (facts/importing.md 5). So a
 * conflict with the cluster's own controller, a timeout, or an answer that got lost counts as a transient row.
 */
async function requestImport(
  streams: ImageStreams,
  key: StreamKey,
  tags: readonly ImageTag[],
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

/** Whether a failure that usually lasts may pass this time. */
export type MayPass = (tag: ImageTag, failure: ImportFailure) => boolean;

function isTransient(tag: ImageTag, row: ImportRow | undefined, mayPass: MayPass): boolean {
  return row?.kind === "failed" && (row.failure.transient || mayPass(tag, row.failure));
}

function importSpec(tag: ImageTag, live: TagReference | undefined, store: boolean): ImageImportSpec {
  const policy = importPolicy(tag, live);
  const looksForPlatform = !store && prefersAnotherPlatform(tag, live);
  return {
    from: { kind: "DockerImage", name: tag.image },
    to: { name: tag.name },
    importPolicy: looksForPlatform ? { ...policy, importMode: "PreserveOriginal" } : policy,
    referencePolicy: { type: tag.referencePolicy },
  };
}
