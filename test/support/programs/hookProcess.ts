import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CheckResult } from "../../../provider/lifecycle/check.js";
import type { Hooks } from "../../../provider/lifecycle/dynamicProvider.js";
import { repositoryRoot } from "../repositoryRoot.js";
import type { HookAnswer, HookCall, HookedResource } from "./hookMessages.js";

export interface HookProcessOptions {
  /** All variables of the process but PATH and HOME, which can be given too. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Without HOME, unless the environment has it. */
  readonly isHomeless?: boolean;
  /** Current folder; default an empty one. */
  readonly folder?: string;
  /** User and group; only root may change them. */
  readonly uid?: number;
  /** JavaScript that runs before the hooks are loaded. */
  readonly first?: string;
  /** Address of `startEngineLog`; without it lines of the hooks go nowhere. */
  readonly engine?: string;
}

/** A hook that failed, with what Pulumi's SDK would hand on of a failure in part. */
export class HookFailure extends Error {
  readonly partial: Readonly<Record<string, unknown>> | undefined;
  constructor(message: string, partial: Readonly<Record<string, unknown>> | undefined) {
    super(message);
    this.partial = partial;
  }
}

/** The hooks in a process of its own, loaded by the package's permanent entry `./hooks`. */
export interface HookProcess {
  /** Empty, unless something writes there. */
  readonly home: string;
  /**
   * Calls a hook; `configure` takes the stack's config as an object: `call("imageArchive", "configure", { "okd:host": url })`.
   * @throws HookFailure when the hook fails; Error when the process ended
   */
  readonly call: (
    resource: HookedResource,
    hook: keyof Hooks,
    ...args: readonly unknown[]
  ) => Promise<unknown>;
  /** Ends the process and removes its folders. */
  readonly end: () => Promise<void>;
}

/** Keeps out this machine's environment. The process starts with the first call that needs it. */
export function startHookProcess(options: HookProcessOptions = {}): HookProcess {
  const root = mkdtempSync(join(tmpdir(), "hooks-"));
  const home = join(root, "home");
  const folder = join(root, "folder");
  mkdirSync(home);
  mkdirSync(folder);
  const child = fork(require.resolve("./hookChild.js"), [], {
    cwd: options.folder ?? folder,
    env: {
      PATH: process.env.PATH ?? "",
      ...(options.isHomeless === true ? {} : { HOME: home }),
      ...options.environment,
      ...(options.engine === undefined ? {} : { HOOK_ENGINE: options.engine }),
      ...(options.first === undefined ? {} : { HOOK_FIRST: options.first }),
    },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const answerOf = answersOf(child);
  let number = 0;
  return {
    home,
    async call(resource, hook, ...args) {
      number += 1;
      const call: HookCall = { number, resource, hook, args };
      const answer = answerOf(call.number);
      child.send(call);
      const answered = await answer;
      if (answered.ok) return answered.result;
      throw new HookFailure(answered.message, answered.partial);
    },
    async end() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
}

type News = Readonly<Record<string, unknown>>;

/** A check of a stack with this config, in a process of its own that has no environment but this one. */
export async function checkInProcess(
  resource: HookedResource,
  news: News,
  options: CheckProcessOptions = {},
): Promise<CheckResult> {
  const [result] = await checksInProcess([[resource, news]], options);
  if (result === undefined) throw new Error("the process answered nothing");
  return result;
}

export interface CheckProcessOptions extends Omit<HookProcessOptions, "isHomeless" | "engine"> {
  /** Stack config by full key. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Several checks, one after the other, in one such process. */
export async function checksInProcess(
  checks: readonly (readonly [resource: HookedResource, news: News])[],
  { config = {}, ...options }: CheckProcessOptions = {},
): Promise<readonly CheckResult[]> {
  const hooks = startHookProcess({ folder: repositoryRoot, isHomeless: true, ...options });
  try {
    const results: CheckResult[] = [];
    for (const [resource, news] of checks) {
      await hooks.call(resource, "configure", config);
      results.push((await hooks.call(resource, "check", {}, news)) as CheckResult);
    }
    return results;
  } finally {
    await hooks.end();
  }
}

function answersOf(child: ChildProcess): (number: number) => Promise<HookAnswer> {
  interface Waiting {
    readonly resolve: (answer: HookAnswer) => void;
    readonly reject: (error: Error) => void;
  }
  const waiting = new Map<number, Waiting>();
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.on("message", (answer: HookAnswer) => {
    waiting.get(answer.number)?.resolve(answer);
    waiting.delete(answer.number);
  });
  child.on("exit", (code, signal) => {
    const error = new Error(`the process of the hooks ended with ${String(code ?? signal)}:\n${printed}`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  return (number) => new Promise((resolve, reject) => waiting.set(number, { resolve, reject }));
}
