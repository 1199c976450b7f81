import type { RequestOptions } from "../../okd/requestOptions.js";
import type { ArchiveArgs } from "../args/parsed.js";
import type { ArchiveFiles } from "../filePorts.js";
import type { BesideFile, FoundFile } from "../plan/decide.js";
import { archiveDifference, digestsOf, type WantedArchive } from "../plan/difference.js";

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
