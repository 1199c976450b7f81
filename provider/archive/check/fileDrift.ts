import type { RequestOptions } from "../../okd/requestOptions.js";
import { isUntouched } from "../../support/files/untouched.js";
import type { ArchiveArgs } from "../args/parsed.js";
import type { ArchiveFiles } from "../filePorts.js";
import { type BesideEnding, besideOf } from "../plan/sidecars.js";
import type { RecordedFile, RecordedFiles } from "../state.js";

/** A file of an archive that is not as the last run wrote it. */
export interface FileDrift {
  /** What its path ends in beyond the archive's; empty for the archive itself. */
  readonly ending: "" | BesideEnding;
  /** Continues the file's name: `is gone`. */
  readonly problem: string;
}

export interface FilesRequest {
  readonly args: ArchiveArgs;
  /** Absolute. */
  readonly path: string;
  readonly recorded: RecordedFiles;
}

/** What has changed about the archive and its sidecar files since they were written. */
export async function checkFiles(
  files: ArchiveFiles,
  { args, path, recorded }: FilesRequest,
  options: RequestOptions,
): Promise<readonly FileDrift[]> {
  const drift: FileDrift[] = [];
  for (const ending of ["", ...besideOf(args)] as const) {
    const before = ending === "" ? recorded.archive : recorded.beside[ending];
    const problem =
      before === undefined
        ? "is not there yet"
        : await problemOf(files, `${path}${ending}`, before, args, options);
    if (problem !== undefined) drift.push({ ending, problem });
  }
  return drift;
}

async function problemOf(
  files: ArchiveFiles,
  path: string,
  before: RecordedFile,
  { onMissing, verify }: ArchiveArgs,
  options: RequestOptions,
): Promise<string | undefined> {
  const found = await files.stat(path);
  if (found === undefined) return onMissing === "ignore" ? undefined : "is gone";
  if (found.kind !== "file") return `is a ${found.kind} now`;
  const changed = "was changed outside of Pulumi";
  if (found.size !== before.size) return changed;
  if (isUntouched(before, found) && verify === "stat") return undefined;
  return (await files.hash(path, options)) === before.sha256 ? undefined : changed;
}
