import type { ArchiveIdentity, FoundArchive } from "../../archive/filePorts.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { expansionLimit } from "../tar/decompression.js";
import { TarFormatError } from "../tar/header.js";
import { checkBlobs } from "./checkBlobs.js";
import { readArchive, tarIn } from "./contents.js";
import { expectedBlobs } from "./expectedBlobs.js";
import { type ArchiveContents, identityOf } from "./identity.js";

/**
 * Which images the file at the path holds, whoever wrote it.
 * @throws what the file system says
 */
export async function readArchiveIdentity(path: string, options: RequestOptions): Promise<FoundArchive> {
  try {
    const { contents, compression } = await readArchive(path, options);
    return { kind: "archive", identity: requireIdentity(contents), compression };
  } catch (error) {
    return { kind: "none", why: mistakeOf(error) };
  }
}

/**
 * Reads every byte of the file at the path. Answers which blob is not what it should be, or why it is no archive at all;
 * undefined when all is right.
 * @param known - digests of manifests and indexes whose layers are right when they have their digests
 * @throws what the file system says
 */
export async function findDamage(
  path: string,
  known: readonly string[],
  options: RequestOptions,
): Promise<string | undefined> {
  try {
    const { contents, compression, size } = await readArchive(path, options);
    const limited = { ...options, limit: expansionLimit(size) };
    const blobs = expectedBlobs(contents, requireIdentity(contents), new Set(known));
    await checkBlobs(tarIn(path, compression, limited), blobs, limited);
    return undefined;
  } catch (error) {
    return mistakeOf(error);
  }
}

function requireIdentity(contents: ArchiveContents): ArchiveIdentity {
  const { identity } = identityOf(contents);
  if (identity === undefined) throw new TarFormatError("there is no whole image in it");
  return identity;
}

/** What is wrong with the archive; rethrows every other error. */
function mistakeOf(error: unknown): string {
  if (error instanceof TarFormatError) return error.message;
  throw error;
}
