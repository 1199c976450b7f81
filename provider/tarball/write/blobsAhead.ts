import type { BlobSource } from "../../archive/filePorts.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import type { TarMember } from "./layout.js";

/** A blob is requested this many bytes before its turn: about a second, in which no server gives up waiting. */
const aheadBytes = 8 * 1024 * 1024;
/** Blobs that are open at the same time. */
const mostOpen = 6;

/** The blobs of a tar, to be read in their order. */
export interface BlobsAhead {
  /** The content of the next blob. */
  next(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Closes the blobs whose turn has not come. */
  close(): void;
}

interface OpenBlob {
  readonly chunks: AsyncIterator<Uint8Array>;
  readonly first: Promise<IteratorResult<Uint8Array>>;
}

type Blob = Extract<TarMember["content"], { readonly kind: "blob" }> & { readonly start: number };

/**
 * Requests blobs shortly before their turn, so that an image of many small layers does not spend its time waiting for a
 * distant server. Reads the first chunk of each ahead of its turn, and no more.
 */
export function blobsAhead(
  members: readonly TarMember[],
  sources: readonly BlobSource[],
  { signal }: RequestOptions,
): BlobsAhead {
  const leaving = new AbortController();
  const options = { signal: AbortSignal.any([signal, leaving.signal]) };
  const blobs = blobsOf(members);
  const open: OpenBlob[] = [];
  let position = 0;
  let asked = 0;

  function askAhead(): void {
    for (;;) {
      const blob = blobs[asked];
      if (blob === undefined || open.length === mostOpen || blob.start - position > aheadBytes) return;
      asked += 1;
      open.push(openBlob(blob, sources[blob.image], options));
    }
  }

  return {
    async *next() {
      askAhead();
      for await (const chunk of readFirst(open)) {
        position += chunk.length;
        askAhead();
        yield chunk;
      }
    },
    close() {
      leaving.abort();
      for (const { chunks } of open) void chunks.return?.().catch(() => undefined);
    },
  };
}

function openBlob(blob: Blob, source: BlobSource | undefined, options: RequestOptions): OpenBlob {
  if (source === undefined) throw new RangeError(`No source for image ${blob.image}`);
  const chunks = source.read(blob.descriptor, options)[Symbol.asyncIterator]();
  const first = chunks.next();
  first.catch(() => undefined); // its turn may never come
  return { chunks, first };
}

/** The chunks of the first open blob, which is closed and taken away at their end. */
async function* readFirst(open: OpenBlob[]): AsyncGenerator<Uint8Array, void, undefined> {
  const blob = open[0];
  if (blob === undefined) throw new RangeError("There are no more blobs");
  try {
    for (let step = await blob.first; step.done !== true; step = await blob.chunks.next()) yield step.value;
  } finally {
    await blob.chunks.return?.();
    open.shift();
  }
}

function blobsOf(members: readonly TarMember[]): readonly Blob[] {
  let start = 0;
  return members.flatMap(({ content, size }) => {
    if (content.kind !== "blob") return [];
    const blob = { ...content, start };
    start += size;
    return [blob];
  });
}
