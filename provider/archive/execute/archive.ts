import type { RequestOptions } from "../../okd/requestOptions.js";
import { ImageError } from "../../support/imageError.js";
import type { ArchiveArgs } from "../args/parsed.js";
import { checkFiles } from "../check/fileDrift.js";
import { findBeside } from "../check/foundFiles.js";
import type { ArchiveFiles } from "../filePorts.js";
import type { FileOwners } from "../memory.js";
import type { ArchiveContent } from "../outputs.js";
import { isSameImage } from "../plan/content.js";
import type { SourceImage } from "../plan/resolvedImage.js";
import { type BesideEnding, besideOf } from "../plan/sidecars.js";
import type { ArchivePorts } from "../ports.js";
import type { RecordedFile, RecordedFiles } from "../state.js";
import { executeExport } from "./export.js";
import { executeArchiveRemoval, type RemovalLog } from "./removal.js";
import { type BesideOrder, checkBeside, writeBeside } from "./sidecars.js";

export interface ArchiveOrder {
  readonly urn: string;
  readonly args: ArchiveArgs;
  /** Absolute. */
  readonly path: string;
  /** What is to be done, as the preview has shown it. */
  readonly content: ArchiveContent;
  /** The content is the last run's (`ignoreChanges`): as if its action were `keep`. */
  readonly isContentKept: boolean;
  /** What the last run has left at this path; undefined for a new resource. */
  readonly recorded: RecordedFiles | undefined;
  /** Asks the sources, unless this process has done so: only an export needs to know where images come from. */
  readonly resolveImages: () => Promise<readonly SourceImage[]>;
  readonly owners: FileOwners;
}

export interface ArchiveOptions extends RequestOptions {
  readonly log: RemovalLog & { readonly progress: (message: string) => void };
}

/**
 * Carries out what the content says: exports the archive, takes it over, or keeps it and repairs its sidecar files.
 * @throws ImageError ARCHIVE_MOVED when a source has another image by now; those of sources and files
 */
export async function executeArchive(
  ports: ArchivePorts,
  order: ArchiveOrder,
  options: ArchiveOptions,
): Promise<RecordedFiles> {
  const { args, path, content, recorded } = order;
  if (recorded === undefined) {
    // Its predecessor may have removed the file since the check (`deleteBeforeReplace`).
    const isThere = content.action === "adopt" && (await ports.files.stat(path)) !== undefined;
    return isThere ? await adopt(ports.files, order, options) : await writeAll(ports, order, options);
  }
  if (content.action !== "keep" && !order.isContentKept) return await writeAll(ports, order, options);
  const drift = await checkFiles(ports.files, { args, path, recorded }, options);
  const stale = drift.map(({ ending }) => ending);
  return stale.every((ending) => ending !== "")
    ? await keep(ports.files, { ...order, recorded }, stale, options)
    : await writeAll(ports, order, options);
}

/** A fresh time is our claim: the resource that wrote the file before then sees that it has changed. */
async function adopt(
  files: ArchiveFiles,
  order: ArchiveOrder,
  options: ArchiveOptions,
): Promise<RecordedFiles> {
  const { args, path } = order;
  if ((await findBeside(files, path, besideOf(args))).length > 0) {
    await checkBeside(files, besideOrder(order, await files.hash(path, options)), options);
  }
  const archive = await files.claim(path, options);
  const beside = await writeBeside(files, besideOrder(order, archive.sha256), besideOf(args), options);
  options.log.info(`took over ${args.path}, which holds these images already`);
  return { archive, beside };
}

async function writeAll(
  ports: ArchivePorts,
  order: ArchiveOrder,
  options: ArchiveOptions,
): Promise<RecordedFiles> {
  const { args, path, recorded } = order;
  const { log, signal } = options;
  const images = await order.resolveImages();
  requirePlanned(images, order.content);
  const isFirst = recorded === undefined && order.content.action !== "rewrite";
  const mustBeNew = isFirst && !args.overwriteUnmanaged;
  const exported = { args, path, images, mustBeNew };
  const archive = await executeExport(ports, exported, { signal, progress: log.progress });
  log.info(`wrote ${args.path}, sha256 ${archive.sha256}`);
  const beside = await writeBeside(ports.files, besideOrder(order, archive.sha256), besideOf(args), options);
  await removeUnwanted(ports.files, order, recorded?.beside ?? {}, options);
  return { archive, beside };
}

/** The archive holds what it held, so it is ours whatever its times are now. */
async function keep(
  files: ArchiveFiles,
  order: ArchiveOrder & { readonly recorded: RecordedFiles },
  stale: readonly BesideEnding[],
  options: ArchiveOptions,
): Promise<RecordedFiles> {
  const { args, path, recorded } = order;
  const archive = await keepFile(files, path, recorded.archive, args);
  const beside: Record<string, RecordedFile> = {};
  for (const ending of besideOf(args)) {
    const before = recorded.beside[ending];
    if (before === undefined || stale.includes(ending)) continue;
    beside[ending] = await keepFile(files, `${path}${ending}`, before, args);
  }
  const written = await writeBeside(files, besideOrder(order, archive.sha256), stale, options);
  if (stale.length > 0)
    options.log.info(`wrote ${stale.map((ending) => `${args.path}${ending}`).join(", ")}`);
  await removeUnwanted(files, order, recorded.beside, options);
  return { archive, beside: { ...beside, ...written } };
}

async function keepFile(
  files: ArchiveFiles,
  path: string,
  before: RecordedFile,
  { fileMode }: ArchiveArgs,
): Promise<RecordedFile> {
  await files.changeMode(path, fileMode);
  return { ...before, ...(await files.stat(path)) };
}

/** Sidecar files of an earlier run that are no longer asked for. */
async function removeUnwanted(
  files: ArchiveFiles,
  order: ArchiveOrder,
  beside: RecordedFiles["beside"],
  options: ArchiveOptions,
): Promise<void> {
  const wanted: readonly string[] = besideOf(order.args);
  const expected = Object.entries(beside).filter(([ending]) => !wanted.includes(ending));
  await executeArchiveRemoval(files, { ...order, expected: Object.fromEntries(expected) }, options);
}

function besideOrder({ args, path, content }: ArchiveOrder, sha256: string): BesideOrder {
  return { args, path, images: content.images, sha256 };
}

/** The preview has promised these images. */
function requirePlanned(images: readonly SourceImage[], content: ArchiveContent): void {
  for (const image of images) {
    const planned = content.images[image.key];
    if (planned !== undefined && isSameImage(planned, image.content)) continue;
    throw new ImageError(
      "ARCHIVE_MOVED",
      `${image.key} has moved since it was looked at. Nothing was written; run pulumi up again`,
    );
  }
}
