import { readdirSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { dirname, join, parse, resolve, sep } from "node:path";

/** What distinguishes files; tests use a disk of their own. */
export interface FileLook {
  /** Every link followed; undefined when that is impossible. */
  realPath(path: string): string | undefined;
  /** What a symbolic link says; undefined for everything else. */
  linkAt(path: string): string | undefined;
  /** The same for all names of one file; undefined where it does not exist or may not be read. */
  identity(path: string): string | undefined;
  /** Names in a folder; empty where it may not be read. */
  namesIn(folder: string): readonly string[];
}

const diskLook: FileLook = {
  realPath: (path) => orUndefined(() => realpathSync.native(path)),
  linkAt: (path) => orUndefined(() => readlinkSync(path)),
  identity: (path) =>
    orUndefined(() => {
      const { dev, ino } = statSync(path, { bigint: true });
      return `${dev}:${ino}`;
    }),
  namesIn: (folder) => orUndefined(() => readdirSync(folder)) ?? [],
};

const maxLinks = 40;

/**
 * Whether two absolute paths name one file, or would once it is written: by symbolic links of the file or of any folder above it,
 * by hard links, or by a spelling that the file system does not tell apart.
 */
export function isSameFile(a: string, b: string, look: FileLook = diskLook): boolean {
  const [one, other] = [truePath(a, look), truePath(b, look)];
  if (one === other) return true;
  const [found, otherFound] = [look.identity(one), look.identity(other)];
  if (found !== undefined || otherFound !== undefined) return found === otherFound;
  if (spelling(one) !== spelling(other)) return false;
  const [folder, otherFolder] = [nearestFolder(one, look), nearestFolder(other, look)];
  if (look.identity(folder) !== look.identity(otherFolder)) return false;
  return !tellsCaseApart(folder, look);
}

/** The absolute path with every link in it followed, also where its end does not exist yet. */
export function truePath(path: string, look: FileLook = diskLook, linksLeft = maxLinks): string {
  const real = look.realPath(path);
  if (real !== undefined) return real;
  const { root } = parse(path);
  const names = path.slice(root.length).split(sep);
  let folder = root;
  for (const [index, name] of names.entries()) {
    const place = join(folder, name);
    const rest = names.slice(index + 1);
    const link = linksLeft > 0 ? look.linkAt(place) : undefined;
    if (link !== undefined) return truePath(resolve(folder, link, ...rest), look, linksLeft - 1);
    if (look.identity(place) === undefined) return join(look.realPath(folder) ?? folder, name, ...rest);
    folder = place;
  }
  return folder;
}

/** The form that case-insensitive file systems compare. */
export function spelling(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

/** Whether a file of this path exists, and under more than one name. */
export function hasSeveralNames(path: string): boolean {
  return (orUndefined(() => statSync(path).nlink) ?? 1) > 1;
}

export function isThere(path: string): boolean {
  return diskLook.identity(path) !== undefined;
}

/** The nearest existing folder above. */
function nearestFolder(path: string, look: FileLook): string {
  const { root } = parse(path);
  let folder = root;
  for (const name of dirname(path).slice(root.length).split(sep)) {
    const place = join(folder, name);
    if (look.identity(place) === undefined) return folder;
    folder = place;
  }
  return folder;
}

/** Tests another spelling of an existing name; where no name has letters, case counts. */
function tellsCaseApart(folder: string, look: FileLook): boolean {
  for (let place = folder; ; place = dirname(place)) {
    const names = look.namesIn(place).filter((name) => swapped(name) !== name);
    const found = names.find((name) => look.identity(join(place, name)) !== undefined);
    if (found !== undefined) {
      return look.identity(join(place, found)) !== look.identity(join(place, swapped(found)));
    }
    if (dirname(place) === place) return true;
  }
}

function swapped(name: string): string {
  return name.replaceAll(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}

function orUndefined<Found>(look: () => Found): Found | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
