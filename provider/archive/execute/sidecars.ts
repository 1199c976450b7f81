import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { ImageError } from "../../support/imageError.js";
import type { ArchiveArgs } from "../args/parsed.js";
import type { ArchiveFiles, WrittenFile } from "../filePorts.js";
import type { ArchiveContent } from "../outputs.js";
import { type BesideEnding, besideOf, besideTexts } from "../plan/sidecars.js";

/** What the sidecar files of an archive are to say. */
export interface BesideOrder {
  readonly args: ArchiveArgs;
  /** Of the archive, absolute. */
  readonly path: string;
  readonly images: ArchiveContent["images"];
  /** Of the archive, hex. */
  readonly sha256: string;
}

/** Writes those of the files beside an archive that `endings` name. @throws ImageError ARCHIVE_*, as `files.write` */
export async function writeBeside(
  files: ArchiveFiles,
  order: BesideOrder,
  endings: readonly BesideEnding[],
  { signal }: RequestOptions,
): Promise<Readonly<Record<string, WrittenFile>>> {
  const { fileMode: mode, createDirectories } = order.args;
  const options = { mode, createDirectories, expectedBytes: undefined, compression: "none", signal } as const;
  const texts = textsOf(order);
  const written: Record<string, WrittenFile> = {};
  for (const ending of endings) {
    written[ending] = await files.write(`${order.path}${ending}`, streamOf(texts[ending]), options);
  }
  return written;
}

/**
 * Makes sure that taking over an archive destroys no sidecar file with other content; equal content may be written again.
 * @throws ImageError ARCHIVE_UNMANAGED when something else stands there, unless it may be overwritten
 */
export async function checkBeside(
  files: ArchiveFiles,
  order: BesideOrder,
  options: RequestOptions,
): Promise<void> {
  const { args, path } = order;
  if (args.overwriteUnmanaged) return;
  const texts = textsOf(order);
  for (const ending of besideOf(args)) {
    if ((await files.stat(`${path}${ending}`)) === undefined) continue;
    const found = await files.hash(`${path}${ending}`, options);
    if (found === createHash("sha256").update(texts[ending]).digest("hex")) continue;
    throw new ImageError(
      "ARCHIVE_UNMANAGED",
      `${args.path}${ending} exists and says something else than manifest: true would write. Nothing was changed; move it away, or set overwriteUnmanaged`,
    );
  }
}

function textsOf({ path, images, sha256 }: BesideOrder): Readonly<Record<BesideEnding, string>> {
  return besideTexts(images, { name: basename(path), sha256 });
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of one piece
async function* streamOf(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text, "utf8");
}
