import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { findProgram } from "../programs/requireReal.js";
import type { TestProject } from "./project.js";

export interface ProjectProcess {
  readonly pid: number;
  readonly command: string;
}

/** The processes that work in this project's folders: CLI, program, provider, language host. Linux only. */
export function processesOf(project: TestProject): readonly ProjectProcess[] {
  const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return numbers.flatMap((number) => {
    try {
      if (!readlinkSync(`/proc/${number}/cwd`).startsWith(project.root)) return [];
      const command = readFileSync(`/proc/${number}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return command === "" ? [] : [{ pid: Number(number), command }];
    } catch {
      return []; // It has ended meanwhile, or is somebody else's.
    }
  });
}

export interface ProviderExits {
  /** PATH with a starter of dynamic providers before Pulumi's own. */
  readonly path: string;
  /** Exit codes of the provider processes that ended by themselves; one that was killed has none. */
  read(): readonly string[];
}

/** Notes how provider processes end: the CLI waits five seconds for each that does not exit, and then kills its group. */
export function watchProviderExits(project: TestProject): ProviderExits {
  const folder = join(project.root, "starter");
  const log = join(project.root, "provider-exits");
  const name = "pulumi-resource-pulumi-nodejs";
  const original = findProgram(name);
  if (original === undefined) throw new Error(`${name} is not on PATH`);
  mkdirSync(folder);
  // The trap lets the shell outlive the group's SIGINT; what it starts gets the default action back.
  const script = `#!/bin/sh\ntrap : INT\n'${original}' "$@"\necho $? >> '${log}'\n`;
  writeFileSync(join(folder, name), script);
  chmodSync(join(folder, name), 0o755);
  return {
    path: `${folder}${delimiter}${process.env.PATH ?? ""}`,
    read: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
  };
}
