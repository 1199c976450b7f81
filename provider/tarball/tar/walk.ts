import type { FileHandle } from "node:fs/promises";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { isZeroBlock, TarFormatError } from "./header.js";
import { maxContent, parseTar, type TarEntry, type TarNeed } from "./parser.js";

/** The part of a file handle that a walk needs. */
export type ReadableFile = Pick<FileHandle, "read" | "stat">;

const paddingChunk = 64 * 1024;

/**
 * The members of an uncompressed tar, by reading its headers only. Of several with one name the last one counts, as in
 * every tar.
 * @throws TarFormatError no tar, not a whole one, or beyond the parser's limits
 */
export async function walkTar(
  file: ReadableFile,
  { signal }: RequestOptions,
): Promise<ReadonlyMap<string, TarEntry>> {
  const members = new Map<string, TarEntry>();
  const { size } = await file.stat();
  const parser = parseTar({ wants: () => false, entry: (entry) => void members.set(entry.name, entry) });
  let position = 0;
  let step = parser.next(new Uint8Array());
  while (step.done !== true) {
    signal.throwIfAborted();
    const need: TarNeed = step.value;
    if (position + need.bytes > size) throw new TarFormatError(`it ends too early, after ${size} bytes`);
    const content = need.kind === "read" ? await readAt(file, position, need.bytes) : new Uint8Array();
    position += need.bytes;
    step = parser.next(content);
  }
  await checkPadding(file, position, size, signal);
  return members;
}

/** The content of a member, of at most 4 MiB. */
export async function readMember(file: ReadableFile, { name, offset, size }: TarEntry): Promise<Uint8Array> {
  if (size > maxContent) throw new TarFormatError(`${name} is bigger than ${maxContent} bytes`);
  return await readAt(file, offset, size);
}

async function checkPadding(
  file: ReadableFile,
  from: number,
  size: number,
  signal: AbortSignal,
): Promise<void> {
  for (let position = from; position < size; position += paddingChunk) {
    signal.throwIfAborted();
    const chunk = await readAt(file, position, Math.min(paddingChunk, size - position));
    if (!isZeroBlock(chunk)) throw new TarFormatError(`something else after the end at byte ${position}`);
  }
}

/** @throws TarFormatError the file ends before */
export async function readAt(file: ReadableFile, position: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new TarFormatError(`it ends too early, after ${position + filled} bytes`);
    filled += bytesRead;
  }
  return buffer;
}
