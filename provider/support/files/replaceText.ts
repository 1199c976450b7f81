import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, realpath, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode } from "../imageError.js";

/**
 * Writes a file and makes its folders. A reader of the path finds the old content or all of the new text, never a part.
 * Where there was no file, one that appears meanwhile is never written over. Throws as node:fs does.
 */
export async function replaceText(target: string, text: string): Promise<void> {
  const unfinished = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  try {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(unfinished, text, { flag: "wx" });
    await (existsSync(target) ? rename(unfinished, target) : putAnew(unfinished, target));
  } finally {
    await rm(unfinished, { force: true }).catch(() => undefined);
  }
}

/** Unlike a rename, a hard link never takes the place of a file that came meanwhile; some file systems have none. */
async function putAnew(unfinished: string, target: string): Promise<void> {
  try {
    await link(unfinished, target);
  } catch (error) {
    if (systemCode(error) === "EEXIST") throw error;
    await rename(unfinished, target);
  }
}

/** Where a path leads, links followed; the path itself where nothing is there. */
export async function followedLink(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

export function exists(path: string): boolean {
  return existsSync(path);
}
