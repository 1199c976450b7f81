import { randomBytes } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BlobSource, SpooledArchive } from "../../archive/filePorts.js";
import type { Descriptor } from "../../oci/content.js";
import { createVerifier } from "../../oci/verify.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { abortReason } from "../../support/async/abortable.js";
import { passOn } from "../../support/chunkMemory.js";
import { ImageError } from "../../support/imageError.js";
import { quoted } from "../../support/text/visible.js";
import { type ChunkFile, writeChunks } from "../file/chunkWriter.js";
import { fileError } from "../file/errors.js";
import { cleanUpAtEnd } from "../file/leftovers.js";
import { fileFacts } from "../file/target.js";
import { TarFormatError } from "../tar/header.js";
import type { TarEntry } from "../tar/parser.js";
import { type ReadableFile, readAt } from "../tar/walk.js";
import { readTrees } from "./trees.js";

const chunkSize = 1024 * 1024;

/**
 * Writes an engine's archive to a file in the folder, or in the nearest existing folder above. Where the system allows it,
 * the file has no name, so that it vanishes however this process ends.
 * @throws ImageError ARCHIVE_BROKEN: it holds no image, or is no whole archive; ARCHIVE_*: the file system's refusals
 */
export async function spoolArchive(
  content: AsyncIterable<Uint8Array>,
  folder: string,
  options: RequestOptions,
): Promise<SpooledArchive> {
  const path = join(await nearestFolder(folder), `.images-${randomBytes(8).toString("hex")}.spool`);
  const spool = await openNameless(path);
  const { file } = spool;
  try {
    const { signal } = options;
    const explainedFile: ChunkFile = {
      writev: (chunks) => explained(file.writev(chunks), path),
      datasync: () => file.datasync(),
    };
    await writeChunks(explainedFile, content, { signal });
    const { trees, blobs } = await readTrees(file, options);
    if (trees.length === 0) throw new TarFormatError("there is no whole image in it");
    const source = sourceIn(file, blobs);
    return {
      images: trees.map((tree) => ({ names: [], found: { tree, blobs: source } })),
      close: () => spool.close(),
    };
  } catch (error) {
    await spool.close();
    if (!(error instanceof TarFormatError)) throw error;
    throw new ImageError(
      "ARCHIVE_BROKEN",
      `What the engine exported cannot be used: ${error.message}. Nothing was replaced; run again`,
      { cause: error },
    );
  }
}

async function nearestFolder(folder: string): Promise<string> {
  let nearest = folder;
  while ((await explained(fileFacts(nearest), nearest)) === undefined && dirname(nearest) !== nearest) {
    nearest = dirname(nearest);
  }
  return nearest;
}

async function openNameless(path: string): Promise<{ readonly file: FileHandle; close(): Promise<void> }> {
  const file = await explained(open(path, "wx+", 0o600), path);
  const forget = cleanUpAtEnd(path);
  // Windows cannot unlink an open file; there the second attempt, after closing, succeeds.
  const unlink = () =>
    rm(path, { force: true }).then(
      () => void forget(),
      () => undefined,
    );
  await unlink();
  const close = async () => {
    await file.close();
    await unlink();
  };
  return { file, close };
}

function sourceIn(file: ReadableFile, blobs: ReadonlyMap<string, TarEntry>): BlobSource {
  return {
    async *read({ digest }: Descriptor, { signal }: RequestOptions) {
      const entry = blobs.get(digest);
      if (entry === undefined) throw new RangeError(`The spooled archive has no blob ${digest}`);
      const verifier = createVerifier(digest);
      for (let at = 0; at < entry.size; at += chunkSize) {
        if (signal.aborted) throw abortReason(signal);
        const chunk = await readAt(file, entry.offset + at, Math.min(chunkSize, entry.size - at));
        verifier.update(chunk);
        yield passOn(chunk);
      }
      if (verifier.otherDigest() === undefined) return;
      throw new ImageError(
        "ARCHIVE_BROKEN",
        `The engine exported ${quoted(entry.name)} with other content than its digest ${digest} says. Nothing was replaced; pull or build the image again`,
      );
    },
  };
}

async function explained<Result>(work: Promise<Result>, path: string): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw fileError(error, "Putting the engine's export aside in", path);
  }
}
