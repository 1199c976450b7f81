import { isUntouched } from "../support/files/untouched.js";
import type { ArchiveArgs } from "./args/parsed.js";
import type { FileFacts } from "./filePorts.js";
import type { ArchiveContent } from "./outputs.js";
import type { SourceImage } from "./plan/resolvedImage.js";
import type { RecordedFile, RecordedFiles } from "./state.js";

/** What a process knows of the archives of the program, by URN. */
export interface KnownArchives {
  /** What its check has found: create and update need more than the content tells. */
  readonly resolved: Map<string, readonly SourceImage[]>;
  /**
   * What the last run has declared: the second check of a replacement is not told. (With --replace, and of a tainted
   * resource, neither is: there the file can only be adopted.)
   */
  readonly declared: Map<string, DeclaredArchive>;
  readonly owners: FileOwners;
}

export function createKnownArchives(): KnownArchives {
  return { resolved: new Map(), declared: new Map(), owners: createFileOwners() };
}

/** Which resource has written a file last, as far as this process has seen it. */
export interface FileOwners {
  /** `path`: of the archive, absolute. */
  add(urn: string, path: string, files: RecordedFiles): void;
  /** The URN of the resource that wrote the file at this absolute path as it was found. */
  find(path: string, found: FileFacts | undefined): string | undefined;
}

function createFileOwners(): FileOwners {
  const owners = new Map<string, { readonly urn: string; readonly file: RecordedFile }>();
  return {
    add(urn, path, { archive, beside }) {
      for (const [ending, file] of Object.entries({ "": archive, ...beside })) {
        owners.set(`${path}${ending}`, { urn, file });
      }
    },
    find(path, found) {
      const owner = owners.get(path);
      return owner !== undefined && found !== undefined && isUntouched(owner.file, found)
        ? owner.urn
        : undefined;
    },
  };
}

export interface DeclaredArchive {
  readonly images: ArchiveContent["images"];
  readonly args: ArchiveArgs;
}
