import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";
import { type CliArguments, previewOfRun, type RunPreview } from "./arguments.js";

const run = promisify(execFile);

/** A run of the Pulumi CLI. */
export interface CliRun {
  /** Number and start of its process, and the PID namespace: no other run ever has all three. */
  readonly name: string;
  readonly preview: RunPreview;
}

interface KnownProcess {
  /** 0 where there is none that can be seen. */
  readonly parent: number;
  readonly command: string;
  /** Tells it from an earlier process with the same number, and from one of another namespace. */
  readonly startedAt: string;
}

interface CommandLine extends CliArguments {
  /** As the process calls itself. */
  readonly program: string;
}

/** The processes that this process can see; tests use a table of their own. */
export interface ProcessTable {
  /** Undefined where there is none with this number. */
  find(pid: number): Promise<KnownProcess | undefined>;
  commandLine(pid: number): Promise<CommandLine | undefined>;
}

/** Far more than a provider is ever away from its CLI. */
const maxGenerations = 16;

/**
 * The run of the Pulumi CLI that this provider process works for: preview and update of one `pulumi up` have the same, though
 * each has a provider process of its own. Undefined where no CLI is found among the parents: in tests, in another PID namespace,
 * or on a system without /proc and `ps`.
 */
export async function findCliRun(
  pid: number = process.ppid,
  environment: NodeJS.ProcessEnv = process.env,
  processes: ProcessTable = systemProcesses,
): Promise<CliRun | undefined> {
  let current = pid;
  // In a container the CLI itself may be process 1.
  for (let generation = 0; generation < maxGenerations && current > 0; generation += 1) {
    const found = await processes.find(current);
    if (found === undefined) return undefined;
    const line = await processes.commandLine(current);
    if (isCli(found.command) || isCli(line?.program ?? "")) {
      const preview =
        line === undefined ? "unknown" : previewOfRun(line, environment.PULUMI_OPTION_SKIP_PREVIEW);
      return { name: `${current}-${found.startedAt}`, preview };
    }
    current = found.parent;
  }
  return undefined;
}

/** Whether the CLI of the run with that name is still running; `elsewhere`: in another container, so it cannot be told. */
export async function stateOfRun(name: string): Promise<"running" | "ended" | "elsewhere"> {
  const [pid = "", , namespace] = name.split("-");
  if (namespace !== undefined && namespace !== (await pidNamespace())) return "elsewhere";
  const found = await systemProcesses.find(Number(pid));
  return found !== undefined && name === `${pid}-${found.startedAt}` ? "running" : "ended";
}

const systemProcesses: ProcessTable = { find: readProcess, commandLine: readCommandLine };

function isCli(command: string): boolean {
  return command.split("/").at(-1) === "pulumi";
}

async function readProcess(pid: number): Promise<KnownProcess | undefined> {
  try {
    return process.platform === "linux" ? await readProcStat(pid) : await readPs(pid);
  } catch {
    return undefined;
  }
}

/** proc(5): `pid (comm) state ppid …`; starttime is field 22, and comm may hold anything. */
async function readProcStat(pid: number): Promise<KnownProcess | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const afterCommand = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [, parent] = afterCommand;
  const startedAt = afterCommand[19];
  if (parent === undefined || startedAt === undefined) return undefined;
  const command = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
  const namespace = await pidNamespace();
  const start = namespace === undefined ? startedAt : `${startedAt}-${namespace}`;
  return { parent: Number(parent), command, startedAt: start };
}

/** namespaces(7): `pid:[4026531836]`; containers that share a temporary folder count processes each for itself. */
async function pidNamespace(): Promise<string | undefined> {
  const link = await readlink("/proc/self/ns/pid").catch(() => "");
  return /\d+/.exec(link)?.[0];
}

async function readPs(pid: number): Promise<KnownProcess | undefined> {
  const { stdout } = await run("ps", ["-o", "ppid=,lstart=,comm=", "-p", String(pid)]);
  // lstart has five words: Sat Nov 21 08:00:00 2026
  const match = /^(\d+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(\S.*)$/s.exec(stdout.trim());
  const [, parent, startedAt, command] = match ?? [];
  if (parent === undefined || startedAt === undefined || command === undefined) return undefined;
  return { parent: Number(parent), command, startedAt: startedAt.replace(/\W+/g, "_") };
}

async function readCommandLine(pid: number): Promise<CommandLine | undefined> {
  try {
    if (process.platform === "linux") return commandLineOf(await readFile(`/proc/${pid}/cmdline`, "utf8"));
    const { stdout } = await run("ps", ["-ww", "-o", "args=", "-p", String(pid)]);
    return commandLineOfPs(stdout);
  } catch {
    return undefined;
  }
}

/** proc(5): every word ends in NUL. */
function commandLineOf(text: string): CommandLine | undefined {
  const [program, ...words] = text.replace(/\0$/, "").split("\0");
  return program === undefined || program === "" ? undefined : { program, words, isExact: true };
}

/** `ps` puts spaces between the words and quotes nothing. */
function commandLineOfPs(text: string): CommandLine | undefined {
  const [program = "", ...words] = text.trim().split(/\s+/);
  return program === "" ? undefined : { program, words, isExact: false };
}
