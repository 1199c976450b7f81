import { createHash, randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageError, systemCode } from "../../support/imageError.js";
import type { RunPreview } from "./arguments.js";
import { type CliRun, findCliRun, stateOfRun } from "./run.js";

/** Carries values from the preview of a `pulumi up` to the update of the same run, which is another process, minutes later. */
export interface HandOver {
  /** False where the run of the CLI cannot be found, so that nothing can be handed over. */
  leave(urn: string, value: object): Promise<boolean>;
  /** The value that the preview of this run has left. */
  find(urn: string): Promise<Found>;
}

type Found =
  | { readonly kind: "found"; readonly value: unknown }
  /** The run has left nothing: it had no preview, the resource was not in it, or what was left is gone. */
  | { readonly kind: "nothing"; readonly preview: RunPreview }
  /** `why` continues "what the preview has left". */
  | { readonly kind: "unreadable"; readonly why: string }
  /** The run cannot be found. */
  | { readonly kind: "unavailable" };

/**
 * Files in a folder that only this user can read, named by the run and the resource. Those of runs that have ended are
 * removed by the next preview.
 */
export function createHandOver(
  folder: string = join(tmpdir(), `pulumi-okd-images-${userNumber()}`),
  findRun: () => Promise<CliRun | undefined> = findCliRun,
): HandOver {
  let known: Promise<CliRun | undefined> | undefined;
  const cliRun = () => (known ??= findRun());
  const pathOf = (run: string, urn: string) =>
    join(folder, `${run}.${createHash("sha256").update(urn).digest("hex").slice(0, 32)}.json`);

  return {
    async leave(urn, value) {
      const run = await cliRun();
      if (run === undefined) return false;
      await leaveFile(folder, pathOf(run.name, urn), value);
      return true;
    },
    async find(urn) {
      const run = await cliRun();
      return run === undefined ? { kind: "unavailable" } : await findFile(folder, pathOf(run.name, urn), run);
    },
  };
}

async function leaveFile(folder: string, path: string, value: object): Promise<void> {
  await makePrivate(folder);
  await removeEnded(folder);
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(temporary, JSON.stringify(value), { mode: 0o600, flag: "wx" });
    await rename(temporary, path);
  } catch (error) {
    throw notWritable(folder, error);
  }
}

async function findFile(folder: string, path: string, { preview }: CliRun): Promise<Found> {
  let text: string;
  try {
    await requirePrivate(folder);
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return { kind: "nothing", preview };
    if (error instanceof ImageError) throw error;
    return { kind: "unreadable", why: `cannot be read (${messageOf(error)})` };
  }
  try {
    return { kind: "found", value: JSON.parse(text) };
  } catch {
    return { kind: "unreadable", why: "is damaged" };
  }
}

/** `userInfo()` throws for a user without an entry in passwd. Windows has no numbers, and a folder for each user. */
function userNumber(): string {
  return String(process.getuid?.() ?? "own");
}

async function makePrivate(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw notWritable(folder, error);
  }
  await requirePrivate(folder);
}

/** The folder for temporary files is everybody's: another user must not be able to plant a plan. */
async function requirePrivate(folder: string): Promise<void> {
  const found = await lstat(folder);
  const isOurs = process.getuid === undefined || found.uid === process.getuid();
  if (found.isDirectory() && isOurs && (found.mode & 0o022) === 0) return;
  throw new ImageError(
    "HAND_OVER_UNSAFE",
    `${folder} is not a folder that only this user can write, so a preview's plan cannot be handed over. Remove it`,
  );
}

function notWritable(folder: string, error: unknown): ImageError {
  return new ImageError(
    "HAND_OVER_UNSAFE",
    `The preview's plan cannot be left for its update in ${folder}: ${messageOf(error)}. Set TMPDIR to a folder that this user can write`,
    { cause: error },
  );
}

/** A run may wait for its confirmation, but not as long as this. */
const staleMs = 7 * 24 * 3600 * 1000;

async function removeEnded(folder: string): Promise<void> {
  const files = await readdir(folder);
  const runs = new Set(files.map((file) => file.split(".")[0] ?? ""));
  for (const run of runs) {
    const state = await stateOfRun(run);
    if (state === "running") continue;
    for (const file of files.filter((each) => each.startsWith(`${run}.`))) {
      const path = join(folder, file);
      if (state === "ended" || (await isStale(path))) await unlink(path).catch(() => undefined);
    }
  }
}

async function isStale(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > staleMs;
}

function isMissing(error: unknown): boolean {
  return systemCode(error) === "ENOENT";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
