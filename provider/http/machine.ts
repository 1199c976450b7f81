import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { isMissing } from "../support/files/place.js";
import { systemCode } from "../support/imageError.js";

/** What of the machine that this process runs on decides how servers are reached. */
export interface Machine {
  readonly variable: (name: string) => string | undefined;
  /** Throws as node:fs does, with `code` ENOENT where there is no such file; never waits for a pipe or a device. */
  readonly readFile: (file: string) => string;
  readonly socketExists: (path: string) => boolean;
  /** Where `~` is. */
  readonly homeFolder: string;
  /** `/etc`, for certs.d and registries.conf. */
  readonly systemFolder: string;
  readonly isWindows: boolean;
  /** Is told what a kubeconfig holds that no message may show. */
  readonly onSecret?: (secret: string) => void;
}

export const processMachine: Machine = {
  variable: (name) => process.env[name],
  readFile,
  socketExists,
  get homeFolder() {
    return homeFolder();
  },
  systemFolder: "/etc",
  isWindows: process.platform === "win32",
};

/** `/dev/null` is the usual way to say that a file is empty. */
function readFile(file: string): string {
  const stats = statSync(file);
  if (!stats.isFile() && !stats.isDirectory() && file !== "/dev/null") {
    throw Object.assign(new Error(`ENXIO: no file, '${file}'`), { code: "ENXIO" });
  }
  return readFileSync(file, "utf8");
}

/** In a folder that this user may not look into there is none for him. */
function socketExists(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}

/** A user without HOME and without an entry in passwd, as in many containers and CI runners, has `/`, as for engines. */
function homeFolder(): string {
  try {
    return homedir() || "/";
  } catch {
    return "/";
  }
}

/** A variable that is set; empty ones count as absent, as for the Docker CLI. */
export function setVariable({ variable }: Pick<Machine, "variable">, name: string): string | undefined {
  const text = variable(name);
  return text === "" ? undefined : text;
}

/** An absolute path: `~/` is the home folder, anything else relative starts at the current one. */
export function resolvePath(file: string, { homeFolder }: Pick<Machine, "homeFolder">): string {
  return path.resolve(file.startsWith("~/") ? path.join(homeFolder, file.slice(2)) : file);
}

/** Undefined only when there is no such file or folder; other failures are thrown. */
export function readIfThere(file: string, machine: Pick<Machine, "readFile">): string | undefined {
  try {
    return machine.readFile(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Why a file could not be read, in a few words. */
export function describeReadFailure(error: unknown): string {
  const code = systemCode(error);
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES" || code === "EPERM") return "it may not be read";
  if (code === "EISDIR") return "it is a folder";
  if (code === "ENXIO") return "it is no file but a pipe, a socket or a device";
  if (code === "ENOTDIR") return "a part of the path is a file and no folder";
  if (code === "ENAMETOOLONG") return "it is too long for a path";
  // The system's message quotes the whole path, which may be a key that was given as a path.
  return code === undefined ? "it cannot be opened" : `the system says ${code}`;
}
