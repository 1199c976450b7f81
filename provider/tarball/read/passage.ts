import type { ArchiveIdentity, ArchiveStream } from "../../archive/filePorts.js";
import { ImageError } from "../../support/imageError.js";
import { textAt } from "../../support/json.js";
import { excerpt } from "../../support/text/excerpt.js";
import { createTarFeed } from "../tar/feed.js";
import { TarFormatError } from "../tar/header.js";
import { parseTar } from "../tar/parser.js";
import { createDocumentReader } from "./documents.js";

/** Bytes; an engine's error is shorter. */
const tailLength = 16 * 1024;
/** Bytes that are still read after the first mistake, to find the engine's error behind it. */
const maxAfterMistake = 1024 * 1024;

/**
 * Checks the archive that an engine sends while it passes: a tar that is whole to its two zero blocks, nothing but zeros
 * behind them, and images in it. Engines answer 200 before they are done, and append their error to the tar
 * (facts/engines.md 7). The content rejects at its end with ImageError ARCHIVE_BROKEN, which has the engine's own message where there is
 * one. To be read once.
 */
export function checkPassage(source: AsyncIterable<Uint8Array>): ArchiveStream {
  let identity: ArchiveIdentity | undefined;
  return {
    content: pass(source, (found) => (identity = found)),
    size: undefined,
    identity() {
      if (identity === undefined) throw new TypeError("The archive has not passed to its end");
      return identity;
    },
  };
}

async function* pass(
  source: AsyncIterable<Uint8Array>,
  onEnd: (identity: ArchiveIdentity) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = createDocumentReader();
  const feed = createTarFeed(parseTar(reader));
  const tail = createTail();
  let mistake: TarFormatError | undefined;
  let afterMistake = 0;
  for await (const chunk of source) {
    tail.add(chunk);
    mistake ??= mistakeOf(() => feed.push(chunk));
    if (mistake === undefined) yield chunk;
    else if ((afterMistake += chunk.length) > maxAfterMistake) break;
  }
  mistake ??= mistakeOf(() => {
    feed.end();
    const identity = reader.identity();
    if (identity === undefined) throw new TarFormatError("there is no whole image in it");
    onEnd(identity);
  });
  if (mistake !== undefined) throw brokenArchive(mistake, engineErrorIn(tail.text()));
}

/** A copy of the last bytes, because the reader of the chunks may free them. */
function createTail() {
  const buffer = Buffer.alloc(tailLength);
  let filled = 0;
  return {
    add(chunk: Uint8Array): void {
      const last = chunk.subarray(-tailLength);
      const kept = Math.min(filled, tailLength - last.length);
      buffer.copyWithin(0, filled - kept, filled);
      buffer.set(last, kept);
      filled = kept + last.length;
    },
    text: () => buffer.toString("utf8", 0, filled),
  };
}

function mistakeOf(work: () => void): TarFormatError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof TarFormatError) return error;
    throw error;
  }
}

/** The engine's error at the end of a body: Docker's `{"errorDetail":{"message"}}`, podman's `{"cause","message"}`. */
function engineErrorIn(tail: string): string | undefined {
  const starts = ['{"errorDetail"', '{"error"', '{"message"', '{"cause"'].map((start) =>
    tail.lastIndexOf(start),
  );
  for (const start of starts.filter((start) => start !== -1).sort((a, b) => a - b)) {
    const text = tail.slice(start).replaceAll("\0", "").trim();
    try {
      const body: unknown = JSON.parse(text);
      const message =
        textAt(body, "errorDetail", "message") || textAt(body, "message") || textAt(body, "error");
      if (message !== "") return message;
    } catch {
      // part of a longer text: a later start may be the error's
    }
  }
  return undefined;
}

function brokenArchive(mistake: TarFormatError, said: string | undefined): ImageError {
  const why =
    said === undefined
      ? `what it sent is no whole image archive: ${mistake.message}`
      : `it said: ${excerpt(said)}`;
  return new ImageError(
    "ARCHIVE_BROKEN",
    `The engine's export failed; ${why}. Nothing was replaced. Run again; else look at the engine's log`,
    { cause: mistake },
  );
}
