import { isDeepStrictEqual } from "node:util";
import { withDeadline } from "../support/abortable.js";
import { isImageError } from "../support/imageError.js";
import type { ArgumentIssue } from "../support/parsed.js";
import { formatIssue } from "./argumentIssues.js";
import { HookError, PartialFailure } from "./hookErrors.js";
import type {
  CheckOutcome,
  Executed,
  ExecuteRequest,
  HookContext,
  Phase,
  ResourceHandler,
  ResourceLog,
  Verb,
} from "./handler.js";
import { configuredCredentials, type KnownSecrets } from "./knownSecrets.js";
import { splitBag, type SplitBag } from "./reserved.js";
import { containsUnknown, isUnknownAt, unknownValue, withoutUnknowns } from "./unknowns.js";
import { type Json, type JsonObject, toWire } from "./wire.js";

/** Reads one key of the stack's configuration, like `okd:context`. */
export type StackConfig = (key: string) => string | undefined;

/** What the hooks of all resources in one provider process share. */
export interface Runtime {
  /** Aborted when the CLI is gone. */
  readonly signal: AbortSignal;
  readonly logFor: (urn: string) => ResourceLog;
  readonly secrets: KnownSecrets;
  /** Keeps count of running hooks, so that a lost CLI waits for them a moment. */
  readonly track: <Result>(work: Promise<Result>) => Promise<Result>;
}

export interface CheckResult {
  readonly inputs: JsonObject;
  readonly failures?: readonly { readonly property: string; readonly reason: string }[];
}

export interface DiffResult {
  readonly changes?: boolean;
  readonly replaces?: readonly string[];
}

/** The seven hooks of a dynamic provider, as the frozen stubs call them. Bags are JSON with Pulumi's reserved keys. */
export interface Hooks {
  configure(request: { readonly config: { get(key: string): string | undefined } }): Promise<void>;
  check(olds: JsonObject, news: JsonObject): Promise<CheckResult>;
  diff(id: string, olds: JsonObject, news: JsonObject): Promise<DiffResult>;
  create(inputs: JsonObject): Promise<{ readonly id: string; readonly outs: JsonObject }>;
  read(id: string, props: JsonObject): Promise<{ id?: string; props?: JsonObject; inputs?: JsonObject }>;
  update(id: string, olds: JsonObject, news: JsonObject): Promise<{ readonly outs: JsonObject }>;
  delete(id: string, props: JsonObject): Promise<void>;
}

/** How the common `connection` argument becomes the ports of a handler. */
export interface Connector<Ports> {
  /** Problems of the argument itself, without any request; paths are relative to `connection`. */
  issues(connection: Json | undefined): Promise<readonly ArgumentIssue[]>;
  /** Connects, or hands out what an earlier hook of this process opened. */
  open(connection: Json | undefined, stackConfig: StackConfig, signal: AbortSignal): Promise<Ports>;
}

/** Puts a handler behind Pulumi's contract: everything that is the engine's habit and not the domain's is here. */
export function createHooks<Args, Ports>(
  handler: ResourceHandler<Args, Ports>,
  connector: Connector<Ports>,
  runtime: Runtime,
): Hooks {
  let stackConfig: StackConfig = () => undefined;
  // By URN. The second check of a replacement gets no old inputs, but runs in the same process as the first.
  const remembered = new Map<string, SplitBag>();

  function run<Result>(
    verb: Verb,
    bag: SplitBag,
    work: (context: HookContext<Ports>) => Promise<Result>,
  ): Promise<Result> {
    const { urn } = bag.reserved;
    runtime.secrets.learn(bag.connection);
    const milliseconds = handler.deadline(verb, bag.properties);
    const what = `${verb} of ${urn.split("::").at(-1) ?? "the resource"}`;
    const signal = withDeadline(runtime.signal, milliseconds, what);
    return runtime.track(
      work({
        urn,
        claimant: bag.reserved.claimant ?? urn,
        signal,
        log: redactedLog(runtime, urn),
        ports: () => connector.open(bag.connection, stackConfig, signal),
      }),
    );
  }

  async function check(olds: JsonObject, news: JsonObject): Promise<CheckResult> {
    const bag = splitBag(news);
    const { urn } = bag.reserved;
    runtime.secrets.learn(bag.connection);
    const old = splitBag(olds);
    const isNew = Object.keys(olds).length === 0;
    const before = isNew ? (remembered.get(urn) ?? old) : old;
    remembered.set(urn, before);
    const claimant = before.reserved.claimant ?? urn;
    const oldInputs = old.properties;
    const phase: Phase = bag.reserved.preview ? "preview" : "up";
    const { [handler.computedKey]: kept, ...given } = bag.properties;
    const inputs = { ...given, ...handler.defaults(given, before.properties, urn) };
    const checked = (computed: JsonObject) => ({
      ...inputs,
      ...connectionOf(bag),
      ...computed,
      __urn: urn,
      __claimant: claimant,
      ...(kept === undefined ? {} : { __kept: true }),
    });
    const failed = (reasons: readonly string[]): CheckResult => ({
      inputs: checked({}),
      // A failure with a property would print that property's value, secrets included (pulumi.md 11.1).
      failures: reasons.map((reason) => ({ property: "", reason: runtime.secrets.redact(reason) })),
    });

    const parsed = await handler.parse(withoutUnknowns(inputs) as JsonObject);
    const issues = [
      ...(parsed.ok ? [] : parsed.issues),
      ...(await connectionIssues(connector, bag.connection)),
    ].filter((issue) => !isUnknownAt(news, issue.path));
    if (issues.length > 0) return failed(issues.map(formatIssue));
    if (kept !== undefined) return { inputs: checked({ [handler.computedKey]: kept }) };
    if (!parsed.ok || containsUnknown(news)) {
      return { inputs: checked({ [handler.computedKey]: unknownValue }) };
    }

    const checkedBag = { ...bag, reserved: { ...bag.reserved, claimant }, properties: inputs };
    const outcome = await run("check", checkedBag, (context) =>
      handler.check({ args: parsed.args, phase, oldInputs }, context),
    ).catch((error: unknown): CheckOutcome => ({ kind: "failed", reasons: [messageOf(error)] }));
    switch (outcome.kind) {
      case "failed":
        return failed(outcome.reasons);
      case "resolved":
        return { inputs: toWire(checked({ ...outcome.defaults, [handler.computedKey]: outcome.computed })) };
      case "pending":
        if (phase === "up") return failed([`${outcome.reason} Name what creates it in dependsOn.`]);
        redactedLog(runtime, urn).info(`not known yet: ${outcome.reason}`);
        return { inputs: toWire(checked({ ...outcome.defaults, [handler.computedKey]: unknownValue })) };
    }
  }

  async function diff(olds: JsonObject, news: JsonObject): Promise<DiffResult> {
    const state = splitBag(olds);
    const inputs = splitBag(news);
    if (containsUnknown(news)) return {};
    const connectionChanged = !isDeepStrictEqual(state.connection, inputs.connection);
    const outcome = await run("diff", inputs, (context) =>
      handler.diff(state.properties, { ...request(inputs), connectionChanged }, context),
    );
    // Credentials of the last update are what refresh and destroy will use: a new one must reach the state.
    if (outcome.kind !== "inputs" && connectionChanged) return {};
    switch (outcome.kind) {
      case "same":
        return { changes: false };
      case "drift":
        return { changes: true };
      case "inputs":
        return { replaces: outcome.replaces };
    }
  }

  function finish(executed: Executed, bag: SplitBag): JsonObject {
    const reserved = commonOutputs(bag);
    const reasons = executed.failures.map((reason) => runtime.secrets.redact(reason));
    let outputs: JsonObject;
    try {
      outputs = toWire({ ...executed.outputs, ...reserved });
    } catch (error) {
      // The change has happened: keep at least what was asked for, so that it can be refreshed and destroyed.
      outputs = { ...bag.properties, ...reserved };
      reasons.push(messageOf(error));
    }
    if (reasons.length === 0) return outputs;
    throw new PartialFailure(executed.id, { ...outputs, __provider: bag.reserved.provider ?? "" }, reasons);
  }

  return {
    // Stored before the first await: a second call may already be waiting (pulumi.md 1.8).
    configure(configuration) {
      stackConfig = (key) => configuration.config.get(key);
      runtime.secrets.learn(configuredCredentials(stackConfig));
      return Promise.resolve();
    },
    check,
    diff: (_id, olds, news) => diff(olds, news).catch(rethrow(runtime)),
    async create(inputs) {
      const bag = splitBag(inputs);
      const executed = await run("create", bag, (context) => handler.create(request(bag), context)).catch(
        rethrow(runtime),
      );
      return { id: executed.id, outs: finish(executed, bag) };
    },
    async update(id, olds, news) {
      const bag = splitBag(news);
      const state = splitBag(olds).properties;
      const executed = await run("update", bag, (context) =>
        handler.update(id, state, request(bag), context),
      ).catch(rethrow(runtime));
      return { outs: finish(executed, bag) };
    },
    async read(id, props) {
      const bag = splitBag(props);
      const found = await run("read", bag, (context) => handler.read(id, bag.properties, context)).catch(
        rethrow(runtime),
      );
      if (found === undefined) return {};
      const reserved = commonOutputs(bag);
      return {
        id: found.id,
        props: toWire({ ...found.outputs, ...reserved }),
        inputs: toWire({ ...found.inputs, ...reserved }),
      };
    },
    async delete(id, props) {
      const bag = splitBag(props);
      await run("delete", bag, (context) => handler.delete(id, bag.properties, context)).catch(
        rethrow(runtime),
      );
    },
  };
}

function connectionOf(bag: SplitBag): JsonObject {
  return bag.connection === undefined ? {} : { connection: bag.connection };
}

/** Mirrored into every state: read and delete get nothing else. */
function commonOutputs(bag: SplitBag): JsonObject {
  const { urn, claimant, computedIsKept } = bag.reserved;
  return {
    ...connectionOf(bag),
    __urn: urn,
    __claimant: claimant ?? urn,
    ...(computedIsKept ? { __kept: true } : {}),
  };
}

async function connectionIssues(
  connector: Connector<unknown>,
  connection: Json | undefined,
): Promise<readonly ArgumentIssue[]> {
  const issues = await connector.issues(withoutUnknowns(connection) as Json | undefined);
  return issues.map((issue) => ({ ...issue, path: ["connection", ...issue.path] }));
}

function request(bag: SplitBag): ExecuteRequest {
  return { inputs: bag.properties, computedIsKept: bag.reserved.computedIsKept };
}

function redactedLog(runtime: Runtime, urn: string): ResourceLog {
  const log = runtime.logFor(urn);
  return {
    progress: (message) => log.progress(runtime.secrets.redact(message)),
    info: (message) => log.info(runtime.secrets.redact(message)),
    warn: (message) => log.warn(runtime.secrets.redact(message)),
  };
}

function rethrow(runtime: Runtime): (error: unknown) => never {
  return (error) => {
    throw new HookError(runtime.secrets.redact(messageOf(error)));
  };
}

/** An error that is not ours is a defect: its stack is worth more than a short line. */
function messageOf(error: unknown): string {
  if (isImageError(error)) return error.message;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
