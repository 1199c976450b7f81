import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Dispatcher } from "undici";
import { ImageError } from "../support/imageError.js";

/** Bytes that are unzipped at a time; zlib's default of 16 KiB costs a turn of the event loop for each. */
const unzippedChunkSize = 256 * 1024;

/**
 * The whole body as text, gunzipped while it arrives if it is gzipped. A text of more than `maxBytes` is an ImageError
 * API_ERROR: such an answer is not what was asked for.
 */
export async function readText(response: Dispatcher.ResponseData, maxBytes: number): Promise<string> {
  const { body } = response;
  const isZipped = response.headers["content-encoding"] === "gzip";
  const plain = isZipped
    ? pipeline(body, createGunzip({ chunkSize: unzippedChunkSize }), () => undefined) // the loop below sees the error
    : body;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooBig(maxBytes); // leaving the loop destroys the body and its connection
      chunks.push(chunk);
    }
  } catch (cause) {
    throw isZlibError(cause) ? new ImageError("API_ERROR", "the answer is not valid gzip", { cause }) : cause;
  }
  return Buffer.concat(chunks, size).toString("utf8");
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^Z_/.test(String(error.code));
}

function tooBig(maxBytes: number): ImageError {
  return new ImageError(
    "API_ERROR",
    `the answer is longer than ${maxBytes} bytes and was not read to its end`,
  );
}

const longestLine = 64 * 2 ** 20;
const lineFeed = 0x0a;

/**
 * The lines of a body as they arrive, without empty ones. Stopping early destroys the body and its connection.
 * @throws ImageError API_ERROR when a line has no end
 */
export async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  let pieces: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    let rest = chunk;
    for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed)) {
      const line = Buffer.concat([...pieces, rest.subarray(0, end)]).toString("utf8");
      rest = rest.subarray(end + 1);
      pieces = [];
      size = 0;
      if (line !== "") yield line;
    }
    size += rest.length;
    if (size > longestLine) throw new ImageError("API_ERROR", "the server sent a line without an end");
    if (rest.length > 0) pieces.push(rest);
  }
}
