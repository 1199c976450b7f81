import type { FileClaims } from "../support/fileClaims.js";
import type { ArchiveArgs } from "./archiveArgs.js";
import { besideOf } from "./archiveManifest.js";

/** Why an archive cannot be at its path: another resource of the program writes there too. Undefined when none does. */
export function sharedPath(
  claims: FileClaims,
  urn: string,
  path: string,
  args: Pick<ArchiveArgs, "path" | "manifest">,
): string | undefined {
  for (const ending of ["", ...besideOf(args)]) {
    const other = claims.claim(urn, `${path}${ending}`);
    if (other === undefined) continue;
    const name = other.split("::").at(-1) ?? other;
    return `path: ${args.path}${ending} is also written by the resource "${name}" of this program. Choose another path for one of them [ARCHIVE_PATH]`;
  }
  return undefined;
}
