import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  realpathSync,
  statfsSync,
  type Stats,
  statSync,
} from "node:fs";
import { access, lstat, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "../imageError.js";

/** Why no file can be written at a path. */
export type Obstacle =
  /** The folder does not exist; the program may make it before. */
  | { readonly kind: "no-folder"; readonly folder: string }
  /** `why` continues the path: `is a directory, not a file`. */
  | { readonly kind: "refused"; readonly why: string };

/** File systems that hold no files: proc, sysfs, cgroups, devpts and the like (statfs(2)). */
const pseudoFileSystems: ReadonlySet<number> = new Set([
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x1cd1, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11,
  0x19800202, 0x62656570, 0x6e736673,
]);
const pseudoFolders = /^\/(?:proc|sys|dev(?!\/shm(?:\/|$)))(?:\/|$)/;

/**
 * What prevents a file at an absolute path; undefined when it can be written. Opens nothing: a pipe would wait for its writer,
 * and some files of /proc for ever.
 *
 * @param makesFolders - the writer makes missing folders
 * @throws the system's error about a path that cannot be examined: `describeSystemError` puts it into words
 */
export async function findObstacle(
  path: string,
  { makesFolders }: { readonly makesFolders: boolean },
): Promise<Obstacle | undefined> {
  const refused = (why: string): Obstacle => ({ kind: "refused", why });
  const own = await existing(lstat(path));
  if (own !== undefined && !own.isFile()) return refused(await describeKind(path, own));
  const folder = dirname(path);
  const parent = await nearestFolder(folder);
  if (typeof parent === "string") return refused(parent);
  if (isPseudo(parent.real)) return refused(pseudoClause);
  const mayWrite = await whyNotWritable(parent.real);
  if (mayWrite !== undefined) return refused(mayWrite);
  return parent.path === folder || makesFolders ? undefined : { kind: "no-folder", folder };
}

/** `is a directory`, `is a symlink to nothing`: what is no regular file. */
async function describeKind(path: string, stats: Stats): Promise<string> {
  if (stats.isSymbolicLink()) {
    return (await existing(stat(path))) === undefined
      ? "is a symlink to something that does not exist"
      : "is a symlink, not a file";
  }
  return kindOf(stats);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "is a directory, not a file";
  if (stats.isFIFO()) return "is a pipe, not a file";
  if (stats.isSocket()) return "is a socket, not a file";
  return "is a device, not a file";
}

/** The nearest existing folder above, or a clause about what stands there instead. */
async function nearestFolder(
  folder: string,
): Promise<{ readonly path: string; readonly real: string } | string> {
  for (let path = folder; ; path = dirname(path)) {
    const link = await existing(lstat(path));
    if (link === undefined) continue;
    const found = await existing(stat(path));
    if (found === undefined) return `lies behind ${path}, a symlink to something that does not exist`;
    if (found.isDirectory()) return { path, real: await realpath(path) };
    return `lies below ${path}, which ${found.isFile() ? "is a file" : kindOf(found)}`;
  }
}

const pseudoClause = "lies where the system shows itself, and where no files are kept";

/** `path` without links. */
function isPseudo(path: string): boolean {
  if (process.platform === "win32") return false;
  return (
    pseudoFolders.test(path) || (process.platform === "linux" && pseudoFileSystems.has(statfsSync(path).type))
  );
}

async function whyNotWritable(folder: string): Promise<string | undefined> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    if (code === "EROFS") return `lies in ${folder}, on a file system that is read-only`;
    if (code === "EACCES" || code === "EPERM") return `lies in ${folder}, where this user may not write`;
    throw error;
  }
}

/** Undefined when there is nothing at the path, or something above it is no folder. */
async function existing<Found>(look: Promise<Found>): Promise<Found | undefined> {
  try {
    return await look;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether the system says that nothing is at a path, or that something above it is no folder. */
export function isMissing(error: unknown): boolean {
  return systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR";
}

export type FileText =
  | { readonly ok: true; readonly text: string }
  /** `why` continues the path: `does not exist`. */
  | { readonly ok: false; readonly why: string };

/** O_NONBLOCK: a pipe that replaces the file meanwhile must not wait for its writer. Windows has no such flag. */
const readWithoutWaiting = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0);

/** The text of a regular file, links followed; `maxBytes` of it at most. Never waits for anything but the disk. */
export function readTextFile(path: string, maxBytes = 256 * 1024 * 1024): FileText {
  const refused = (why: string): FileText => ({ ok: false, why });
  let descriptor: number | undefined;
  try {
    const before = statSync(path);
    if (!before.isFile()) return refused(kindOf(before));
    if (isPseudo(realpathSync(path))) return refused(pseudoClause);
    descriptor = openSync(path, readWithoutWaiting);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return refused(kindOf(stats));
    if (stats.size > maxBytes) return refused(`is larger than ${maxBytes} bytes`);
    return { ok: true, text: readFileSync(descriptor, "utf8") };
  } catch (error) {
    return refused(describeSystemError(error));
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Continues the path: `may not be read by this user`. */
export function describeSystemError(error: unknown): string {
  switch (systemCode(error)) {
    case "ENOENT":
      return "does not exist";
    case "ENOTDIR":
      return "lies below something that is no folder";
    case "EACCES":
    case "EPERM":
      return "may not be read by this user";
    case "ENAMETOOLONG":
      return "has a name that is too long for its file system";
    case "ELOOP":
      return "is a symlink that leads back to itself";
    case "ENXIO":
      return "is a socket, or a pipe that nobody writes";
    default:
      return `cannot be looked at (${error instanceof Error ? error.message : String(error)})`;
  }
}
