import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { ImageError } from "../support/imageError.js";
import { formatByteSize } from "../support/byteSize.js";
import type { ArchiveArgs } from "./archiveArgs.js";
import { renderManifest } from "./archiveManifest.js";
import type { ArchiveIdentity, ArchiveStream, NamedImage, RequestOptions, WrittenFile } from "./ports.js";
import type { ResolvedImage } from "./resolveContent.js";
import type { ArchivePorts } from "./sourcePorts.js";

export interface ExportOrder {
  readonly args: ArchiveArgs;
  /** Absolute. */
  readonly path: string;
  readonly images: readonly ResolvedImage[];
}

export interface ExportOptions extends RequestOptions {
  /** `wrote 120 MB of 182 MB`. */
  readonly progress: (text: string) => void;
}

export interface WrittenArchive {
  readonly file: WrittenFile;
  /** What was written beside it, by what its path ends in. */
  readonly beside: Readonly<Record<string, WrittenFile>>;
}

const attempts = 2;
const progressMs = 2_000;

/**
 * Writes the archive and what belongs beside it. What was resolved is what is written: registries are asked by digest, and
 * what an engine exports is compared with what it said before.
 * @throws ImageError ARCHIVE_MOVED when an engine's image moved twice meanwhile; those of sources and file
 */
export async function executeExport(
  ports: ArchivePorts,
  order: ExportOrder,
  options: ExportOptions,
): Promise<WrittenArchive> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const file = await writeArchive(ports, order, options);
      return { file, beside: order.args.manifest ? await writeBeside(ports, order, file, options) : {} };
    } catch (error) {
      if (!(error instanceof MovedError) || attempt === attempts) throw error;
    }
  }
}

class MovedError extends ImageError {}

async function writeArchive(
  ports: ArchivePorts,
  order: ExportOrder,
  options: ExportOptions,
): Promise<WrittenFile> {
  const { args, path } = order;
  const opened = await openArchive(ports, order, options);
  try {
    const { stream } = opened;
    return await ports.files.write(path, reported(stream, options), {
      mode: args.fileMode,
      createDirectories: args.createDirectories,
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
  options: ExportOptions,
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
  try {
    const named: NamedImage[] = [];
    for (const image of order.images) {
      switch (image.origin.kind) {
        case "registry":
          named.push({ names: image.content.names, found: await image.origin.find(options) });
          break;
        case "engine": {
          const stream = await engineStream(ports, order, [image], options);
          const spool = await ports.tarballs.spool(reported(stream, options), dirname(order.path), options);
          spools.push(spool);
          named.push(...spool.images.map(({ found }) => ({ names: image.content.names, found })));
          break;
        }
        case "pending":
          throw new ImageError("IMAGE_NOT_FOUND", `${image.key} is not imported yet. Nothing was written`);
      }
    }
    return { stream: ports.tarballs.layout(named, format, options), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The engine's archive of these images, which fails at its end when it holds others than the engine said before. */
async function engineStream(
  ports: ArchivePorts,
  { args }: ExportOrder,
  images: readonly ResolvedImage[],
  options: RequestOptions,
): Promise<ArchiveStream> {
  const engine = await ports.engine(args.engine, options);
  const references = images.flatMap(({ origin }) => (origin.kind === "engine" ? [origin.reference] : []));
  const [platform] = images.flatMap(({ origin }) => (origin.kind === "engine" ? [origin.platform] : []));
  const passage = ports.tarballs.passage(engine.export(references, platform, options));
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

/**
 * A tag may move between the engine's word and its export (archive.md 1, weakness 16). Equal layers do only where they have
 * to: Docker 28.0 exports one platform of an index and inspects the whole. Else a rebuild with another command would pass.
 */
function requireSame({ images }: ArchiveIdentity, wanted: readonly ResolvedImage[]): void {
  for (const { key, content } of wanted) {
    const isThere = images.some(
      ({ configDigest, manifestDigest, indexDigest, diffIds }) =>
        [configDigest, manifestDigest, indexDigest].includes(content.digest) ||
        (content.identity === "manifest" && diffIds.length > 0 && diffIds.join() === content.diffIds?.join()),
    );
    if (isThere) continue;
    throw new MovedError(
      "ARCHIVE_MOVED",
      `The engine exported another image under ${key} than ${content.digest}: it moved meanwhile. Nothing was written; run pulumi up again`,
    );
  }
}

/** Beside the archive, for whoever loads it where neither the cluster nor the registries are at hand. */
/**
 * Takes over a file that holds these images already: a fresh time is our claim, so that whoever has written it before no
 * longer finds it as it was left. What belongs beside it is written if it is missing; if it says the same, it is ours too.
 * @throws ImageError ARCHIVE_UNMANAGED when something else stands beside it
 */
export async function executeAdoption(
  ports: ArchivePorts,
  order: ExportOrder,
  options: RequestOptions,
): Promise<WrittenArchive> {
  const { files } = ports;
  const { path, args } = order;
  if (!args.manifest) return { file: await files.claim(path, options), beside: {} };
  const sha256 = await files.hash(path, options);
  for (const [ending, content] of Object.entries(besideTexts(order, sha256))) {
    if ((await files.stat(`${path}${ending}`)) === undefined) continue;
    const found = await files.hash(`${path}${ending}`, options);
    if (found === createHash("sha256").update(content).digest("hex")) continue;
    throw new ImageError(
      "ARCHIVE_UNMANAGED",
      `${args.path}${ending} exists and says something else than manifest: true would write. Nothing was changed; move it away, or set overwriteUnmanaged`,
    );
  }
  return {
    file: await files.claim(path, options),
    beside: await writeBeside(ports, order, { sha256 }, options),
  };
}

function besideTexts({ path, images }: ExportOrder, sha256: string): Readonly<Record<string, string>> {
  const name = path.split(/[/\\]/).at(-1) ?? "";
  return { ".json": renderManifest(images, { name, sha256 }), ".sha256": `${sha256}  ${name}\n` };
}

async function writeBeside(
  { files }: ArchivePorts,
  order: ExportOrder,
  { sha256 }: Pick<WrittenFile, "sha256">,
  { signal }: RequestOptions,
): Promise<WrittenArchive["beside"]> {
  const { path, args } = order;
  const options = {
    mode: args.fileMode,
    createDirectories: false,
    expectedBytes: undefined,
    compression: "none",
    signal,
  } as const;
  const written: Record<string, WrittenFile> = {};
  for (const [ending, content] of Object.entries(besideTexts(order, sha256))) {
    written[ending] = await files.write(`${path}${ending}`, text(content), options);
  }
  return written;
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of one piece
async function* text(content: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(content, "utf8");
}

async function* reported(
  { content, size }: ArchiveStream,
  { progress }: ExportOptions,
): AsyncIterable<Uint8Array> {
  let written = 0;
  let saidAt = Date.now();
  for await (const chunk of content) {
    written += chunk.byteLength;
    if (Date.now() - saidAt > progressMs) {
      saidAt = Date.now();
      progress(`wrote ${formatByteSize(written)}${size === undefined ? "" : ` of ${formatByteSize(size)}`}`);
    }
    yield chunk;
  }
}
