import { pipeline } from "node:stream/promises";
import { pack, type Pack } from "tar-stream";
import type { BlobSource } from "../../archive/filePorts.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { ImageError } from "../../support/imageError.js";
import { type BlobsAhead, blobsAhead } from "../write/blobsAhead.js";
import type { TarMember } from "../write/layout.js";

const blockSize = 512;

/** Bytes of the tar that these members make. */
export function tarSize(members: readonly TarMember[]): number {
  const blocks = members.reduce((sum, { size }) => sum + 1 + Math.ceil(size / blockSize), 2);
  return blocks * blockSize;
}

/**
 * The tar of these members: owner root, mode 0644, time 0, so equal members make equal bytes. Reads no more than is taken,
 * but for the first chunk of the next blobs.
 * @param sources - by the index that the members' blobs name
 * @throws ImageError ARCHIVE_BROKEN: a source gave more or fewer bytes than the descriptor says; and what sources throw
 */
export async function* writeTar(
  members: readonly TarMember[],
  sources: readonly BlobSource[],
  options: RequestOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const tar = pack();
  const blobs = blobsAhead(members, sources, options);
  const filling = fill(tar, members, blobs);
  // Keeps the first cause of a failure, which the tar's own error would hide.
  const failure = filling.then(
    () => undefined,
    (error: unknown) => {
      tar.destroy();
      return { error };
    },
  );
  try {
    for await (const chunk of tar as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    throw (await failure)?.error ?? error;
  } finally {
    tar.destroy();
    blobs.close();
  }
  const failed = await failure;
  if (failed !== undefined) throw failed.error;
}

async function fill(tar: Pack, members: readonly TarMember[], blobs: BlobsAhead): Promise<void> {
  for (const member of members) {
    const { name, size } = member;
    const header = { name, size, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type: "file" } as const;
    await pipeline(contentOf(member, blobs), tar.entry(header));
  }
  tar.finalize();
}

async function* contentOf(
  { name, size, content }: TarMember,
  blobs: BlobsAhead,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (content.kind === "bytes") {
    if (content.bytes.length !== size) throw sizeError(name, size, content.bytes.length);
    yield content.bytes;
    return;
  }
  let given = 0;
  for await (const chunk of blobs.next()) {
    given += chunk.length;
    if (given > size) throw sizeError(name, size, given);
    yield chunk;
  }
  if (given !== size) throw sizeError(name, size, given);
}

function sizeError(name: string, expected: number, given: number): ImageError {
  const relation = given > expected ? "at least " : "";
  return new ImageError(
    "ARCHIVE_BROKEN",
    `While the archive was written, ${name} had ${relation}${given} bytes instead of ${expected}. Run again; if it stays, the image is damaged where it comes from`,
  );
}
