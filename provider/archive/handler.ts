import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type {
  CheckOutcome,
  CheckRequest,
  DiffOutcome,
  DiffRequest,
  Executed,
  ExecuteRequest,
  HookContext,
  OfState,
  ReadOutcome,
  ResourceHandler,
  Verb,
} from "../lifecycle/resourceHandler.js";
import { withoutDeciding } from "../lifecycle/unknowns.js";
import type { JsonObject } from "../lifecycle/wire.js";
import { isOtherCluster, recordedCluster } from "../okd/clusterIdentity.js";
import { deadlineMs } from "../support/async/abortable.js";
import { createFileClaims, type FileClaims } from "../support/files/claims.js";
import { type ArchiveArgs, usesStreams } from "./args/parsed.js";
import { checkContent } from "./check/content.js";
import { checkFiles } from "./check/fileDrift.js";
import { resolveContent } from "./check/resolveImages.js";
import { executeArchive } from "./execute/archive.js";
import { executeArchiveRemoval } from "./execute/removal.js";
import { parse, recordedArchive, requireArgs, requireContent } from "./inputs.js";
import { createKnownArchives, type KnownArchives } from "./memory.js";
import { isKept } from "./plan/content.js";
import type { RecordedArchive } from "./plan/decide.js";
import type { SourceImage } from "./plan/resolvedImage.js";
import { sharedPath } from "./plan/sharedPath.js";
import { whenUnavailable } from "./plan/unavailable.js";
import type { ArchivePorts } from "./ports.js";
import { archiveOutputs, idOf, mirrored, recordedContent, recordedFiles, recordedImages } from "./state.js";
import { describeDetours, summariseArchive } from "./summary.js";

type Context = HookContext<ArchivePorts>;

const defaultSeconds: Readonly<Record<Verb, number>> = {
  check: 30,
  diff: 60,
  read: 60,
  create: 6 * 3600,
  update: 6 * 3600,
  delete: 60,
};

export interface ArchiveHandlerOptions {
  /** Folder that paths in arguments are relative to. */
  readonly baseFolder: string;
  /** Which files the resources of the program write; those of all kinds share it. */
  readonly claims?: FileClaims;
}

/** What the verbs share in one process. */
interface Dependencies extends Required<ArchiveHandlerOptions> {
  readonly known: KnownArchives;
}

/** The engine's verbs for ImageArchive. */
export function createArchiveHandler({
  baseFolder,
  claims = createFileClaims(),
}: ArchiveHandlerOptions): ResourceHandler<ArchiveArgs, ArchivePorts> {
  const dependencies: Dependencies = { baseFolder, claims, known: createKnownArchives() };
  return {
    computedKey: "content",
    parse,
    defaults: () => ({}),
    knownPart: (inputs, unknown) => withoutDeciding(inputs, unknown, ["timeouts", "onDestroy"]),
    summarise: summariseArchive,
    deadline: (verb, { timeouts }) => deadlineMs(verb, timeouts, defaultSeconds),
    check: (request, context) => check(dependencies, request, context),
    diff: (state, request, context) => diff(dependencies, { ...request, state }, context),
    create: (request, context) => execute(dependencies, request, context),
    update: (_id, state, request, context) => execute(dependencies, { ...request, state }, context),
    read: (id, state, context) => read(dependencies, { id, state }, context),
    delete: (_id, state, context) => remove(dependencies, { state }, context),
  };
}

async function check(
  dependencies: Dependencies,
  request: CheckRequest<ArchiveArgs>,
  context: Context,
): Promise<CheckOutcome> {
  const { args, phase } = request;
  const { urn } = context;
  const { claims, known } = dependencies;
  const path = pathOf(dependencies, args);
  const shared = sharedPath(claims, { urn, phase }, path, args);
  if (shared !== undefined) return { kind: "failed", reasons: [shared] };
  const { files } = await context.ports();
  const recorded = await archiveBefore(dependencies, request, urn);
  const images = await resolveImages(request, recorded, context);
  if ("kind" in images) return images;
  known.resolved.set(urn, images);
  const plan = await checkContent(files, { args, path, images, recorded }, context);
  if (plan.kind === "refused") return { kind: "failed", reasons: [plan.reason] };
  const { content, warning } = plan;
  const detours = describeDetours(images, content);
  if (detours !== undefined) context.log.info(detours);
  if (warning !== undefined && phase === "preview") {
    context.log.warn(`pulumi up would stop here: ${warning}`);
  }
  return { kind: "resolved", defaults: {}, computed: content };
}

/** The archive that this resource, or the one that it replaces, has at this path. */
async function archiveBefore(
  dependencies: Dependencies,
  { args, oldInputs }: CheckRequest<ArchiveArgs>,
  urn: string,
): Promise<RecordedArchive | undefined> {
  const { declared } = dependencies.known;
  const isNew = Object.keys(oldInputs).length === 0;
  const before = isNew ? declared.get(urn) : await recordedArchive(oldInputs);
  if (before === undefined || pathOf(dependencies, before.args) !== pathOf(dependencies, args)) {
    return undefined;
  }
  declared.set(urn, before);
  return { ...before, isReplaced: isNew };
}

/** The images, or what is answered where a source does not answer. */
async function resolveImages(
  { args, phase, oldInputs }: CheckRequest<ArchiveArgs>,
  recorded: RecordedArchive | undefined,
  context: Context,
): Promise<readonly SourceImage[] | CheckOutcome> {
  const wanted = { args, known: recordedImages(oldInputs), isPreview: phase === "preview" };
  try {
    return await resolveContent(await context.ports(), wanted, context);
  } catch (error) {
    const isSame = recorded !== undefined && isDeepStrictEqual(recorded.args, args);
    const before = recordedContent(oldInputs);
    const answer = whenUnavailable(error, { before, isSame, isPreview: wanted.isPreview });
    if (answer === undefined) throw error;
    context.log.warn(answer.warning);
    return answer.kept === undefined
      ? { kind: "pending", defaults: {}, reason: "its source does not answer" }
      : { kind: "resolved", defaults: {}, computed: answer.kept };
  }
}

async function diff(
  dependencies: Dependencies,
  { state, inputs, computedIsKept, connectionChanged }: DiffRequest & OfState,
  context: Context,
): Promise<DiffOutcome> {
  if (!isAtPath(dependencies, state, inputs)) return { kind: "inputs", replaces: ["path"] };
  if (await isElsewhere(state, connectionChanged, context)) return { kind: "inputs", replaces: [] };
  if (!isDeepStrictEqual(mirrored(inputs), mirrored(state))) return { kind: "inputs", replaces: [] };
  const [before, now] = [recordedContent(state), recordedContent(inputs)];
  if (computedIsKept || now === undefined) return { kind: "same" };
  if (before === undefined || !isKept(before, now)) return { kind: "inputs", replaces: [] };
  const args = await requireArgs(inputs);
  const { files } = await context.ports();
  const found = { args, path: pathOf(dependencies, args), recorded: recordedFiles(state) };
  const drift = await checkFiles(files, found, context);
  for (const { ending, problem } of drift) {
    context.log.warn(`${args.path}${ending} ${problem}; it will be written again`);
  }
  return { kind: drift.length === 0 ? "same" : "drift" };
}

async function execute(
  dependencies: Dependencies,
  { state, inputs, computedIsKept }: ExecuteRequest & Partial<OfState>,
  context: Context,
): Promise<Executed> {
  const args = await requireArgs(inputs);
  const content = requireContent(inputs);
  const { urn } = context;
  const { resolved, owners } = dependencies.known;
  const ports = await context.ports();
  const path = pathOf(dependencies, args);
  const known = { args, known: content.images, isPreview: false };
  const order = {
    urn,
    args,
    path,
    content,
    isContentKept: computedIsKept,
    recorded: state === undefined ? undefined : recordedFiles(state),
    resolveImages: async () => resolved.get(urn) ?? (await resolveContent(ports, known, context)),
    owners,
  };
  const files = await executeArchive(ports, order, context);
  owners.add(urn, path, files);
  const cluster = usesStreams(args) ? (await ports.streams(context)).cluster : undefined;
  const outputs = archiveOutputs({ inputs, content, files, format: args.format, cluster });
  return { id: idOf(args), outputs, failures: [] };
}

/** Gone means that no file is left: an archive whose mapping is still there only needs to be written again. */
async function read(
  dependencies: Dependencies,
  { id, state }: OfState & { readonly id: string },
  context: Context,
): Promise<ReadOutcome | undefined> {
  const args = await requireArgs(state);
  await isElsewhere(state, false, context);
  const { files } = await context.ports();
  const path = pathOf(dependencies, args);
  const endings = ["", ...Object.keys(recordedFiles(state).beside)];
  const found = await Promise.all(endings.map((ending) => files.stat(`${path}${ending}`)));
  if (args.onMissing === "export" && found.every((facts) => facts === undefined)) return undefined;
  const content = recordedContent(state);
  const inputs = { ...mirrored(state), ...(content === undefined ? {} : { content }) };
  return { id, outputs: state, inputs };
}

async function remove(dependencies: Dependencies, { state }: OfState, context: Context): Promise<void> {
  const args = await requireArgs(state);
  await isElsewhere(state, false, context);
  if (args.onDestroy === "keep") return;
  const { files } = await context.ports();
  const { archive, beside } = recordedFiles(state);
  const { owners } = dependencies.known;
  const expected = { "": archive, ...beside };
  const order = { urn: context.urn, args, path: pathOf(dependencies, args), expected, owners };
  await executeArchiveRemoval(files, order, context);
}

function pathOf({ baseFolder }: Dependencies, { path }: Pick<ArchiveArgs, "path">): string {
  return resolve(baseFolder, path);
}

/** Equal paths in whatever spelling. */
function isAtPath({ baseFolder }: Dependencies, { path: a }: JsonObject, { path: b }: JsonObject): boolean {
  return typeof a === "string" && typeof b === "string" && resolve(baseFolder, a) === resolve(baseFolder, b);
}

/** @throws ImageError OTHER_CLUSTER, unless the program itself names another one */
async function isElsewhere(state: JsonObject, isWanted: boolean, context: Context): Promise<boolean> {
  const reached = async () => (await (await context.ports()).streams(context)).cluster;
  return await isOtherCluster(recordedCluster(state), reached, { isWanted, signal: context.signal });
}
