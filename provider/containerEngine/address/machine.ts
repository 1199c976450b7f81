import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { homeFolder } from "../../support/files/homeFolder.js";

/** The part of the machine that decides which engine is used. */
export interface EngineEnvironment {
  readonly variable: (name: string) => string | undefined;
  /** Undefined when there is no such file; throws as node:fs does when it cannot be read. */
  readonly readFile: (file: string) => string | undefined;
  readonly socketExists: (path: string) => boolean;
  readonly homeFolder: string;
  readonly isWindows: boolean;
}

export const processEngineEnvironment: EngineEnvironment = {
  variable: (name) => process.env[name],
  readFile: readIfPresent,
  socketExists,
  get homeFolder() {
    return homeFolder();
  },
  isWindows: process.platform === "win32",
};

/** A folder that this user may not look into has none for him. */
function socketExists(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** A variable that is set; empty ones count as absent, as for the Docker CLI. */
export function setVariable({ variable }: EngineEnvironment, name: string): string | undefined {
  const text = variable(name);
  return text === "" ? undefined : text;
}

/** An absolute path: `~/` is the home folder, anything else relative starts at the current one. */
export function resolvePath(file: string, { homeFolder }: EngineEnvironment): string {
  if (isAbsolute(file)) return file;
  return resolve(file.startsWith("~/") ? join(homeFolder, file.slice(2)) : file);
}
