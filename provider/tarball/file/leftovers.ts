import { rmSync } from "node:fs";

/** How to remove each file, by path. */
const leftovers = new Map<string, () => void>();
let isWatching = false;

/**
 * Remembers a file that must not outlive this process, however it exits. The returned function forgets the file; it answers
 * false when the file was removed meanwhile.
 */
export function cleanUpAtEnd(
  path: string,
  remove: () => void = () => rmSync(path, { force: true }),
): () => boolean {
  if (!isWatching) process.once("exit", cleanUpNow);
  isWatching = true;
  leftovers.set(path, remove);
  return () => leftovers.delete(path);
}

/** Removes the unfinished files and locks of this process. Synchronous: for a process that is about to end. */
export function cleanUpNow(): void {
  for (const [path, remove] of leftovers) {
    leftovers.delete(path);
    try {
      remove();
    } catch {
      // the next write of this archive removes it
    }
  }
}
