import { dirname } from "node:path";
import type { ArchiveArgs } from "./archiveArgs.js";
import { besideOf } from "./archiveManifest.js";
import type { ArchiveContent } from "./content.js";
import { findBeside, findFile } from "./findFile.js";
import { type ArchivePlan, planArchive, type RecordedArchive } from "./planArchive.js";
import type { ArchiveFiles, RequestOptions } from "./ports.js";
import type { ResolvedImage } from "./resolvedImage.js";

export interface ContentRequest {
  readonly args: ArchiveArgs;
  /** Absolute. */
  readonly path: string;
  readonly images: readonly ResolvedImage[];
  /** Undefined for a new resource, and for another path. */
  readonly recorded: RecordedArchive | undefined;
}

/** Looks at the path, and says what is to happen to the file there so that it holds these images. */
export async function checkContent(
  files: ArchiveFiles,
  { args, path, images, recorded }: ContentRequest,
  options: RequestOptions,
): Promise<ArchivePlan> {
  const wanted = recorded === undefined ? { ...args, images } : undefined;
  const unowned = recorded?.args.manifest === true ? [] : besideOf(args);
  const facts = {
    images: Object.fromEntries(images.map(({ key, content }) => [key, content])),
    size: sumOf(images.map(({ content }) => content.size)),
    file: await findFile(files, path, wanted, options),
    beside: await findBeside(files, path, unowned),
    recorded,
  };
  return planArchive(facts, args);
}

/** What an update would refuse, unless the program makes the folder before. */
export async function describeMissingFolder(
  files: ArchiveFiles,
  { args, path }: Pick<ContentRequest, "args" | "path">,
  { action }: ArchiveContent,
): Promise<string | undefined> {
  const isWritten = action === "write" || action === "rewrite";
  if (!isWritten || args.createDirectories || (await files.stat(dirname(path))) !== undefined)
    return undefined;
  return `the folder of ${args.path} does not exist: unless the program makes it, set createDirectories: true`;
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
