import { createReadStream, type ReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { ArchiveIdentity, RequestOptions } from "../archive/ports.js";
import { createDocumentReader, createDocuments, tables } from "./documentReader.js";
import { identityOf } from "./identity.js";
import { createTarFeed } from "./tarFeed.js";
import { TarFormatError } from "./tarHeader.js";
import { parseTar } from "./tarParser.js";
import { type ReadableFile, readMember, walkTar } from "./tarWalk.js";

type Decompressor = ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>;

/**
 * Which images the file at the path holds; undefined when it is no image archive, or not a whole one. An uncompressed one
 * costs a few reads however big it is. A compressed one is read from its start until its images are known: that is soon
 * where its tables come first, as in ours, and then what comes after them is not looked at.
 * @throws what the file system says
 */
export async function readArchiveIdentity(
  path: string,
  options: RequestOptions,
): Promise<ArchiveIdentity | undefined> {
  const file = await open(path, "r");
  try {
    const decompressor = await decompressorFor(file);
    if (decompressor === undefined) return await identifyTar(file, options);
    const source = createReadStream(path);
    return await identifyStream(source, decompressor, options);
  } catch (error) {
    if (error instanceof TarFormatError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}

async function decompressorFor(file: FileHandle): Promise<Decompressor | undefined> {
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
  const magic = buffer.toString("hex");
  if (magic.startsWith("1f8b")) return createGunzip();
  return magic === "28b52ffd" ? createZstdDecompress() : undefined;
}

async function identifyTar(
  file: ReadableFile,
  options: RequestOptions,
): Promise<ArchiveIdentity | undefined> {
  const members = await walkTar(file, options);
  const documents = createDocuments();
  let names: readonly string[] = tables;
  for (;;) {
    for (const name of names) {
      const entry = members.get(name);
      if (entry?.kind === "file") documents.add(name, await readMember(file, entry));
    }
    const { identity, wanted } = identityOf({
      documents: documents.all,
      has: (name) => members.has(name),
    });
    if (!wanted.some((name) => members.get(name)?.kind === "file")) return identity;
    names = wanted;
  }
}

async function identifyStream(
  source: ReadStream,
  decompressor: Decompressor,
  { signal }: RequestOptions,
): Promise<ArchiveIdentity | undefined> {
  const reader = createDocumentReader();
  const feed = createTarFeed(parseTar(reader));
  let sourceError: Error | undefined;
  source.once("error", (error) => {
    sourceError = error;
    decompressor.destroy(error);
  });
  try {
    for await (const chunk of source.pipe(decompressor) as AsyncIterable<Uint8Array>) {
      signal.throwIfAborted();
      feed.push(chunk);
      const early = reader.early();
      if (early !== undefined) return early.identity;
    }
  } catch (error) {
    if (sourceError !== undefined || signal.aborted || error instanceof TarFormatError) throw error;
    throw new TarFormatError("it cannot be decompressed"); // nothing else happens in this loop
  } finally {
    source.destroy();
  }
  feed.end();
  return reader.identity();
}
