import { spawn } from "node:child_process";
import { join } from "node:path";
import type { CheckResult } from "../../../provider/lifecycle/check.js";
import { repositoryRoot } from "../repositoryRoot.js";

export interface HooksProcess {
  /** The whole environment but PATH. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Stack config by full key. */
  readonly config?: Readonly<Record<string, string>>;
  /** User and group; only root may change them. */
  readonly uid?: number;
  readonly folder?: string;
  /** Runs before the hooks are loaded. */
  readonly first?: string;
}

export type HookName = "importedImageStream" | "imagePrunePolicy" | "imageArchive";

const hooksFile = join(repositoryRoot, "dist", "provider", "hooks.js");

type News = Readonly<Record<string, unknown>>;

/** A check by the permanent entry `./hooks`, in a process of its own. @throws Error with what that process printed */
export async function checkInProcess(
  hook: HookName,
  news: News,
  process: HooksProcess = {},
): Promise<CheckResult> {
  const [result] = await checksInProcess([[hook, news]], process);
  if (result === undefined) throw new Error("the process answered nothing");
  return result;
}

/** Several checks, one after the other, in one such process. */
export async function checksInProcess(
  checks: readonly (readonly [hook: HookName, news: News])[],
  { environment = {}, config = {}, uid, folder, first = "" }: HooksProcess = {},
): Promise<readonly CheckResult[]> {
  const script = `
    ${first}
    const hooks = require(${JSON.stringify(hooksFile)});
    const checks = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    const config = ${JSON.stringify(config)};
    (async () => {
      const results = [];
      for (const [hook, news] of checks) {
        await hooks[hook].configure({ config: { get: (key) => config[key] } });
        results.push(await hooks[hook].check({}, news));
      }
      process.stdout.write(JSON.stringify(results), () => process.exit(0));
    })();`;
  const child = spawn(process.execPath, ["-e", script], {
    env: { PATH: process.env.PATH ?? "", ...environment },
    cwd: folder ?? repositoryRoot,
    ...(uid === undefined ? {} : { uid, gid: uid }),
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => undefined).end(JSON.stringify(checks));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`the process ended with ${String(code)}:\n${stdout}\n${stderr}`);
  return JSON.parse(stdout) as readonly CheckResult[];
}
