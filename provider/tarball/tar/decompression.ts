import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { Compression } from "../../archive/args/parsed.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { TarFormatError } from "./header.js";
import { isZstd, zstdFrames } from "./zstdFrames.js";

/** Bytes that tell the compression. */
export const magicLength = 4;
/** Deflate cannot shrink anything to less than a thousandth. */
const maxExpansion = 1100;
/** Bytes that even a tiny file may expand to. */
const freeExpansion = 1024 * 1024 * 1024;

/** Counts the output of all decompressors together. @throws TarFormatError more than any honest archive has */
export type ExpansionLimit = (bytes: number) => void;

/** @param packed - bytes of the file that everything is in */
export function expansionLimit(packed: number): ExpansionLimit {
  const most = packed * maxExpansion + freeExpansion;
  let left = most;
  return (bytes) => {
    left -= bytes;
    if (left < 0) throw new TarFormatError(`more than ${most} bytes come out of its ${packed}`);
  };
}

/** By the first bytes. */
export function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  return isZstd(head) ? "zstd" : "none";
}

/** A source that may be compressed; its name is for messages. */
export interface Packed {
  readonly name: string;
  readonly compression: Compression;
}

export interface DecompressionOptions extends RequestOptions {
  readonly limit: ExpansionLimit;
}

/**
 * The decompressed source; its errors are passed on.
 * @throws TarFormatError it cannot be decompressed, or not within the limit
 */
export async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  { name, compression }: Packed,
  { limit, signal }: DecompressionOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decompressor = decompressorFor(compression);
  if (decompressor === undefined) {
    yield* source;
    return;
  }
  let failure: { readonly error: unknown } | undefined;
  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* compression === "zstd" ? zstdFrames(source, name) : source;
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  pipeline(Readable.from(watched(), { objectMode: false }), decompressor, () => undefined);
  try {
    for await (const chunk of decompressor as AsyncIterable<Uint8Array>) {
      signal.throwIfAborted();
      limit(chunk.length);
      yield chunk;
    }
  } catch (error) {
    if (failure !== undefined) throw failure.error;
    if (signal.aborted || error instanceof TarFormatError) throw error;
    throw new TarFormatError(`${name} is no whole ${compression}`);
  }
}

function decompressorFor(compression: Compression): Transform | undefined {
  switch (compression) {
    case "none":
      return undefined;
    case "gzip":
      return createGunzip();
    case "zstd":
      return createZstdDecompress();
  }
}
