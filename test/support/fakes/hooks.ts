import { createHooks, type Hooks } from "../../../provider/lifecycle/dynamicProvider.js";
import { createKnownSecrets } from "../../../provider/lifecycle/knownSecrets.js";
import type { HookContext, ResourceHandler } from "../../../provider/lifecycle/resourceHandler.js";
import type { Connector } from "../../../provider/lifecycle/session.js";
import type { JsonObject } from "../../../provider/lifecycle/wire.js";

export type Handler = ResourceHandler<JsonObject, string>;
export type Context = HookContext<string>;

export const urn = "urn:pulumi:dev::shop::okd:Thing::web";
export const program = { __provider: "code", __urn: urn };

export interface OpenHooks {
  readonly hooks: Hooks;
  readonly lines: string[];
  readonly opened: unknown[];
}

/** A handler that resolves everything, unless a test overrides a verb. */
export function hooksWith(overrides: Partial<Handler> = {}): OpenHooks {
  const lines: string[] = [];
  const opened: unknown[] = [];
  const handler: Handler = {
    computedKey: "plan",
    parse: (inputs) =>
      Promise.resolve(
        inputs.size === "huge"
          ? {
              ok: false,
              issues: [
                { path: ["size"], message: "is too big" },
                { path: [], message: "as a whole" },
              ],
            }
          : { ok: true, args: inputs },
      ),
    defaults: (inputs, olds) => ({ name: inputs.name ?? olds.name ?? "web" }),
    deadline: () => 5_000,
    summarise: ({ plan }) => (plan === undefined ? "the plan is not known yet" : undefined),
    check: () =>
      Promise.resolve({ kind: "resolved", defaults: { namespace: "shop" }, computed: { items: 1 } }),
    diff: () => Promise.resolve({ kind: "same" }),
    create: ({ inputs }) => Promise.resolve({ id: "shop/web", outputs: { size: inputs.size }, failures: [] }),
    update: (id) => Promise.resolve({ id, outputs: {}, failures: [] }),
    read: (id) => Promise.resolve({ id, outputs: { size: "live" }, inputs: { size: "live" } }),
    delete: () => Promise.resolve(),
    ...overrides,
  };
  const connector: Connector<string> = {
    issues: (connection) =>
      Promise.resolve(
        (connection as JsonObject | undefined)?.host === "bad"
          ? [{ path: ["host"], message: "is no URL" }]
          : [],
      ),
    open: (connection, config) => {
      opened.push([connection, config("okd:context")]);
      return Promise.resolve("ports");
    },
  };
  const log = (level: string) => (line: string) => void lines.push(`${level}: ${line}`);
  const hooks = createHooks(handler, connector, {
    signal: new AbortController().signal,
    track: (work) => work,
    logFor: () => ({ progress: log("progress"), info: log("info"), warn: log("warn") }),
    secrets: createKnownSecrets({}),
  });
  return { hooks, lines, opened };
}
