import { posix } from "node:path";
import type { TarEntry } from "./tarParser.js";

/** The members of a tar by name; of several with one name the last, as everywhere. */
export type ArchiveMembers = ReadonlyMap<string, TarEntry>;

/** The file of this name. Follows a link within the archive: Docker before 25 links equal layers. */
export function fileAt(name: string, members: ArchiveMembers): TarEntry | undefined {
  const entry = members.get(name);
  if (entry?.kind === "file") return entry;
  if (entry?.kind !== "symlink" && entry?.kind !== "link") return undefined;
  const base = entry.kind === "symlink" ? posix.dirname(name) : ".";
  const target = members.get(posix.join(base, entry.target));
  return target?.kind === "file" ? target : undefined;
}
