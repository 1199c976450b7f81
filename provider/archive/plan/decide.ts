import { isDeepStrictEqual } from "node:util";
import { arePlatformsEqual } from "../../oci/platform.js";
import { own } from "../../support/collections.js";
import type { ArchiveArgs } from "../args/parsed.js";
import type { FileFacts } from "../filePorts.js";
import type { ArchiveAction, ArchiveContent, ContentImage } from "../outputs.js";
import { isSameImage } from "./content.js";

/** What stands at the archive's path. */
export type FoundFile =
  | { readonly kind: "nothing" }
  /** It holds exactly the wanted images. */
  | { readonly kind: "right-archive" }
  /** `why` it is not that, as a clause; absent where that was not asked. */
  | { readonly kind: "other-file"; readonly why?: string }
  /** Not a regular file. */
  | { readonly kind: "no-file"; readonly what: NoFile };

type NoFile = Exclude<FileFacts["kind"], "file">;

/** Something in the place of a sidecar file; `ending`: of its path, beyond the archive's. */
export interface BesideFile {
  readonly ending: string;
  readonly kind: FileFacts["kind"];
}

export interface ArchiveFacts {
  /** What the archive is to hold. */
  readonly images: Readonly<Record<string, ContentImage>>;
  readonly size: number | undefined;
  readonly file: FoundFile;
  /** What stands in the places of its sidecar files and is not ours. */
  readonly beside: readonly BesideFile[];
  /** Undefined for a new resource, and for another path. */
  readonly recorded: RecordedArchive | undefined;
}

/** What the last run has written. */
export interface RecordedArchive {
  readonly images: Readonly<Record<string, ContentImage>>;
  readonly args: WrittenArgs;
  /** The file belongs to a resource that this one replaces; this one writes its own. */
  readonly isReplaced: boolean;
}

/** The arguments that decide what is written, apart from the images. */
type WrittenArgs = Pick<ArchiveArgs, "format" | "compression" | "manifest" | "triggers">;

export type ArchivePlan =
  | {
      readonly kind: "planned";
      readonly content: ArchiveContent;
      /** What would stop `up`, unless the program repairs it before. */
      readonly warning?: string;
    }
  /** Begins with the argument to change. */
  | { readonly kind: "refused"; readonly reason: string };

/** What is to happen to the file, and why. Pure. */
export function planArchive(facts: ArchiveFacts, args: ArchiveArgs): ArchivePlan {
  const { file, recorded } = facts;
  if (file.kind === "no-file") return noFile(args.path, file.what);
  for (const { ending, kind } of facts.beside) {
    if (kind !== "file") return noFile(`${args.path}${ending}`, kind);
  }
  const planned = (action: ArchiveAction, reason: string): ArchivePlan => {
    const [taken] = args.overwriteUnmanaged || action === "adopt" ? [] : facts.beside;
    if (taken !== undefined) return unmanaged(`${args.path}${taken.ending}`);
    const size = facts.size === undefined ? {} : { size: facts.size };
    return { kind: "planned", content: { action, reason, images: facts.images, ...size } };
  };
  if (recorded === undefined) return planFirst(file, args, planned);
  if (file.kind === "nothing" && args.onMissing === "export") return planned("rewrite", "the file is gone");
  const moved = describeMoves(recorded.images, facts.images);
  if (moved !== undefined) return planned("rewrite", moved);
  const option = changedOption(recorded.args, args);
  if (option !== undefined) return planned("rewrite", `${option} changed`);
  if (recorded.isReplaced) return planned("rewrite", "the resource is replaced");
  const why = file.kind === "nothing" ? "the file is elsewhere" : "its images are the same";
  return planned("keep", `${why}${describeBeside(recorded.args, args)}`);
}

function noFile(path: string, what: NoFile): ArchivePlan {
  return refusedPath(path, `is a ${what === "other" ? "device, pipe or socket" : what}, not a file`);
}

/** @param why - continues the path: `is a directory, not a file` */
export function refusedPath(path: string, why: string): ArchivePlan {
  return {
    kind: "refused",
    reason: `path: ${path} ${why}. Put that right, or choose another path [ARCHIVE_PATH]`,
  };
}

/** What is done about sidecar files while the archive is kept. */
function describeBeside(before: WrittenArgs, after: WrittenArgs): string {
  if (before.manifest === after.manifest) return "";
  return after.manifest
    ? "; its mapping and checksum are to be written"
    : "; its mapping and checksum are to be removed";
}

function planFirst(
  file: FoundFile,
  { path, overwriteUnmanaged }: ArchiveArgs,
  planned: (action: ArchiveAction, reason: string) => ArchivePlan,
): ArchivePlan {
  if (file.kind === "nothing") return planned("write", "there is no file yet");
  if (file.kind === "right-archive") return planned("adopt", "the file holds these images already");
  const why = file.kind === "other-file" ? file.why : undefined;
  if (!overwriteUnmanaged) return unmanaged(path, why);
  const told = why === undefined ? "" : `; ${why}`;
  return planned("rewrite", `overwriteUnmanaged: the file was written by somebody else${told}`);
}

/** @param why - what stands there cannot be taken over, where that was asked */
function unmanaged(path: string, why?: string): ArchivePlan {
  const told = why === undefined ? "" : ` It cannot be taken over: ${why}.`;
  const advice = "Set overwriteUnmanaged, or choose another path";
  return {
    kind: "refused",
    reason: `path: ${path} exists and was not written by this resource.${told} ${advice} [ARCHIVE_UNMANAGED]`,
  };
}

/** `quay.io/acme/web:v1 moved`; undefined when both are the same images under the same names. */
function describeMoves(
  before: Readonly<Record<string, ContentImage>>,
  after: Readonly<Record<string, ContentImage>>,
): string | undefined {
  const changes = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((key) => {
    const [old, now] = [own(before, key), own(after, key)];
    if (old === undefined) return [`${key} is new`];
    if (now === undefined) return [`${key} is removed`];
    if (!isSameImage(old, now)) return [`${key} moved`];
    if (!isDeepStrictEqual(old.names, now.names)) return [`${key} has another name`];
    return arePlatformsEqual(old.platforms, now.platforms) ? [] : [`${key} has other platforms`];
  });
  if (changes.length === 0) return undefined;
  return changes.length <= 3
    ? changes.join(", ")
    : `${changes.slice(0, 3).join(", ")} and ${changes.length - 3} more`;
}

/** Of those that decide the archive's own bytes. */
function changedOption(before: WrittenArgs, after: WrittenArgs): keyof WrittenArgs | undefined {
  const keys = ["format", "compression", "triggers"] as const;
  return keys.find((key) => !isDeepStrictEqual(before[key], after[key]));
}
