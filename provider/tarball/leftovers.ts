import { rmSync } from "node:fs";

const leftovers = new Set<string>();

/** Remembers a file that must not outlive this process; the answer forgets it again. */
export function cleanUpAtEnd(path: string): () => void {
  leftovers.add(path);
  return () => void leftovers.delete(path);
}

/** Removes the unfinished files and locks of this process. Synchronous: for a process that is about to end. */
export function cleanUpNow(): void {
  for (const path of leftovers) {
    leftovers.delete(path);
    try {
      rmSync(path, { force: true });
    } catch {
      // the next write of this archive removes it
    }
  }
}
