import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { systemCode } from "../../../support/imageError.js";

/** Who holds a lock, as its file says. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Where its process number is valid: the running system, and the container in it. Empty where neither is known. */
  readonly realm: string;
  /** When its process began, in the kernel's count; empty where unknown. Tells a later process with the same number apart. */
  readonly processStart: string;
  /** RFC 3339. */
  readonly since: string;
  /** Tells this lock from any other one. */
  readonly token: string;
}

/** The owner of an unreadable lock, which is another user's: treated like one of another machine. */
const unknownOwner: Owner = { pid: 0, host: "", realm: "", processStart: "", since: "", token: "" };

export function newOwner(): Owner {
  const { pid } = process;
  return {
    pid,
    host: hostname(),
    realm: ownRealm(),
    processStart: processStart(pid) ?? "",
    since: new Date().toISOString(),
    token: randomBytes(16).toString("hex"),
  };
}

/** Reads a regular file; undefined where it names no owner. */
export function readOwner(file: string): Owner | undefined {
  try {
    const owner = JSON.parse(readFileSync(file, "utf8")) as Partial<Owner> | null;
    const { pid, host, realm = "", processStart = "", since = "", token = "" } = owner ?? {};
    return typeof pid === "number" && typeof host === "string"
      ? { pid, host, realm, processStart, since, token }
      : undefined;
  } catch (error) {
    return ["EACCES", "EPERM"].includes(systemCode(error) ?? "") ? unknownOwner : undefined;
  }
}

/** Undefined where processes cannot be asked: on another machine, before a restart, in another container. */
export function isRunning({ pid, host, realm, processStart: recorded }: Owner): boolean | undefined {
  if (host !== hostname() || (realm !== "" && realm !== ownRealm())) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) === "ESRCH") return false;
  }
  const start = processStart(pid);
  return start === undefined || recorded === "" || start === recorded;
}

/** Two machines may have one name, and two containers of one machine the same process numbers. */
function ownRealm(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}

/** Field 22 of /proc/PID/stat (proc(5)), counted behind the command's name, which may hold blanks. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
