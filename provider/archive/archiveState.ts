import type { ArchiveArgs } from "./archiveArgs.js";
import { pick } from "../support/pick.js";
import type { ArchiveContent, ContentImage } from "./content.js";
import type { FileFacts, WrittenFile } from "./ports.js";

type Bag = Readonly<Record<string, unknown>>;

/** Shape of the outputs; hooks read every older one. */
const schemaVersion = 1;

/** Arguments that outputs mirror, under the same names, because secrets stay encrypted only there. */
const mirroredArguments = [
  "path",
  "images",
  "tag",
  "platforms",
  "engine",
  "registries",
  "format",
  "compression",
  "fileMode",
  "createDirectories",
  "overwriteUnmanaged",
  "onDestroy",
  "onMissing",
  "manifest",
  "verify",
  "triggers",
  "timeouts",
] as const;

/** The file as this resource has left it. A file with other facts is somebody else's by now. */
export type RecordedFile = Pick<WrittenFile, "size" | "mtimeMs" | "fileId" | "sha256">;

export interface ArchiveStateParts {
  readonly inputs: Bag;
  readonly content: ArchiveContent;
  readonly file: RecordedFile;
  readonly beside: Readonly<Record<string, RecordedFile>>;
  readonly format: ArchiveArgs["format"];
}

/** The outputs, field by field. */
export function archiveOutputs({ inputs, content, file, beside, format }: ArchiveStateParts): Bag {
  return {
    ...mirrored(inputs),
    schemaVersion,
    content,
    writtenFormat: format,
    sha256: file.sha256,
    size: file.size,
    mtimeMs: file.mtimeMs,
    fileId: file.fileId,
    beside: recordedAll(beside),
  };
}

/** The arguments in inputs or outputs, without the content. */
export function mirrored(bag: Bag): Bag {
  return pick(bag, mirroredArguments);
}

export function recordedContent(bag: Bag): ArchiveContent | undefined {
  return bag.content as ArchiveContent | undefined;
}

export function recordedImages(bag: Bag): Readonly<Record<string, ContentImage>> {
  return recordedContent(bag)?.images ?? {};
}

export function recordedFile(state: Bag): RecordedFile {
  const { size, mtimeMs, fileId, sha256 } = state;
  return { size, mtimeMs, fileId, sha256 } as RecordedFile;
}

export function recordedBeside(state: Bag): Readonly<Record<string, RecordedFile>> {
  return (state.beside ?? {}) as Readonly<Record<string, RecordedFile>>;
}

export function recorded({ size, mtimeMs, fileId, sha256 }: RecordedFile): RecordedFile {
  return { size, mtimeMs, fileId, sha256 };
}

export function recordedAll(
  files: Readonly<Record<string, RecordedFile>>,
): Readonly<Record<string, RecordedFile>> {
  return Object.fromEntries(Object.entries(files).map(([ending, file]) => [ending, recorded(file)]));
}

/** Whether the file is just as it was left: the cheap look. */
export function isUntouched(file: RecordedFile, found: FileFacts): boolean {
  return (
    found.kind === "file" &&
    found.size === file.size &&
    found.mtimeMs === file.mtimeMs &&
    found.fileId === file.fileId
  );
}
