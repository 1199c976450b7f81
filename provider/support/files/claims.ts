import { dirname } from "node:path";
import { addTo } from "../collections.js";
import { hasSeveralNames, isSameFile, isThere, spelling, truePath } from "./sameFile.js";

/** Which resource of a program writes and reads which file, as far as this process has checked them. Paths are absolute. */
export interface FileClaims {
  /** Claims the file; answers the URN of another resource that has claimed it, else undefined. */
  claim(urn: string, path: string): string | undefined;
  /** The URN of another resource that reads an approved plan from the file. */
  readerOf(urn: string, path: string): string | undefined;
  /** Notes that the resource reads the file; answers the URN of another resource that writes it. */
  read(urn: string, path: string): string | undefined;
}

export function createFileClaims(): FileClaims {
  const [writers, readers] = [createPlaces(), createPlaces()];
  return {
    claim(urn, path) {
      const other = writers.find(urn, path);
      if (other === undefined) writers.add(urn, path);
      return other;
    },
    readerOf: (urn, path) => readers.find(urn, path),
    read(urn, path) {
      readers.add(urn, path);
      return writers.find(urn, path);
    },
  };
}

interface Place {
  readonly urn: string;
  readonly path: string;
}

interface Places {
  add(urn: string, path: string): void;
  /** The URN of another resource that has the same file. */
  find(urn: string, path: string): string | undefined;
}

/** Indexed by spelling, so that many files are compared quickly. A folder that did not exist may have become a link meanwhile. */
function createPlaces(): Places {
  const known = new Set<string>();
  const bySpelling = new Map<string, Place[]>();
  const byMissingFolder = new Map<string, Place[]>();

  function enter(place: Place): void {
    addTo(bySpelling, spelling(truePath(place.path)), place);
    if (!isThere(dirname(place.path))) addTo(byMissingFolder, dirname(place.path), place);
  }

  function candidates(path: string): readonly Place[] {
    for (const [folder, places] of [...byMissingFolder]) {
      if (!isThere(folder)) continue;
      byMissingFolder.delete(folder);
      places.forEach(enter);
    }
    if (hasSeveralNames(path)) return [...bySpelling.values()].flat();
    return bySpelling.get(spelling(truePath(path))) ?? [];
  }

  return {
    add(urn, path) {
      const key = `${urn} ${path}`;
      if (!known.has(key)) enter({ urn, path });
      known.add(key);
    },
    find: (urn, path) =>
      candidates(path).find((place) => place.urn !== urn && isSameFile(place.path, path))?.urn,
  };
}
