import { retryLostWrites } from "../../okd/conflicts.js";
import type { ImageStream } from "../../okd/imageStream.js";
import type { StreamKey } from "../../okd/streamName.js";
import { own } from "../../support/collections.js";
import { ImageError, isImageError } from "../../support/imageError.js";
import { itemRate, type ProgressClock, progressLine, withProgress } from "../../support/progress.js";
import { countOf } from "../../support/text/wording.js";
import type { DesiredTag } from "../args/desiredStream.js";
import type { ImportRun } from "../check/importBatch.js";
import {
  describeImportFailure,
  type FailureContext,
  failureContext,
  type ImportRow,
} from "../failure/explain.js";
import type { ResolvedTag, ResolvedTags } from "../outputs.js";
import { removableTags } from "../plan/claims.js";
import { undeclaredRemoval } from "../plan/removal.js";
import { planStreamWrite, type StreamWriteRequest } from "../plan/streamWrite.js";
import { isResolved, resolvedImage } from "../plan/tag/resolved.js";
import { type LastRun, tagStanding } from "../plan/tag/standing.js";
import { specTag, tagState } from "../plan/tag/state.js";
import type { Cluster } from "../ports.js";
import { requireUnused } from "../use/check.js";
import { storeTags } from "./storeTags.js";

export interface ImportRequest extends Omit<StreamWriteRequest, "stream"> {
  /** The checked input `resolved`: what the preview showed. */
  readonly planned: ResolvedTags;
  readonly last: LastRun;
  readonly lostImages: ReadonlySet<string>;
  /** `ignoreChanges` keeps `resolved`: the definition is written, nothing is imported. */
  readonly importsNothing: boolean;
  readonly triggersChanged: boolean;
}

/** The stream after the execution; with `failures` only a part of the work was done. */
export interface ImportExecution {
  readonly stream: ImageStream;
  readonly resolved: ResolvedTags;
  readonly imported: readonly string[];
  /** Tags that were taken off the stream, because the program no longer declares them. */
  readonly removed: readonly string[];
  /** One line for each tag that is not as declared. */
  readonly failures: readonly string[];
}

export interface ExecutionWatch {
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
  readonly progressClock?: ProgressClock | undefined;
}

/**
 * Definition first, then the imports, then the removals. The definition must come first: an import can set neither
 * reference policy nor annotations, and keeps an old source where the digest is the same (facts/importing.md 4).
 * Throws only while nothing has been written; afterwards every failure is a line in `failures`.
 */
export async function executeImport(
  cluster: Cluster,
  request: ImportRequest,
  watch: ExecutionWatch,
): Promise<ImportExecution> {
  const key = { namespace: request.desired.namespace, name: request.desired.name };
  const definition = await writeDefinition(cluster, key, request, watch.signal);
  let done: ImportExecution = {
    stream: definition.after,
    resolved: request.planned,
    imported: [],
    removed: [],
    failures: [],
  };
  try {
    done = { ...done, ...(await importMissing(cluster, key, request, definition, watch)) };
    return { ...done, removed: await removeUndeclared(cluster, key, request, done.stream, watch) };
  } catch (error) {
    return { ...done, failures: [...done.failures, isImageError(error) ? error.message : String(error)] };
  }
}

interface Definition {
  /** The stream before the first write. */
  readonly before: ImageStream | undefined;
  readonly after: ImageStream;
}

/** Re-planned after every conflict; after a lost answer the next round finds our claim, or writes again. */
async function writeDefinition(
  cluster: Cluster,
  key: StreamKey,
  request: ImportRequest,
  signal: AbortSignal,
): Promise<Definition> {
  let first: { readonly stream: ImageStream | undefined } | undefined;
  const after = await retryLostWrites(async () => {
    const stream = await cluster.streams.getStream(key, { signal });
    first ??= { stream };
    const write = planStreamWrite({ ...request, stream });
    switch (write.kind) {
      case "refused":
        throw new ImageError(write.code, write.message);
      case "create":
        return cluster.streams.createStream(write.stream, { signal });
      case "replace":
        return cluster.streams.replaceStream(write.stream, { signal });
      case "unchanged":
        return write.stream;
    }
  }, signal);
  return { before: first?.stream, after };
}

/** Says how many are imported, and which image is on its way: `imported 3 of 12 tags, 1.5/s, quay.io/acme/web:v4`. */
async function storeWithProgress(
  { streams }: Cluster,
  key: StreamKey,
  due: readonly DesiredTag[],
  stream: ImageStream,
  { signal, progress, progressClock: clock }: ExecutionWatch,
): Promise<ImportRun> {
  let [done, image] = [0, due[0]?.image];
  const line = (elapsedMs: number) =>
    progressLine(`imported ${done} of ${countOf(due.length, "tag")}`, itemRate(done, elapsedMs), image);
  return await withProgress({ report: progress, line, clock }, () =>
    storeTags(streams, key, due, stream, signal, (imported, next) => {
      [done, image] = [imported, next];
    }),
  );
}

async function importMissing(
  cluster: Cluster,
  key: StreamKey,
  request: ImportRequest,
  definition: Definition,
  watch: ExecutionWatch,
): Promise<Omit<ImportExecution, "removed">> {
  const { after: stream } = definition;
  const { desired, importsNothing } = request;
  const due = importsNothing ? [] : desired.tags.filter((tag) => isDue(tag, definition, request));
  if (due.length === 0) return { stream, resolved: request.planned, imported: [], failures: [] };
  const run = await storeWithProgress(cluster, key, due, stream, watch);
  const latest = (await cluster.streams.getStream(key, { signal: watch.signal })) ?? run.stream ?? stream;
  const context = await failureContext(cluster, request, run.rows, watch.signal);
  const resolved = new Map(Object.entries(request.planned));
  const imported: string[] = [];
  const failures: string[] = [];
  for (const tag of due) {
    const outcome = verify(tag, run.rows.get(tag.name), latest, request, context);
    resolved.set(tag.name, outcome.resolved);
    if (outcome.failure === undefined) imported.push(tag.name);
    else failures.push(outcome.failure);
  }
  return { stream: latest, resolved: Object.fromEntries(resolved), imported, failures };
}

/** Judged by the stream before our write, because the write itself may ask for a new import. */
function isDue(tag: DesiredTag, { before, after }: Definition, request: ImportRequest): boolean {
  if (request.triggersChanged) return true;
  const standing = tagStanding(tag, { stream: before, lostImages: request.lostImages }, request.last);
  if (standing.kind === "due") return true;
  if (specTag(before, tag.name)?.generation !== specTag(after, tag.name)?.generation) return true;
  if (request.desired.trackUpstream !== "follow" || tag.scheduled) return false;
  const planned = own(request.planned, tag.name);
  return isResolved(planned) && planned.digest !== standing.image.digest;
}

interface Verified {
  readonly resolved: ResolvedTag;
  readonly failure: string | undefined;
}

/** The answer alone is not trusted: the stream must serve the digest, and it must be the one that was planned. */
function verify(
  tag: DesiredTag,
  row: ImportRow | undefined,
  stream: ImageStream,
  request: ImportRequest,
  context: FailureContext,
): Verified {
  if (row?.kind !== "imported") {
    const failure = describeImportFailure(
      tag,
      row?.failure ?? { code: "IMPORT_FAILED", message: "no answer", transient: true },
      context,
    );
    return { resolved: { error: failure }, failure };
  }
  const resolved = resolvedImage(tag, row.image, stream.status?.dockerImageRepository);
  const state = tagState(stream, tag.name);
  if (state.kind !== "imported" || state.digest !== resolved.digest) {
    const failure = new ImageError(
      "IMPORT_FAILED",
      `tags.${tag.name}: ${tag.image} was imported as ${resolved.digest}, but the tag now ${describeState(state)}. Does something else write this image stream?`,
    ).message;
    return { resolved: { error: failure }, failure };
  }
  const planned = own(request.planned, tag.name);
  if (!isResolved(planned) || planned.digest === resolved.digest) return { resolved, failure: undefined };
  const failure = new ImageError(
    "IMPORT_MOVED",
    `tags.${tag.name}: ${tag.image} moved upstream while this ran: planned was ${planned.digest}, imported was ${resolved.digest}. Look at the next preview, then run pulumi up again.`,
  ).message;
  return { resolved, failure };
}

function describeState(state: ReturnType<typeof tagState>): string {
  switch (state.kind) {
    case "absent":
      return "is gone";
    case "imported":
      return `serves ${state.digest}`;
    case "failed":
      return `reports ${state.message}`;
    case "pending":
      return "waits for another import";
  }
}

async function removeUndeclared(
  cluster: Cluster,
  key: StreamKey,
  request: ImportRequest,
  stream: ImageStream,
  watch: ExecutionWatch,
): Promise<readonly string[]> {
  const { desired, recorded } = request;
  const declared = new Set(desired.tags.map((tag) => tag.name));
  const uid = stream.metadata.uid;
  if (recorded === undefined || uid === undefined || recorded.uid !== uid) return [];
  const removable = removableTags(stream, request.claim, recorded.owned);
  await requireUnused(cluster, undeclaredRemoval(stream, desired, removable), { signal: watch.signal });
  const removed: string[] = [];
  for (const tag of removable.filter((name) => !declared.has(name))) {
    watch.signal.throwIfAborted();
    await cluster.streams.deleteTag(key, tag, { uid }, { signal: watch.signal });
    removed.push(tag);
  }
  return removed;
}
