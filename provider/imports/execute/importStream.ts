import type { ImageStream } from "../../okd/imageStream.js";
import type { StreamKey } from "../../okd/streamName.js";
import { own } from "../../support/collections.js";
import { isImageError } from "../../support/imageError.js";
import { itemRate, type ProgressClock, progressLine, withProgress } from "../../support/progress.js";
import { countOf } from "../../support/text/wording.js";
import type { DesiredTag, ImageTag } from "../args/desiredStream.js";
import type { ImportRun, MayPass } from "../check/importBatch.js";
import { failureContext } from "../failure/explain.js";
import type { OwnPullSecret } from "../failure/ownPullSecret.js";
import type { ResolvedTags } from "../outputs.js";
import { removableTags } from "../plan/claims.js";
import { isReimportDue, planReimport } from "../plan/reimport.js";
import { undeclaredRemoval } from "../plan/removal.js";
import { isGone } from "../plan/repository/expand.js";
import type { StreamWriteRequest } from "../plan/streamWrite.js";
import { isResolved } from "../plan/tag/resolved.js";
import { type LastRun, tagStanding } from "../plan/tag/standing.js";
import { specTag } from "../plan/tag/state.js";
import type { Cluster } from "../ports.js";
import { requireUnused } from "../use/check.js";
import { completeDefinition, type Definition, writeDefinition } from "./definition.js";
import { mirrorTags } from "./mirrorTags.js";
import { storeTags } from "./storeTags.js";
import { verifyDefinition, verifyImport } from "./verify.js";

export interface ImportRequest extends Omit<StreamWriteRequest, "stream" | "digests" | "deferred"> {
  /** The checked input `resolved`: what the preview showed. */
  readonly planned: ResolvedTags;
  readonly last: LastRun;
  readonly lostImages: ReadonlySet<string>;
  /** `ignoreChanges` keeps `resolved`: the definition is written, nothing is imported. */
  readonly importsNothing: boolean;
  readonly triggersChanged: boolean;
  /** The pull secret that was made ready for this import. */
  readonly own: OwnPullSecret | undefined;
  /** Which refusals may pass, because the secret was written a moment ago. */
  readonly mayPass: MayPass;
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
 * Definition first, then the imports, then what had to wait for them, then the removals. The definition must come first: an
 * import can set neither reference policy nor annotations, and keeps an old source where the digest is the same
 * (facts/importing.md 4). Throws only while nothing has been written; afterwards every failure is a line in `failures`.
 */
export async function executeImport(
  cluster: Cluster,
  request: ImportRequest,
  watch: ExecutionWatch,
): Promise<ImportExecution> {
  const key = { namespace: request.desired.namespace, name: request.desired.name };
  const digests = plannedDigests(request.planned);
  const order = { ...request, digests };
  const importing = (before: ImageStream | undefined) => dueNames(before, request);
  const definition = await writeDefinition(cluster, order, importing, watch.signal);
  let done: ImportExecution = {
    stream: definition.after,
    resolved: request.planned,
    imported: [],
    removed: [],
    failures: [],
  };
  try {
    done = { ...done, ...(await importMissing(cluster, key, request, definition, watch)) };
    done = { ...done, stream: await completeDefinition(cluster, order, done.stream, watch.signal) };
    const { resolved, failures } = verifyDefinition(done, request);
    done = { ...done, resolved, failures: [...done.failures, ...failures] };
    const uncopied = await mirrorTags(cluster, request.desired, done, watch);
    done = { ...done, failures: [...done.failures, ...uncopied] };
    return { ...done, removed: await removeUndeclared(cluster, key, request, done.stream, watch) };
  } catch (error) {
    return { ...done, failures: [...done.failures, isImageError(error) ? error.message : String(error)] };
  }
}

function plannedDigests(planned: ResolvedTags): ReadonlyMap<string, string> {
  const images = Object.entries(planned);
  return new Map(
    images.flatMap(([name, image]) => (isResolved(image) ? [[name, image.digest] as const] : [])),
  );
}

function dueNames(before: ImageStream | undefined, request: ImportRequest): ReadonlySet<string> {
  const due = request.importsNothing ? [] : request.desired.tags.filter((tag) => isDue(tag, before, request));
  return new Set(due.map(({ name }) => name));
}

/** Says how many are imported, and which image is on its way: `imported 3 of 12 tags, 1.5/s, quay.io/acme/web:v4`. */
async function storeWithProgress(
  { streams }: Cluster,
  key: StreamKey,
  due: readonly ImageTag[],
  stream: ImageStream,
  mayPass: MayPass,
  { signal, progress, progressClock: clock }: ExecutionWatch,
): Promise<ImportRun> {
  let [done, image] = [0, due[0]?.image];
  const line = (elapsedMs: number) =>
    progressLine(`imported ${done} of ${countOf(due.length, "tag")}`, itemRate(done, elapsedMs), image);
  const onProgress = (imported: number, next: string | undefined) => {
    [done, image] = [imported, next];
  };
  return await withProgress({ report: progress, line, clock }, () =>
    storeTags(streams, key, due, stream, signal, onProgress, mayPass),
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
  const due = importedTags(definition, request);
  if (due.length === 0) return { stream, resolved: request.planned, imported: [], failures: [] };
  const run = await storeWithProgress(cluster, key, due, stream, request.mayPass, watch);
  const latest = (await cluster.streams.getStream(key, { signal: watch.signal })) ?? run.stream ?? stream;
  const context = await failureContext(cluster, request, run.rows, watch.signal);
  const resolved = new Map(Object.entries(request.planned));
  const imported: string[] = [];
  const failures: string[] = [];
  for (const tag of due) {
    const outcome = verifyImport(tag, run.rows.get(tag.name), latest, request.planned, context);
    resolved.set(tag.name, outcome.resolved);
    if (outcome.failure === undefined) imported.push(tag.name);
    else failures.push(outcome.failure);
  }
  return { stream: latest, resolved: Object.fromEntries(resolved), imported, failures };
}

/** Judged by the stream before our write, because the write itself may ask for a new import. */
function importedTags({ before, after }: Definition, request: ImportRequest): readonly ImageTag[] {
  const { desired, last, triggersChanged, importsNothing } = request;
  if (importsNothing) return [];
  const again = isReimportDue(desired, last.desired, triggersChanged)
    ? planReimport(desired, before).tags
    : [];
  const declared = desired.tags.filter((tag): tag is ImageTag => {
    if (tag.kind !== "image") return false;
    if (isDue(tag, before, request)) return true;
    return specTag(before, tag.name)?.generation !== specTag(after, tag.name)?.generation;
  });
  return [...declared, ...again];
}

function isDue(tag: DesiredTag, before: ImageStream | undefined, request: ImportRequest): boolean {
  if (tag.kind !== "image") return false;
  if (request.triggersChanged && !isGone(request.desired, tag.name)) return true;
  const standing = tagStanding(tag, { stream: before, lostImages: request.lostImages }, request.last);
  if (standing.kind === "due") return true;
  if (standing.kind === "referenced" || request.desired.trackUpstream !== "follow" || tag.scheduled)
    return false;
  const planned = own(request.planned, tag.name);
  return isResolved(planned) && planned.digest !== standing.image.digest;
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
  const { reimport } = desired;
  const followed = new Set([
    ...desired.tags.flatMap((tag) => (tag.kind === "alias" ? [tag.alias] : [])),
    ...(typeof reimport === "string" ? [] : reimport),
  ]);
  for (const tag of removable.filter((name) => !declared.has(name) && !followed.has(name))) {
    watch.signal.throwIfAborted();
    await cluster.streams.deleteTag(key, tag, { uid }, { signal: watch.signal });
    removed.push(tag);
  }
  return removed;
}
