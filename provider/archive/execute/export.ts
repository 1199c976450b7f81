import { dirname } from "node:path";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { retry } from "../../support/async/attempts.js";
import { ImageError } from "../../support/imageError.js";
import { type ProgressClock, withProgress } from "../../support/progress.js";
import type { ArchiveArgs } from "../args/parsed.js";
import type {
  ArchiveIdentity,
  ArchiveStream,
  FoundImage,
  NamedImage,
  SpooledArchive,
  WrittenFile,
} from "../filePorts.js";
import { movedImage, requirePlatforms } from "../plan/engineExport.js";
import type { SourceImage } from "../plan/resolvedImage.js";
import type { ArchivePorts } from "../ports.js";
import { createExportProgress, type ExportProgress } from "./progress.js";

export interface ExportOrder {
  readonly args: ArchiveArgs;
  /** Absolute. */
  readonly path: string;
  readonly images: readonly SourceImage[];
  /** Nothing stood at the path when it was checked, so nothing there may be replaced. */
  readonly mustBeNew: boolean;
}

export interface ExportOptions extends RequestOptions {
  readonly progress: (text: string) => void;
  readonly progressClock?: ProgressClock | undefined;
}

/**
 * Writes the archive. What was resolved is what is written: registries are asked by digest, and
 * what an engine exports is compared with what it said before.
 * @throws ImageError ARCHIVE_MOVED when an engine's image moved twice meanwhile; those of sources and file
 */
export async function executeExport(
  ports: ArchivePorts,
  order: ExportOrder,
  options: ExportOptions,
): Promise<WrittenFile> {
  const attempt = async () => {
    const progress = createExportProgress(order.images.length);
    const { line } = progress;
    const lines = { report: options.progress, line, clock: options.progressClock };
    return await withProgress(lines, () => writeArchive(ports, order, progress, options));
  };
  return await retry(attempt, {
    attempts: 2,
    baseDelayMs: 0,
    maxDelayMs: 0,
    signal: options.signal,
    waitBeforeRetry: (error) => (error instanceof MovedError ? 0 : undefined),
  });
}

class MovedError extends ImageError {}

async function writeArchive(
  ports: ArchivePorts,
  order: ExportOrder,
  progress: ExportProgress,
  options: RequestOptions,
): Promise<WrittenFile> {
  const { args, path, mustBeNew } = order;
  const opened = await openArchive(ports, order, progress, options);
  try {
    const { stream } = opened;
    return await ports.files.write(path, progress.counted(stream), {
      mode: args.fileMode,
      createDirectories: args.createDirectories,
      mustBeNew,
      expectedBytes: stream.size,
      compression: args.compression,
      signal: options.signal,
    });
  } finally {
    await opened.close();
  }
}

interface OpenedArchive {
  readonly stream: ArchiveStream;
  close(): Promise<void>;
}

async function openArchive(
  ports: ArchivePorts,
  order: ExportOrder,
  progress: ExportProgress,
  options: RequestOptions,
): Promise<OpenedArchive> {
  const { format } = order.args;
  if (format === "engine") {
    return {
      stream: await engineStream(ports, order, order.images, options),
      close: () => Promise.resolve(),
    };
  }
  const spools: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(spools.map((spool) => spool.close()));
  };
  const spool = async (image: SourceImage) => {
    const stream = await engineStream(ports, order, [image], options);
    const spooled = await ports.tarballs.spool(progress.counted(stream), dirname(order.path), options);
    spools.push(spooled);
    return spooled;
  };
  try {
    const named: NamedImage[] = [];
    for (const image of order.images) {
      const { names } = image.content;
      for (const found of await findImages(image, () => spool(image), options)) {
        named.push({ names, found: progress.watched(image.key, found) });
      }
    }
    return { stream: ports.tarballs.layout(named, format, options), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function findImages(
  { key, origin }: SourceImage,
  spool: () => Promise<SpooledArchive>,
  options: RequestOptions,
): Promise<readonly FoundImage[]> {
  switch (origin.kind) {
    case "registry":
      return [await origin.find(options)];
    case "engine":
      return (await spool()).images.map(({ found }) => found);
    case "pending":
      throw new ImageError("IMAGE_NOT_FOUND", `${key} is not imported yet. Nothing was written`);
  }
}

/** The engine's archive of these images; it fails at its end when it holds other images than the engine said before. */
async function engineStream(
  ports: ArchivePorts,
  { args }: ExportOrder,
  images: readonly SourceImage[],
  options: RequestOptions,
): Promise<ArchiveStream> {
  const engine = await ports.engine(args.engine, options);
  const references = images.flatMap(({ origin }) => (origin.kind === "engine" ? [origin.reference] : []));
  const [platforms = []] = images.flatMap(({ origin }) =>
    origin.kind === "engine" ? [origin.platforms] : [],
  );
  const passage = ports.tarballs.passage(engine.export(references, platforms, options));
  return {
    ...passage,
    size: images.reduce((sum, { content }) => sum + (content.size ?? 0), 0),
    content: endingWith(passage.content, () => requireSame(passage.identity(), images)),
  };
}

async function* endingWith(content: AsyncIterable<Uint8Array>, check: () => void): AsyncIterable<Uint8Array> {
  yield* content;
  check();
}

function requireSame(identity: ArchiveIdentity, wanted: readonly SourceImage[]): void {
  const moved = movedImage(identity, wanted);
  if (moved !== undefined) {
    throw new MovedError(
      "ARCHIVE_MOVED",
      `The engine exported another image under ${moved.key} than ${moved.content.digest}: it moved meanwhile. Nothing was written; run pulumi up again`,
    );
  }
  requirePlatforms(identity, wanted);
}
