import type { RequestOptions } from "../../okd/requestOptions.js";
import type { ArchiveArgs } from "../args/archive.js";
import type { ArchiveFiles } from "../filePorts.js";
import type { BesideFile, FoundFile } from "../plan/decide.js";
import { archiveDifference, digestsOf, type WantedArchive } from "../plan/difference.js";
import { type BesideEnding, besideOf } from "../plan/sidecars.js";
import { isUntouched, type RecordedFile, type RecordedFiles } from "../state.js";

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

/** What stands at a path. `wanted` undefined: its images do not matter, because the file is ours. */
export async function findFile(
  files: ArchiveFiles,
  path: string,
  wanted: (WantedArchive & Pick<ArchiveArgs, "verify">) | undefined,
  options: RequestOptions,
): Promise<FoundFile> {
  const found = await files.stat(path);
  if (found === undefined) return { kind: "nothing" };
  if (found.kind !== "file") return { kind: "no-file", what: found.kind };
  if (wanted === undefined) return { kind: "other-file" };
  const archive = await files.identify(path, options);
  if (archive.kind === "none") {
    return { kind: "other-file", why: `it is no whole archive of images: ${archive.why}` };
  }
  const difference = archiveDifference(archive, wanted);
  if (difference !== undefined) return { kind: "other-file", why: difference };
  if (wanted.verify === "stat") return { kind: "right-archive" };
  const damage = await files.findDamage(path, wanted.images.flatMap(digestsOf), options);
  if (damage !== undefined) return { kind: "other-file", why: `it is damaged: ${damage}` };
  return { kind: "right-archive" };
}

/** The files that exist at the path with each of these endings. */
export async function findBeside(
  files: ArchiveFiles,
  path: string,
  endings: readonly string[],
): Promise<readonly BesideFile[]> {
  const found = await Promise.all(endings.map((ending) => files.stat(`${path}${ending}`)));
  return endings.flatMap((ending, index) => {
    const facts = found[index];
    return facts === undefined ? [] : [{ ending, kind: facts.kind }];
  });
}
