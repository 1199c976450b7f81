import { type ByteCursor, createByteCursor } from "./byteCursor.js";
import { TarFormatError } from "./header.js";

/** RFC 8878, 3.1.1 and 3.1.2. */
const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;
const blockHeaderLength = 3;
const repeatedByteBlock = 1;
const dictionaryLengths = [0, 1, 2, 4];
const contentSizeLengths = [0, 2, 4, 8];

/** By its first four bytes. */
export function isZstd(head: Uint8Array): boolean {
  const magic = magicOf(head);
  return magic === frameMagic || isSkippable(magic);
}

/**
 * The frames of a zstd stream, each from the start of a chunk, without those that decoders skip. Node's decoder overlooks a
 * frame that begins within a chunk, and accepts a frame whose last bytes are missing.
 * @param name - of what is compressed, for messages
 * @throws TarFormatError the last frame is not whole, or there is something else
 */
export async function* zstdFrames(
  source: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = source[Symbol.asyncIterator]();
  const cursor = createByteCursor(chunks);
  try {
    while ((await cursor.peek(1)).length > 0) yield* takeFrame(cursor, name);
  } finally {
    await chunks.return?.();
  }
}

async function* takeFrame(cursor: ByteCursor, name: string): AsyncGenerator<Uint8Array, void, undefined> {
  const next = async (bytes: number) => {
    const found = await cursor.peek(bytes);
    if (found.length < bytes) throw new TarFormatError(`${name} is no whole zstd`);
    return Buffer.from(found.buffer, found.byteOffset, found.byteLength);
  };
  const magic = magicOf(await next(4));
  if (isSkippable(magic)) {
    await cursor.skip(8 + (await next(8)).readUInt32LE(4));
    return;
  }
  if (magic !== frameMagic) throw new TarFormatError(`${name} has something else behind its zstd`);
  const header = frameHeader((await next(5)).readUInt8(4));
  await next(header.length);
  yield* cursor.take(header.length);
  for (let isLast = false; !isLast;) {
    const block = (await next(blockHeaderLength)).readUIntLE(0, blockHeaderLength);
    const length = blockHeaderLength + (((block >> 1) & 3) === repeatedByteBlock ? 1 : block >> 3);
    await next(length);
    yield* cursor.take(length);
    isLast = (block & 1) === 1;
  }
  await next(header.checksumLength);
  yield* cursor.take(header.checksumLength);
}

function magicOf(head: Uint8Array): number | undefined {
  return head.length < 4 ? undefined : Buffer.from(head.subarray(0, 4)).readUInt32LE();
}

function isSkippable(magic: number | undefined): boolean {
  return magic !== undefined && magic - (magic % 16) === skippableMagic;
}

function frameHeader(descriptor: number): { readonly length: number; readonly checksumLength: number } {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const window = isSingleSegment ? 0 : 1;
  const contentSize = contentSizeLengths[descriptor >> 6] ?? 0;
  const ownSize = isSingleSegment && contentSize === 0 ? 1 : contentSize;
  const dictionary = dictionaryLengths[descriptor & 3] ?? 0;
  return { length: 5 + window + dictionary + ownSize, checksumLength: (descriptor & 4) === 0 ? 0 : 4 };
}
