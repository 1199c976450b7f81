import type { HttpAnswer, HttpRequest } from "../http/exchange.js";
import { registryError } from "./errors.js";
import type { RegistryStore } from "./store.js";

export function answerBlob(
  store: RegistryStore,
  repository: string,
  digest: string,
  request: HttpRequest,
): HttpAnswer {
  if (request.method === "DELETE") {
    if (!store.deleteBlob(repository, digest)) return registryError("BLOB_UNKNOWN", { digest });
    return { status: 202 };
  }
  if (request.method !== "GET" && request.method !== "HEAD") return registryError("UNSUPPORTED");
  const content = store.blob(repository, digest);
  return content === undefined
    ? registryError("BLOB_UNKNOWN", { digest })
    : blobAnswer(content, digest, request);
}

/** A blob, or the range of it that the request names. */
export function blobAnswer(content: Buffer, digest: string, request: HttpRequest): HttpAnswer {
  const headers = {
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    etag: `"${digest}"`,
    "accept-ranges": "bytes",
    "cache-control": "max-age=31536000",
  };
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  if (range === null) return { status: 200, headers, body: content };
  return rangeAnswer(content, range, headers);
}

function rangeAnswer(
  content: Buffer,
  range: RegExpExecArray,
  headers: Readonly<Record<string, string>>,
): HttpAnswer {
  const [, first = "", last = ""] = range;
  const start = first === "" ? Math.max(content.length - Number(last), 0) : Number(first);
  const end = first === "" || last === "" ? content.length - 1 : Math.min(Number(last), content.length - 1);
  if (start >= content.length || start > end) {
    return { status: 416, headers: { "content-range": `bytes */${content.length}` } };
  }
  return {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${start}-${end}/${content.length}` },
    body: content.subarray(start, end + 1),
  };
}
