import { rmSync } from "node:fs";

const leftovers = new Set<string>();
let isWatching = false;

/** Remembers a file that must not outlive this process, however it exits; the answer forgets it again. */
export function cleanUpAtEnd(path: string): () => void {
  if (!isWatching) process.once("exit", cleanUpNow);
  isWatching = true;
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
