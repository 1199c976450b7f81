import { compileFunction } from "node:vm";
import type { Hooks } from "../../../provider/lifecycle/dynamicProvider.js";
import type { HookAnswer, HookCall, HookedResource } from "./hookMessages.js";

/**
 * The process that `hookProcess.ts` starts: it loads the permanent entry as the stubs in users' state do, and calls its
 * hooks. With the variable HOOK_ENGINE it takes itself for Pulumi's dynamic provider of the engine at that address; the
 * JavaScript in HOOK_FIRST runs before the hooks are loaded.
 */
function loadHooks(): Readonly<Record<HookedResource, Hooks>> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a failure to load is an answer, too
  return require("pulumi-okd-images/hooks") as Readonly<Record<HookedResource, Hooks>>;
}

async function answerTo({ number, resource, hook, args }: HookCall): Promise<HookAnswer> {
  try {
    const hooks = loadHooks()[resource];
    if (hook === "configure") {
      const [config] = args as [Readonly<Record<string, string>>];
      await hooks.configure({ config: { get: (key) => config[key] } });
      return { number, ok: true, result: undefined };
    }
    const call = hooks[hook].bind(hooks) as (...bags: readonly unknown[]) => Promise<unknown>;
    return { number, ok: true, result: await call(...args) };
  } catch (error) {
    const { message, stack, ...partial } = error as Error;
    const text = message === "" ? String(stack) : message;
    return { number, ok: false, message: text, partial: "id" in partial ? partial : undefined };
  }
}

const engine = process.env.HOOK_ENGINE;
if (engine !== undefined) {
  delete process.env.HOOK_ENGINE;
  process.argv = [process.execPath, "dynamic-provider", engine];
}
const first = process.env.HOOK_FIRST;
if (first !== undefined) {
  delete process.env.HOOK_FIRST;
  const run = compileFunction(first, ["require"]) as (load: NodeJS.Require) => void;
  run(require);
}
process.on("message", (call: HookCall) => {
  void answerTo(call).then((answer) => process.send?.(answer));
});
