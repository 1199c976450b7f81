import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Compression } from "../../archive/args/parsed.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { fileFacts } from "../file/target.js";
import {
  compressionOf,
  decompressed,
  type DecompressionOptions,
  expansionLimit,
  magicLength,
} from "../tar/decompression.js";
import { createTarFeed } from "../tar/feed.js";
import { TarFormatError } from "../tar/header.js";
import { parseTar } from "../tar/parser.js";
import { type ReadableFile, readMember, walkTar } from "../tar/walk.js";
import { createDocumentReader, createDocuments, tables } from "./documents.js";
import { type ArchiveContents, fileAt, identityOf } from "./identity.js";

const chunkSize = 1024 * 1024;

/** A file with a whole tar in it. */
export interface ReadArchive {
  readonly contents: ArchiveContents;
  readonly compression: Compression;
  /** Bytes of the file. */
  readonly size: number;
}

/**
 * What the file at the path claims to hold. An uncompressed archive costs a few reads however big it is; a compressed one is
 * read to its end, because only the end shows a download that stopped.
 * @throws TarFormatError no tar, not a whole one, or beyond the limits; what the file system says
 */
export async function readArchive(path: string, options: RequestOptions): Promise<ReadArchive> {
  // Opening a pipe would wait for its writer.
  if ((await fileFacts(path))?.kind !== "file") throw new TarFormatError("it is no file");
  const file = await open(path, "r");
  try {
    const compression = await compressionOfFile(file);
    const { size } = await file.stat();
    const contents =
      compression === "none"
        ? await readBySeeking(file, options)
        : await readThrough(tarIn(path, compression, { ...options, limit: expansionLimit(size) }));
    return { contents, compression, size };
  } finally {
    await file.close();
  }
}

/** The bytes of the tar in the file. */
export async function* tarIn(
  path: string,
  compression: Compression,
  options: DecompressionOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const packed = createReadStream(path, { signal: options.signal, highWaterMark: chunkSize });
  yield* decompressed(packed as AsyncIterable<Uint8Array>, { name: "it", compression }, options);
}

async function compressionOfFile(file: FileHandle): Promise<Compression> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(magicLength), 0, magicLength, 0);
  return compressionOf(buffer.subarray(0, bytesRead));
}

async function readBySeeking(file: ReadableFile, options: RequestOptions): Promise<ArchiveContents> {
  const members = await walkTar(file, options);
  const documents = createDocuments();
  const contents = { members, documents: documents.all };
  let names = tables;
  for (;;) {
    const found = names.flatMap((name) => {
      const entry = fileAt(name, members);
      return entry === undefined ? [] : [{ name, entry }];
    });
    if (found.length === 0) return contents;
    for (const { name, entry } of found) documents.add(name, await readMember(file, entry));
    names = identityOf(contents).wanted;
  }
}

async function readThrough(tar: AsyncIterable<Uint8Array>): Promise<ArchiveContents> {
  const reader = createDocumentReader();
  const feed = createTarFeed(parseTar(reader));
  for await (const chunk of tar) feed.push(chunk);
  feed.end();
  return reader.contents;
}
