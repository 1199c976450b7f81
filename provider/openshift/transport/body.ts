import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Dispatcher } from "undici";
import { ImageError } from "../../support/imageError.js";

const gunzipAsync = promisify(gunzip);

/**
 * The whole body as text, gunzipped when it came so. More than `maxBytes`, before or after gunzipping, is an ImageError
 * API_ERROR: an answer of that size is not what was asked for.
 */
export async function readText(response: Dispatcher.ResponseData, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooBig(maxBytes); // leaving the loop destroys the body and its connection
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (response.headers["content-encoding"] !== "gzip") return body.toString("utf8");
  try {
    return (await gunzipAsync(body, { maxOutputLength: maxBytes })).toString("utf8");
  } catch (cause) {
    throw isTooBig(cause)
      ? tooBig(maxBytes)
      : new ImageError("API_ERROR", "the answer is not valid gzip", { cause });
  }
}

function isTooBig(error: unknown): boolean {
  return error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

function tooBig(maxBytes: number): ImageError {
  return new ImageError(
    "API_ERROR",
    `the answer is longer than ${maxBytes} bytes and was not read to its end`,
  );
}
