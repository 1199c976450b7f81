import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Which resource of a program writes which file, as far as this process has checked them. */
export interface FileClaims {
  /** The URN of another resource that writes the file at this absolute path too; undefined when it is free, and taken now. */
  claim(urn: string, path: string): string | undefined;
}

export function createFileClaims(): FileClaims {
  const owners = new Map<string, string>();
  return {
    claim(urn, path) {
      const file = trueName(path);
      const owner = owners.get(file) ?? urn;
      owners.set(file, owner);
      return owner === urn ? undefined : owner;
    },
  };
}

/** However its folder is spelt. */
function trueName(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}
