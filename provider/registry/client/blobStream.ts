import type { Descriptor } from "../../oci/content.js";
import { createVerifier, type Verifier } from "../../oci/verify.js";
import { passOn } from "../../support/chunkMemory.js";
import { ImageError, isImageError } from "../../support/imageError.js";
import type { HttpAnswer } from "../../http/send.js";
import { isPassingFailure } from "./answer.js";
import { dropBody, type PullRequest } from "./redirects.js";
import { describeForm, pullRefusal } from "./refusal.js";
import type { PullAnswer, RepositorySession } from "./session.js";

export interface BlobStreamOptions {
  readonly signal: AbortSignal;
  /** How often in a row to resume after a connection that brought next to nothing. */
  readonly resumes: number;
}

/** Bytes. A connection that brought as many does not count as a failure: long transfers may be cut any number of times. */
const worthwhileBytes = 1024 * 1024;

/**
 * The content of a blob, as fast as it is taken; rejects at the end unless size and digest are those of the descriptor.
 * Resumes after a lost connection. The request begins with the first `next()`, so a reader that wants the next blob early
 * asks early.
 * @throws ImageError REGISTRY_*; REGISTRY_CORRUPT when it is not the content of the descriptor
 */
export async function* streamBlob(
  session: RepositorySession,
  blob: Descriptor,
  { signal, resumes }: BlobStreamOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { source } = session;
  const attempted = `read blob ${blob.digest} of ${source.host}/${source.repository}`;
  const transfer = new Transfer(blob, attempted);
  for (let resumed = 0; ; resumed += 1) {
    const { received } = transfer;
    const lost = yield* receive(session, transfer, signal);
    if (lost === undefined) break;
    if (transfer.received - received >= worthwhileBytes) resumed = 0;
    if (resumed === resumes) throw lost;
  }
  transfer.verify();
}

/** The part of a blob that has arrived. */
class Transfer {
  readonly blob: Descriptor;
  readonly attempted: string;
  received = 0;
  /** Headers of the answer that brings it. */
  headers: HttpAnswer["headers"] = {};
  readonly #verifier: Verifier;

  constructor(blob: Descriptor, attempted: string) {
    this.blob = blob;
    this.attempted = attempted;
    this.#verifier = createVerifier(blob.digest);
  }

  get isComplete(): boolean {
    return this.received === this.blob.size;
  }

  add(chunk: Buffer): void {
    this.received += chunk.length;
    if (this.received > this.blob.size) throw this.corrupt(`more than its ${this.blob.size} bytes came`);
    this.#verifier.update(chunk);
  }

  verify(): void {
    const digest = this.#verifier.otherDigest();
    if (digest !== undefined) throw this.corrupt(`what came has the digest ${digest}`);
  }

  cutShort(): ImageError {
    return this.corrupt(`only ${this.received} of its ${this.blob.size} bytes came`);
  }

  corrupt(what: string): ImageError {
    const advice = describeForm(this.headers) ?? "Try again; if it stays so, push the image again";
    return new ImageError("REGISTRY_CORRUPT", `Cannot ${this.attempted}: ${what}. ${advice}`);
  }
}

/** Yields what one request brings; returns why it ended too early, if it did. */
async function* receive(
  session: RepositorySession,
  transfer: Transfer,
  signal: AbortSignal,
): AsyncGenerator<Buffer, ImageError | undefined, undefined> {
  const { blob, attempted, received } = transfer;
  const headers: Record<string, string> = received === 0 ? {} : { range: `bytes=${received}-` };
  const request: PullRequest = { method: "GET", path: `blobs/${blob.digest}`, headers, attempted, signal };
  const answer = await sendOrLose(session, request, received > 0);
  if (answer.kind === "lost") return answer.failure;
  if (answer.kind === "refused") {
    const isAtEnd = answer.answer.status === 416 && received > 0;
    throw isAtEnd ? transfer.cutShort() : pullRefusal(session, answer, attempted);
  }
  transfer.headers = answer.response.headers;
  try {
    for await (const chunk of newChunks(answer, transfer)) {
      transfer.add(chunk);
      yield passOn(chunk);
    }
  } catch (error) {
    const failure = isImageError(error) ? error : session.bodyFailure(error, answer.url, request);
    if (!isPassingFailure(failure)) throw failure;
    return transfer.isComplete ? undefined : failure;
  }
  return transfer.isComplete ? undefined : transfer.cutShort();
}

/** A registry that restarts during a long transfer counts as a lost connection. */
async function sendOrLose(
  session: RepositorySession,
  request: PullRequest,
  isWithin: boolean,
): Promise<PullAnswer | { readonly kind: "lost"; readonly failure: ImageError }> {
  try {
    return await session.send(request);
  } catch (error) {
    if (!isWithin || !isImageError(error) || !isPassingFailure(error)) throw error;
    return { kind: "lost", failure: error };
  }
}

/** Without the bytes that have arrived already: a server without range requests begins again at the start. */
async function* newChunks(
  { response }: Extract<PullAnswer, { kind: "content" }>,
  { received, attempted }: Transfer,
): AsyncGenerator<Buffer, void, undefined> {
  const { statusCode, headers, body } = response;
  let toSkip = statusCode === 206 ? received - startOf(headers["content-range"]) : received;
  if (!(toSkip >= 0)) {
    dropBody(response);
    throw new ImageError(
      "REGISTRY_ERROR",
      `Cannot ${attempted}: the server answered another range than it was asked for`,
    );
  }
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const fresh = chunk.subarray(Math.min(toSkip, chunk.length));
    toSkip -= chunk.length - fresh.length;
    if (fresh.length > 0) yield fresh;
  }
}

/** NaN when the header does not tell. */
function startOf(contentRange: string | string[] | undefined): number {
  return Number(/^bytes (\d+)-/.exec(String(contentRange))?.[1] ?? Number.NaN);
}
