import { createHash } from "node:crypto";
import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import { pick } from "../support/collections.js";
import type { Fields } from "../support/json.js";
import type { ArchiveArgs } from "./args/parsed.js";
import type { ArchiveInputs } from "./args/schema.js";
import type { WrittenFile } from "./filePorts.js";
import type { ArchiveContent, ContentImage } from "./outputs.js";

/** Every argument of the schema: outputs mirror all of them, under the same names, because secrets stay encrypted only there. */
const mirroredArguments = {
  path: true,
  images: true,
  tag: true,
  platforms: true,
  engine: true,
  registries: true,
  integratedRegistry: true,
  format: true,
  compression: true,
  fileMode: true,
  createDirectories: true,
  overwriteUnmanaged: true,
  onDestroy: true,
  onMissing: true,
  manifest: true,
  verify: true,
  triggers: true,
  timeouts: true,
} as const satisfies Record<keyof ArchiveInputs, true>;

/** A file as this resource has written it. With other facts it belongs to somebody else. */
export type RecordedFile = Pick<WrittenFile, "size" | "mtimeMs" | "fileId" | "sha256">;

/** All files of an archive. */
export interface RecordedFiles {
  readonly archive: RecordedFile;
  /** Its sidecar files, by the ending of their paths. */
  readonly beside: Readonly<Record<string, RecordedFile>>;
}

export interface ArchiveStateParts {
  readonly inputs: Fields;
  readonly content: ArchiveContent;
  readonly files: RecordedFiles;
  readonly format: ArchiveArgs["format"];
  /** Where its image streams are; undefined for an archive without any. */
  readonly cluster: ClusterIdentity | undefined;
}

/** The outputs, field by field. */
export function archiveOutputs({ inputs, content, files, format, cluster }: ArchiveStateParts): Fields {
  const beside = Object.entries(files.beside).map(([ending, file]) => [ending, recorded(file)]);
  return {
    ...mirrored(inputs),
    content,
    writtenFormat: format,
    ...recorded(files.archive),
    beside: Object.fromEntries(beside),
    ...(cluster === undefined ? {} : { cluster }),
  };
}

export function idOf({ path }: Pick<ArchiveArgs, "path">): string {
  return `image-archive/${createHash("sha256").update(path).digest("hex").slice(0, 16)}`;
}

/** The arguments in inputs or outputs, without the content. */
export function mirrored(bag: Fields): Fields {
  return pick(bag, Object.keys(mirroredArguments));
}

export function recordedContent(bag: Fields): ArchiveContent | undefined {
  return bag.content as ArchiveContent | undefined;
}

export function recordedImages(bag: Fields): Readonly<Record<string, ContentImage>> {
  return recordedContent(bag)?.images ?? {};
}

export function recordedFiles(state: Fields): RecordedFiles {
  return {
    archive: recorded(state as unknown as RecordedFile),
    beside: (state.beside ?? {}) as RecordedFiles["beside"],
  };
}

function recorded({ size, mtimeMs, fileId, sha256 }: RecordedFile): RecordedFile {
  return { size, mtimeMs, fileId, sha256 };
}
