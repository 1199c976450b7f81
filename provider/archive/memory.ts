import type { FileFacts } from "./ports.js";
import { isUntouched, type RecordedFile, type RecordedFiles } from "./state.js";

/** Which resource has written a file last, as far as this process has seen it. */
export interface FileOwners {
  /** `path`: of the archive, absolute. */
  add(urn: string, path: string, files: RecordedFiles): void;
  /** The URN of whoever has left the file at this absolute path just as it was found. */
  find(path: string, found: FileFacts | undefined): string | undefined;
}

export function createFileOwners(): FileOwners {
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
