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

/** A file as this resource has left it. One with other facts is somebody else's by now. */
export type RecordedFile = Pick<WrittenFile, "size" | "mtimeMs" | "fileId" | "sha256">;

/** All files of an archive. */
export interface RecordedFiles {
  readonly archive: RecordedFile;
  /** What stands beside it, by what its path ends in. */
  readonly beside: Readonly<Record<string, RecordedFile>>;
}

export interface ArchiveStateParts {
  readonly inputs: Bag;
  readonly content: ArchiveContent;
  readonly files: RecordedFiles;
  readonly format: ArchiveArgs["format"];
}

/** The outputs, field by field. */
export function archiveOutputs({ inputs, content, files, format }: ArchiveStateParts): Bag {
  const beside = Object.entries(files.beside).map(([ending, file]) => [ending, recorded(file)]);
  return {
    ...mirrored(inputs),
    schemaVersion,
    content,
    writtenFormat: format,
    ...recorded(files.archive),
    beside: Object.fromEntries(beside),
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

export function recordedFiles(state: Bag): RecordedFiles {
  return {
    archive: recorded(state as unknown as RecordedFile),
    beside: (state.beside ?? {}) as RecordedFiles["beside"],
  };
}

function recorded({ size, mtimeMs, fileId, sha256 }: RecordedFile): RecordedFile {
  return { size, mtimeMs, fileId, sha256 };
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
