import { readFileSync } from "node:fs";
import path from "node:path";
import { homeFolder } from "../support/files/homeFolder.js";

/** The part of the machine that decides about connections. */
export interface ConnectionEnvironment {
  readonly variable: (name: string) => string | undefined;
  /** Throws as node:fs does, with `code` ENOENT where there is no such file. */
  readonly readFile: (file: string) => string;
  readonly homeFolder: string;
  /** Told what a kubeconfig holds that no message may show. */
  readonly onSecret?: (secret: string) => void;
}

export const processEnvironment: ConnectionEnvironment = {
  variable: (name) => process.env[name],
  readFile: (file) => readFileSync(file, "utf8"),
  get homeFolder() {
    return homeFolder();
  },
};

/** An absolute path: `~/` is the home folder, anything else relative starts at the current one. */
export function resolvePath(file: string, { homeFolder }: ConnectionEnvironment): string {
  return path.resolve(file.startsWith("~/") ? path.join(homeFolder, file.slice(2)) : file);
}

export function isMissingFile(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Why a file could not be read, in a few words. */
export function describeReadFailure(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES" || code === "EPERM") return "it may not be read";
  if (code === "EISDIR") return "it is a folder";
  if (code === "ENOTDIR") return "a part of the path is a file and no folder";
  if (code === "ENAMETOOLONG") return "it is too long for a path";
  // The system's own words quote the whole path, which may be a key that was given as one.
  return typeof code === "string" ? `the system says ${code}` : "it cannot be opened";
}

/** Undefined only when there is no such file or folder; other failures are thrown. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

export function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
