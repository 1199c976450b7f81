import type { RequestOptions } from "../../okd/requestOptions.js";
import type { ArchiveArgs } from "../args/parsed.js";
import type { ArchiveFiles } from "../filePorts.js";
import { type ArchivePlan, planArchive, type RecordedArchive, refusedPath } from "../plan/decide.js";
import type { SourceImage } from "../plan/resolvedImage.js";
import { besideOf } from "../plan/sidecars.js";
import { findBeside, findFile } from "./foundFiles.js";

export interface ContentRequest {
  readonly args: ArchiveArgs;
  /** Absolute. */
  readonly path: string;
  readonly images: readonly SourceImage[];
  /** Undefined for a new resource, and for another path. */
  readonly recorded: RecordedArchive | undefined;
}

/** Looks at the path and decides what to do so that the file there holds these images. */
export async function checkContent(
  files: ArchiveFiles,
  { args, path, images, recorded }: ContentRequest,
  options: RequestOptions,
): Promise<ArchivePlan> {
  const obstacle = await files.obstacle(path, { makesFolders: args.createDirectories });
  if (recorded === undefined && obstacle?.kind === "refused") return refusedPath(args.path, obstacle.why);
  const wanted = recorded === undefined ? { ...args, images } : undefined;
  const unowned = recorded?.args.manifest === true ? [] : besideOf(args);
  const facts = {
    images: Object.fromEntries(images.map(({ key, content }) => [key, content])),
    size: sumOf(images.map(({ content }) => content.size)),
    file: await findFile(files, path, wanted, options),
    beside: await findBeside(files, path, unowned),
    recorded,
  };
  const plan = planArchive(facts, args);
  const isWritten = plan.kind === "planned" && ["write", "rewrite"].includes(plan.content.action);
  if (!isWritten || obstacle === undefined) return plan;
  if (obstacle.kind === "refused") return refusedPath(args.path, obstacle.why);
  const warning = `the folder of ${args.path} does not exist: unless the program makes it, set createDirectories: true`;
  return { ...plan, warning };
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
