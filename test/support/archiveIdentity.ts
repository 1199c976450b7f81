import type { ArchiveIdentity } from "../../provider/archive/filePorts.js";
import { readArchiveIdentity } from "../../provider/tarball/read/archiveIdentity.js";

/** Which images the file at the path holds; undefined when it is no whole archive. */
export async function archiveIdentity(path: string): Promise<ArchiveIdentity | undefined> {
  const found = await readArchiveIdentity(path, { signal: new AbortController().signal });
  return found.kind === "archive" ? found.identity : undefined;
}
