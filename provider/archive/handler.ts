import { createHash } from "node:crypto";
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
} from "../lifecycle/handler.js";
import type { Json, JsonObject } from "../lifecycle/wire.js";
import { deadlineMs } from "../support/deadline.js";
import { ImageError } from "../support/imageError.js";
import type { Parsed } from "../support/parsed.js";
import type { ArchiveArgs } from "./archiveArgs.js";
import {
  archiveOutputs,
  isUntouched,
  mirrored,
  recorded,
  recordedAll,
  recordedBeside,
  recordedContent,
  recordedFile,
  recordedImages,
} from "./archiveState.js";
import { besideEndings } from "./archiveManifest.js";
import { type ArchiveContent, isSameImage } from "./content.js";
import { executeAdoption, executeExport } from "./executeExport.js";
import { findBeside, findFile } from "./findFile.js";
import { planArchive, type RecordedArchive } from "./planArchive.js";
import type { FileFacts } from "./ports.js";
import { isUnavailable, resolveContent, type ResolvedImage } from "./resolveContent.js";
import type { ArchivePorts } from "./sourcePorts.js";

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
}

/** The engine's verbs for ImageArchive. */
export function createArchiveHandler({
  baseFolder,
}: ArchiveHandlerOptions): ResourceHandler<ArchiveArgs, ArchivePorts> {
  /** What the check of this process has found, by URN: create and update need more than the content tells. */
  const resolved = new Map<string, readonly ResolvedImage[]>();
  /**
   * What the last run has declared, by URN: the second check of a replacement is not told. (With --replace, and of a
   * tainted resource, neither is: there the file can only be adopted.)
   */
  const declared = new Map<string, DeclaredArchive>();
  const pathOf = ({ path }: Pick<ArchiveArgs, "path">) => resolve(baseFolder, path);

  async function check(request: CheckRequest<ArchiveArgs>, context: Context): Promise<CheckOutcome> {
    const { args, phase, oldInputs } = request;
    const ports = await context.ports();
    const before = await archiveBefore(request, context.urn);
    const known = recordedImages(oldInputs);
    let images: readonly ResolvedImage[];
    try {
      images = await resolveContent(ports, { args, known, isPreview: phase === "preview" }, context);
    } catch (error) {
      const isSame = before !== undefined && isDeepStrictEqual(before.args, args);
      return unavailable(error, request, isSame, context);
    }
    resolved.set(context.urn, images);
    const contents = Object.fromEntries(images.map(({ key, content }) => [key, content]));
    const foreign = args.manifest && before?.args.manifest !== true ? besideEndings : [];
    const wanted = before === undefined ? { images, format: args.format } : undefined;
    const plan = planArchive(
      {
        images: contents,
        size: sumOf(images.map(({ content }) => content.size)),
        file: await findFile(ports.files, pathOf(args), wanted, context),
        beside: await findBeside(ports.files, pathOf(args), foreign),
        recorded: before,
      },
      args,
    );
    switch (plan.kind) {
      case "refused":
        return { kind: "failed", reasons: [plan.reason] };
      case "planned":
        return { kind: "resolved", defaults: {}, computed: plan.content as unknown as Json };
    }
  }

  /** The archive that this resource, or the one that it replaces, has at this path. */
  async function archiveBefore(
    { args, oldInputs }: CheckRequest<ArchiveArgs>,
    urn: string,
  ): Promise<RecordedArchive | undefined> {
    const isNew = Object.keys(oldInputs).length === 0;
    const before = isNew ? declared.get(urn) : await recordedArchive(oldInputs);
    if (before?.args.path !== args.path) return undefined;
    declared.set(urn, before);
    return { ...before, isReplaced: isNew };
  }

  /** A source that cannot be asked changes nothing about an archive that is there already and is to stay the same. */
  function unavailable(
    error: unknown,
    { phase, oldInputs }: CheckRequest<ArchiveArgs>,
    isSame: boolean,
    { log }: Context,
  ): CheckOutcome {
    if (!isUnavailable(error)) throw error as Error;
    const content = recordedContent(oldInputs);
    if (isSame && content !== undefined) {
      log.warn(`${error.message}. The archive is taken to be up to date`);
      const kept = { ...content, action: "keep", reason: "its source cannot be asked" } as const;
      return { kind: "resolved", defaults: {}, computed: kept as unknown as Json };
    }
    if (phase === "preview") return { kind: "pending", defaults: {}, reason: error.message };
    throw error;
  }

  async function diff(
    state: JsonObject,
    { inputs, computedIsKept }: DiffRequest,
    context: Context,
  ): Promise<DiffOutcome> {
    if (state.path !== inputs.path) return { kind: "inputs", replaces: ["path"] };
    if (!isDeepStrictEqual(mirrored(inputs), mirrored(state))) return { kind: "inputs", replaces: [] };
    const [before, now] = [recordedContent(state), recordedContent(inputs)];
    if (computedIsKept || now === undefined) return { kind: "same" };
    if (before === undefined || !sameImages(before, now)) return { kind: "inputs", replaces: [] };
    const args = await requireArgs(inputs);
    const found = await (await context.ports()).files.stat(pathOf(args));
    const problem = await describeDrift(state, args, found, context);
    if (problem === undefined) return { kind: "same" };
    context.log.warn(`${args.path} ${problem}; it will be written again`);
    return { kind: "drift" };
  }

  /** What has become of the file since it was written; undefined when nothing has. */
  async function describeDrift(
    state: JsonObject,
    args: ArchiveArgs,
    found: FileFacts | undefined,
    context: Context,
  ): Promise<string | undefined> {
    const file = recordedFile(state);
    if (found === undefined) return args.onMissing === "ignore" ? undefined : "is gone";
    if (found.kind !== "file") return `is a ${found.kind} now`;
    if (found.size !== file.size) return "was changed outside of Pulumi";
    if (isUntouched(file, found) && args.verify === "stat") return undefined;
    const { files } = await context.ports();
    const sha256 = await files.hash(pathOf(args), context);
    return sha256 === file.sha256 ? undefined : "was changed outside of Pulumi";
  }

  async function execute(
    { inputs, computedIsKept }: ExecuteRequest,
    context: Context,
    state: JsonObject | undefined,
  ): Promise<Executed> {
    const args = await requireArgs(inputs);
    const content = requireContent(inputs);
    const ports = await context.ports();
    const { files } = ports;
    const path = pathOf(args);
    const id = `image-archive/${createHash("sha256").update(args.path).digest("hex").slice(0, 16)}`;
    const outputs = (file: ReturnType<typeof recordedFile>, beside: ReturnType<typeof recordedBeside>) =>
      archiveOutputs({ inputs, content, file, beside, format: args.format });
    if (state === undefined && content.action === "adopt") {
      const images = await recall(args, content, context);
      const adopted = await executeAdoption(ports, { args, path, images }, context);
      context.log.info(`took over ${args.path}, which holds these images already`);
      return { id, outputs: outputs(recorded(adopted.file), recordedAll(adopted.beside)), failures: [] };
    }
    const isKept = state !== undefined && (computedIsKept || content.action === "keep");
    if (isKept && (await describeDrift(state, args, await files.stat(path), context)) === undefined) {
      await files.changeMode(path, args.fileMode);
      // It holds what was written, so it is ours again whatever has become of its times.
      const now = { ...recordedFile(state), ...(await files.stat(path)) };
      return { id, outputs: outputs(recorded(now), recordedBeside(state)), failures: [] };
    }
    const images = await recall(args, content, context);
    const written = await executeExport(
      ports,
      { args, path, images },
      { signal: context.signal, progress: context.log.progress },
    );
    context.log.info(`wrote ${args.path}, sha256 ${written.file.sha256}`);
    const beside = recordedAll(written.beside);
    for (const [ending, file] of Object.entries(recordedBeside(state ?? {}))) {
      if (beside[ending] === undefined) await files.remove(`${path}${ending}`, file);
    }
    return { id, outputs: outputs(recorded(written.file), beside), failures: [] };
  }

  /** What the check has found, or finds again in another process; it must be the same. */
  async function recall(
    args: ArchiveArgs,
    content: ArchiveContent,
    context: Context,
  ): Promise<readonly ResolvedImage[]> {
    const known = resolved.get(context.urn);
    const images =
      known ??
      (await resolveContent(
        await context.ports(),
        { args, known: content.images, isPreview: false },
        context,
      ));
    for (const image of images) {
      const planned = content.images[image.key];
      if (planned !== undefined && isSameImage(planned, image.content)) continue;
      throw new ImageError(
        "ARCHIVE_MOVED",
        `${image.key} has moved since it was looked at. Nothing was written; run pulumi up again`,
      );
    }
    return images;
  }

  async function read(id: string, state: JsonObject, context: Context): Promise<ReadOutcome | undefined> {
    const args = await requireArgs(state);
    const { files } = await context.ports();
    const found = await files.stat(pathOf(args));
    if (found === undefined && args.onMissing === "export") return undefined;
    const content = recordedContent(state);
    return {
      id,
      outputs: state,
      inputs: { ...mirrored(state), ...(content === undefined ? {} : { content }) },
    };
  }

  async function remove(state: JsonObject, context: Context): Promise<void> {
    const args = await requireArgs(state);
    if (args.onDestroy === "keep") return;
    const { files } = await context.ports();
    const path = pathOf(args);
    const result = await files.remove(path, recordedFile(state));
    if (result === "changed") {
      context.log.warn(`${args.path} stays: it is not the file any more that this resource has written`);
      return;
    }
    for (const [ending, file] of Object.entries(recordedBeside(state))) {
      await files.remove(`${path}${ending}`, file);
    }
  }

  return {
    computedKey: "content",
    parse,
    defaults: () => ({}),
    deadline: (verb, { timeouts }) => deadlineMs(verb, timeouts, defaultSeconds),
    check,
    diff,
    create: (request, context) => execute(request, context, undefined),
    update: (_id, state, request, context) => execute(request, context, state),
    read,
    delete: (_id, state, context) => remove(state, context),
  };
}

interface DeclaredArchive {
  readonly images: ArchiveContent["images"];
  readonly args: ArchiveArgs;
}

/** What the last run has declared and written. */
async function recordedArchive(oldInputs: JsonObject): Promise<DeclaredArchive | undefined> {
  const content = recordedContent(oldInputs);
  const parsed = await parse(mirrored(oldInputs) as JsonObject);
  return content === undefined || !parsed.ok ? undefined : { images: content.images, args: parsed.args };
}

function sameImages({ images: a }: ArchiveContent, { images: b, action }: ArchiveContent): boolean {
  if (action !== "keep" && action !== "adopt") return false;
  const keys = Object.keys(b);
  if (keys.length !== Object.keys(a).length) return false;
  return keys.every((key) => {
    const [before, now] = [a[key], b[key]];
    return before !== undefined && now !== undefined && isSameImage(before, now);
  });
}

async function parse(inputs: JsonObject): Promise<Parsed<ArchiveArgs>> {
  const { parseArgs } = await import("./args.js");
  return parseArgs(inputs);
}

async function requireArgs(inputs: JsonObject): Promise<ArchiveArgs> {
  const parsed = await parse(mirrored(inputs) as JsonObject);
  if (!parsed.ok) throw new Error("the checked inputs are not valid arguments");
  return parsed.args;
}

function requireContent(inputs: JsonObject): ArchiveContent {
  const content = recordedContent(inputs);
  if (content === undefined) throw new Error("the checked inputs hold no content");
  return content;
}

/** Undefined when one of them is not known. */
function sumOf(sizes: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const size of sizes) {
    if (size === undefined) return undefined;
    sum += size;
  }
  return sum;
}
