import { byteRate, bytesOf, progressLine } from "../../support/progress.js";
import { countOf } from "../../support/text/wording.js";
import type { ArchiveStream, FoundImage } from "../filePorts.js";

/** The progress of an export: which image, how many bytes. */
export interface ExportProgress {
  /** The same image, whose bytes are counted for it when they pass. */
  watched(name: string, found: FoundImage): FoundImage;
  /** Counts what passes; a new stream begins at nothing. */
  counted(stream: ArchiveStream): AsyncIterable<Uint8Array>;
  /** `2 of 10 images, quay.io/acme/web:1, 120 of 940 MB, 85 MB/s` */
  readonly line: (elapsedMs: number) => string;
}

export function createExportProgress(images: number): ExportProgress {
  const begun = new Set<string>();
  let current: string | undefined;
  let [passed, written] = [0, 0];
  let size: number | undefined;
  const at = (name: string): void => {
    begun.add(name);
    current = name;
  };
  return {
    watched: (name, { tree, blobs }) => ({
      tree,
      blobs: {
        async *read(blob, options) {
          for await (const chunk of blobs.read(blob, options)) {
            yield chunk;
            at(name); // not before: the first chunk is asked for ahead of its turn
          }
        },
      },
    }),
    counted(stream) {
      [written, size] = [0, stream.size];
      return eachChunk(stream.content, (bytes) => {
        written += bytes;
        passed += bytes;
      });
    },
    line: (elapsedMs) =>
      progressLine(
        begun.size === 0 ? countOf(images, "image") : `${begun.size} of ${countOf(images, "image")}`,
        current,
        written === 0 && size === undefined ? undefined : bytesOf(written, size),
        byteRate(passed, elapsedMs),
      ),
  };
}

async function* eachChunk(
  content: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  for await (const chunk of content) {
    onBytes(chunk.byteLength);
    yield chunk;
  }
}
