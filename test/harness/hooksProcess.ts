import { spawn } from "node:child_process";
import { join } from "node:path";
import type { CheckResult } from "../../provider/lifecycle/checkHook.js";
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

export const hooksFile = join(repositoryRoot, "dist", "provider", "hooks.js");

/** A check by the permanent entry `./hooks`, in a process of its own. @throws Error with what that process printed */
export async function checkInProcess(
  hook: HookName,
  news: Readonly<Record<string, unknown>>,
  { environment = {}, config = {}, uid, folder, first = "" }: HooksProcess = {},
): Promise<CheckResult> {
  const script = `
    ${first}
    const hooks = require(${JSON.stringify(hooksFile)})[${JSON.stringify(hook)}];
    const config = ${JSON.stringify(config)};
    (async () => {
      await hooks.configure({ config: { get: (key) => config[key] } });
      console.log(JSON.stringify(await hooks.check({}, ${JSON.stringify(news)})));
      process.exit(0);
    })();`;
  const child = spawn(process.execPath, ["-e", script], {
    env: { PATH: process.env.PATH ?? "", ...environment },
    cwd: folder ?? repositoryRoot,
    ...(uid === undefined ? {} : { uid, gid: uid }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`the process ended with ${String(code)}:\n${stdout}\n${stderr}`);
  return JSON.parse(stdout) as CheckResult;
}
