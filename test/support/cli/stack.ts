import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Bag, type EngineEvent, Operation } from "./operation.js";
import { processesOf } from "./processes.js";
import type { ProgramSpec } from "./programSpec.js";
import { createProject, type SdkChoice, type TestProject } from "./project.js";

export interface StackOptions {
  readonly sdk?: SdkChoice;
  /** Default: a project of its own with the program of program.ts. */
  readonly project?: TestProject;
  readonly name?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** UID and GID under which the CLI runs, where that is not this process's user. Needs root. */
  readonly user?: number;
}

export interface RunningCli {
  readonly process: ChildProcess;
  readonly finished: Promise<Operation>;
}

export interface StoredResource {
  readonly urn: string;
  readonly id?: string;
  readonly inputs: Bag;
  readonly outputs: Bag;
  readonly initErrors?: readonly string[];
  readonly taint?: boolean;
}

export interface StoredStack {
  readonly resources: readonly StoredResource[];
  readonly pendingOperations: readonly unknown[];
}

/** One stack of one test project, driven by the real CLI in child processes. */
export class Stack {
  readonly project: TestProject;
  readonly name: string;
  readonly environment: Record<string, string>;
  /** Everything that has been run to its end, in order. */
  readonly operations: Operation[] = [];
  readonly #user: number | undefined;
  #started = 0;

  private constructor(project: TestProject, { name = "dev", environment, user }: StackOptions) {
    this.project = project;
    this.name = name;
    this.environment = { ...project.environment, ...environment };
    this.#user = user;
  }

  static async create(options: StackOptions = {}): Promise<Stack> {
    const project = options.project ?? createProject(options.sdk);
    const stack = new Stack(project, options);
    await stack.succeed("stack", "init", stack.name);
    return stack;
  }

  declare(program: ProgramSpec): void {
    this.project.declare(program);
  }

  preview(...flags: string[]): Promise<Operation> {
    return this.run("preview", ...flags);
  }

  /** Preview and update, as a person runs it. */
  up(...flags: string[]): Promise<Operation> {
    return this.run("up", "--yes", ...flags);
  }

  refresh(...flags: string[]): Promise<Operation> {
    return this.run("refresh", "--yes", ...flags);
  }

  destroy(...flags: string[]): Promise<Operation> {
    return this.run("destroy", "--yes", ...flags);
  }

  async configure(key: string, value: string, kind: "secret" | "plain" = "plain"): Promise<void> {
    await this.succeed("config", "set", `--${kind === "secret" ? "secret" : "plaintext"}`, key, "--", value);
  }

  /** Runs the CLI to its end, whatever that is. */
  run(...words: string[]): Promise<Operation> {
    return this.start(words).finished;
  }

  /** @throws Error with everything that was printed, when the CLI reports a failure */
  async succeed(...words: string[]): Promise<Operation> {
    const operation = await this.run(...words);
    if (operation.code === 0) return operation;
    throw new Error(
      `pulumi ${operation.command} ended with ${operation.code ?? "a signal"}:\n${operation.text}`,
    );
  }

  start(words: readonly string[], folder = this.project.folder): RunningCli {
    this.#started += 1;
    const log = join(this.project.root, `events-${this.#started}.json`);
    const hasEvents = ["preview", "up", "refresh", "destroy"].includes(words[0] ?? "");
    const flags = ["--non-interactive", "--color=never", ...(hasEvents ? [`--event-log=${log}`] : [])];
    const [verb = "", ...rest] = words;
    // In a process group of its own, as in a terminal, where Ctrl-C reaches only who should get it.
    const child = spawn("pulumi", [verb, ...flags, ...rest], {
      cwd: folder,
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      ...(this.#user === undefined ? {} : { uid: this.#user, gid: this.#user }),
    });
    const finished = finish(child, words.join(" "), log).then((operation) => {
      this.operations.push(operation);
      return operation;
    });
    return { process: child, finished };
  }

  /** What the backend holds, secrets encrypted. */
  state(): StoredStack {
    const file = join(
      this.project.backendFolder,
      ".pulumi",
      "stacks",
      this.project.name,
      `${this.name}.json`,
    );
    const stored = JSON.parse(readFileSync(file, "utf8")) as {
      checkpoint: { latest?: { resources?: StoredResource[]; pending_operations?: unknown[] } };
    };
    const { resources = [], pending_operations: pendingOperations = [] } = stored.checkpoint.latest ?? {};
    return { resources, pendingOperations };
  }

  resource(name: string): StoredResource | undefined {
    return this.state().resources.find(({ urn }) => urn.endsWith(`::${name}`) && urn.includes("dynamic/"));
  }

  /** @throws Error naming the processes of this project that still run after that time */
  async processesEnd(milliseconds: number): Promise<void> {
    const deadline = Date.now() + milliseconds;
    for (;;) {
      const running = processesOf(this.project);
      if (running.length === 0) return;
      if (Date.now() > deadline) {
        throw new Error(`still running: ${running.map(({ command }) => command).join("\n")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Ends what a failed test left running, and removes the project. */
  close(): void {
    for (const { pid } of processesOf(this.project)) process.kill(pid, "SIGKILL");
    rmSync(this.project.root, { recursive: true, force: true });
  }
}

async function finish(child: ChildProcess, command: string, log: string): Promise<Operation> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    // Not "close": an orphan would hold the pipes open, and tests check separately that there is none.
    child.once("exit", (status) => setImmediate(() => resolve(status)));
  });
  return new Operation(command, code, { stdout, stderr }, readEvents(log));
}

function readEvents(log: string): readonly EngineEvent[] {
  if (!existsSync(log)) return [];
  return readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as EngineEvent);
}
