import type { FileClaims } from "../../support/files/claims.js";
import { nameInUrn } from "../../support/text/spelling.js";
import type { ArchiveArgs } from "../args/parsed.js";
import { besideOf } from "./sidecars.js";

/**
 * Why an archive cannot be at its path: another resource of the program reads an approved plan there, or writes there too.
 * Undefined when none does. In `up` the files themselves show the second.
 */
export function sharedPath(
  claims: FileClaims,
  { urn, phase }: { readonly urn: string; readonly phase: "preview" | "up" },
  path: string,
  args: Pick<ArchiveArgs, "path" | "manifest">,
): string | undefined {
  for (const ending of ["", ...besideOf(args)]) {
    const reader = claims.readerOf(urn, `${path}${ending}`);
    if (reader !== undefined) {
      return `path: ${args.path}${ending} is the approvedPlan of the resource "${nameInUrn(reader)}" of this program. Choose another path [ARCHIVE_PATH]`;
    }
    const other = claims.claim(urn, `${path}${ending}`);
    if (other === undefined || phase === "up") continue;
    return `path: ${args.path}${ending} is also written by the resource "${nameInUrn(other)}" of this program. Choose another path for one of them [ARCHIVE_PATH]`;
  }
  return undefined;
}
