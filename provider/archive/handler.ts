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
  ReadOutcome,
  ResourceHandler,
  Verb,
} from "../lifecycle/resourceHandler.js";
import { withoutDeciding } from "../lifecycle/unknowns.js";
import type { Json, JsonObject } from "../lifecycle/wire.js";
import { isOtherCluster } from "../okd/clusterIdentity.js";
import { deadlineMs } from "../support/async/abortable.js";
import { createFileClaims, type FileClaims } from "../support/files/claims.js";
import { type ArchiveArgs, usesStreams } from "./args/archive.js";
import { checkContent } from "./check/content.js";
import { checkFiles } from "./check/files.js";
import { resolveContent } from "./check/resolveImages.js";
import { executeArchive } from "./execute/archive.js";
import { executeRemoval } from "./execute/removal.js";
import { type DeclaredArchive, parse, recordedArchive, requireArgs, requireContent } from "./inputs.js";
import { createFileOwners } from "./memory.js";
import { isKept } from "./plan/content.js";
import type { RecordedArchive } from "./plan/decide.js";
import type { ResolvedImage } from "./plan/resolvedImage.js";
import { sharedPath } from "./plan/sharedPath.js";
import { whenUnavailable } from "./plan/unavailable.js";
import type { ArchivePorts } from "./sourcePorts.js";
import {
  archiveOutputs,
  idOf,
  mirrored,
  recordedCluster,
  recordedContent,
  recordedFiles,
  recordedImages,
} from "./state.js";
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

/** The engine's verbs for ImageArchive. */
export function createArchiveHandler({
  baseFolder,
  claims = createFileClaims(),
}: ArchiveHandlerOptions): ResourceHandler<ArchiveArgs, ArchivePorts> {
  /** What the check of this process has found, by URN: create and update need more than the content tells. */
  const resolved = new Map<string, readonly ResolvedImage[]>();
  /**
   * What the last run has declared, by URN: the second check of a replacement is not told. (With --replace, and of a
   * tainted resource, neither is: there the file can only be adopted.)
   */
  const declared = new Map<string, DeclaredArchive>();
  const owners = createFileOwners();
  const pathOf = ({ path }: Pick<ArchiveArgs, "path">) => resolve(baseFolder, path);
  /** However both spell it. */
  const isAtPath = ({ path: a }: JsonObject, { path: b }: JsonObject) =>
    typeof a === "string" && typeof b === "string" && pathOf({ path: a }) === pathOf({ path: b });

  async function check(request: CheckRequest<ArchiveArgs>, context: Context): Promise<CheckOutcome> {
    const { args, phase, oldInputs } = request;
    const path = pathOf(args);
    const shared = sharedPath(claims, { urn: context.urn, phase }, path, args);
    if (shared !== undefined) return { kind: "failed", reasons: [shared] };
    const ports = await context.ports();
    const recorded = await archiveBefore(request, context.urn);
    const wanted = { args, known: recordedImages(oldInputs), isPreview: phase === "preview" };
    let images: readonly ResolvedImage[];
    try {
      images = await resolveContent(ports, wanted, context);
    } catch (error) {
      const isSame = recorded !== undefined && isDeepStrictEqual(recorded.args, args);
      const before = recordedContent(oldInputs);
      const answer = whenUnavailable(error, { before, isSame, isPreview: wanted.isPreview });
      if (answer === undefined) throw error;
      context.log.warn(answer.warning);
      return answer.kept === undefined
        ? { kind: "pending", defaults: {}, reason: "its source does not answer" }
        : { kind: "resolved", defaults: {}, computed: answer.kept as unknown as Json };
    }
    resolved.set(context.urn, images);
    const plan = await checkContent(ports.files, { args, path, images, recorded }, context);
    switch (plan.kind) {
      case "refused":
        return { kind: "failed", reasons: [plan.reason] };
      case "planned": {
        const detours = describeDetours(images, plan.content);
        if (detours !== undefined) context.log.info(detours);
        if (plan.warning !== undefined && phase === "preview") {
          context.log.warn(`pulumi up would stop here: ${plan.warning}`);
        }
        return { kind: "resolved", defaults: {}, computed: plan.content as unknown as Json };
      }
    }
  }

  /** The archive that this resource, or the one that it replaces, has at this path. */
  async function archiveBefore(
    { args, oldInputs }: CheckRequest<ArchiveArgs>,
    urn: string,
  ): Promise<RecordedArchive | undefined> {
    const isNew = Object.keys(oldInputs).length === 0;
    const before = isNew ? declared.get(urn) : await recordedArchive(oldInputs);
    if (before === undefined || pathOf(before.args) !== pathOf(args)) return undefined;
    declared.set(urn, before);
    return { ...before, isReplaced: isNew };
  }

  async function diff(
    state: JsonObject,
    { inputs, computedIsKept, connectionChanged }: DiffRequest,
    context: Context,
  ): Promise<DiffOutcome> {
    if (!isAtPath(state, inputs)) return { kind: "inputs", replaces: ["path"] };
    if (await isElsewhere(state, connectionChanged, context)) return { kind: "inputs", replaces: [] };
    if (!isDeepStrictEqual(mirrored(inputs), mirrored(state))) return { kind: "inputs", replaces: [] };
    const [before, now] = [recordedContent(state), recordedContent(inputs)];
    if (computedIsKept || now === undefined) return { kind: "same" };
    if (before === undefined || !isKept(before, now)) return { kind: "inputs", replaces: [] };
    const args = await requireArgs(inputs);
    const { files } = await context.ports();
    const found = { args, path: pathOf(args), recorded: recordedFiles(state) };
    const drift = await checkFiles(files, found, context);
    for (const { ending, problem } of drift) {
      context.log.warn(`${args.path}${ending} ${problem}; it will be written again`);
    }
    return { kind: drift.length === 0 ? "same" : "drift" };
  }

  async function execute(
    { inputs, computedIsKept }: ExecuteRequest,
    context: Context,
    state: JsonObject | undefined,
  ): Promise<Executed> {
    const args = await requireArgs(inputs);
    const content = requireContent(inputs);
    const { urn } = context;
    const ports = await context.ports();
    const path = pathOf(args);
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

  /** Gone is what has left nothing behind: an archive whose mapping is still there is only to be written again. */
  async function read(id: string, state: JsonObject, context: Context): Promise<ReadOutcome | undefined> {
    const args = await requireArgs(state);
    await isElsewhere(state, false, context);
    const { files } = await context.ports();
    const endings = ["", ...Object.keys(recordedFiles(state).beside)];
    const found = await Promise.all(endings.map((ending) => files.stat(`${pathOf(args)}${ending}`)));
    if (args.onMissing === "export" && found.every((facts) => facts === undefined)) return undefined;
    const content = recordedContent(state);
    return {
      id,
      outputs: state,
      inputs: { ...mirrored(state), ...(content === undefined ? {} : { content }) },
    };
  }

  async function remove(state: JsonObject, context: Context): Promise<void> {
    const args = await requireArgs(state);
    await isElsewhere(state, false, context);
    if (args.onDestroy === "keep") return;
    const { files } = await context.ports();
    const { archive, beside } = recordedFiles(state);
    const order = {
      urn: context.urn,
      args,
      path: pathOf(args),
      expected: { "": archive, ...beside },
      owners,
    };
    await executeRemoval(files, order, context);
  }

  return {
    computedKey: "content",
    parse,
    defaults: () => ({}),
    summarise: summariseArchive,
    deadline: (verb, { timeouts }) => deadlineMs(verb, timeouts, defaultSeconds),
    knownPart: (inputs, unknown) => withoutDeciding(inputs, unknown, ["timeouts", "onDestroy"]),
    check,
    diff,
    create: (request, context) => execute(request, context, undefined),
    update: (_id, state, request, context) => execute(request, context, state),
    read,
    delete: (_id, state, context) => remove(state, context),
  };
}

/** @throws ImageError OTHER_CLUSTER, unless the program itself names another one */
async function isElsewhere(state: JsonObject, isWanted: boolean, context: Context): Promise<boolean> {
  const reached = async () => (await (await context.ports()).streams(context)).cluster;
  return await isOtherCluster(recordedCluster(state), reached, { isWanted, signal: context.signal });
}
