import { createVerifier } from "../../oci/verify.js";
import { createByteCursor } from "../tar/byteCursor.js";
import { compressionOf, decompressed, type DecompressionOptions, magicLength } from "../tar/decompression.js";
import { TarFormatError } from "../tar/header.js";
import type { ExpectedBlob, ExpectedDigest } from "./expectedBlobs.js";

/**
 * Compares the blobs in a tar with their digests.
 * @param blobs - in the order of the tar
 * @throws TarFormatError the first that differs; what the tar's source throws
 */
export async function checkBlobs(
  tar: AsyncGenerator<Uint8Array, void, undefined>,
  blobs: readonly ExpectedBlob[],
  options: DecompressionOptions,
): Promise<void> {
  const cursor = createByteCursor(tar);
  let position = 0;
  try {
    for (const blob of blobs) {
      const { offset, size } = blob.entry;
      await cursor.skip(offset - position);
      const head = await cursor.peek(Math.min(magicLength, size));
      await checkBlob(blob, head, cursor.take(size), options);
      position = offset + size;
    }
  } finally {
    await tar.return();
  }
}

async function checkBlob(
  { entry: { name }, digests, diffIds }: ExpectedBlob,
  head: Uint8Array,
  content: AsyncIterable<Uint8Array>,
  options: DecompressionOptions,
): Promise<void> {
  const [bytes, layer] = [createDigests(digests), createDigests(diffIds)];
  const compression = diffIds.length === 0 ? "none" : compressionOf(head);
  for await (const chunk of decompressed(tapped(content, bytes), { name, compression }, options)) {
    layer.update(chunk);
  }
  if (bytes.firstWrong() !== undefined) throw new TarFormatError(`${name} is not what its digest says`);
  const diffId = layer.firstWrong();
  if (diffId !== undefined) throw new TarFormatError(`${name} is not the layer ${diffId} of its image`);
}

interface Digests {
  update(chunk: Uint8Array): void;
  /** At the end. */
  firstWrong(): string | undefined;
}

function createDigests(expected: readonly ExpectedDigest[]): Digests {
  const verifiers = expected.map(({ digest }) => ({ digest, verifier: createVerifier(digest) }));
  return {
    update(chunk) {
      for (const { verifier } of verifiers) verifier.update(chunk);
    },
    firstWrong: () => verifiers.find(({ verifier }) => verifier.otherDigest() !== undefined)?.digest,
  };
}

async function* tapped(
  content: AsyncIterable<Uint8Array>,
  digests: Digests,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of content) {
    digests.update(chunk);
    yield chunk;
  }
}
