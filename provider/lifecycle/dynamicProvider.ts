import { isDeepStrictEqual } from "node:util";
import { check, type CheckResult } from "./check.js";
import { HookError, PartialFailure } from "./hookErrors.js";
import { configuredCredentials } from "./knownSecrets.js";
import { saidOnce } from "./pulumiLog.js";
import { mirroredKeys, placeholders, splitBag, type SplitBag } from "./reservedKeys.js";
import type { Executed, ExecuteRequest, ReadOutcome, ResourceHandler } from "./resourceHandler.js";
import {
  type Connector,
  messageOf,
  type Runtime,
  runVerb,
  type Session,
  type StackConfig,
} from "./session.js";
import { refreshedSummary } from "./summary.js";
import { containsUnknown } from "./unknowns.js";
import { type Json, type JsonObject, toWire } from "./wire.js";

/** Without `changes` the engine compares the inputs itself (facts/pulumi.md 20). */
interface DiffResult {
  readonly changes?: boolean;
  readonly replaces?: readonly string[];
}

/** Empty: the resource is gone. */
interface ReadResult {
  readonly id?: string;
  readonly props?: JsonObject;
  readonly inputs?: JsonObject;
}

/** The seven hooks of a dynamic provider, as the frozen stubs call them. Bags are JSON with Pulumi's reserved keys. */
export interface Hooks {
  configure(request: { readonly config: { get(key: string): string | undefined } }): Promise<void>;
  check(olds: JsonObject, news: JsonObject): Promise<CheckResult>;
  diff(id: string, olds: JsonObject, news: JsonObject): Promise<DiffResult>;
  create(inputs: JsonObject): Promise<{ readonly id: string; readonly outs: JsonObject }>;
  read(id: string, props: JsonObject): Promise<ReadResult>;
  update(id: string, olds: JsonObject, news: JsonObject): Promise<{ readonly outs: JsonObject }>;
  delete(id: string, props: JsonObject): Promise<void>;
}

/** Puts a handler behind Pulumi's contract: everything that belongs to the engine and not to the domain is here. */
export function createHooks<Args, Ports>(
  handler: ResourceHandler<Args, Ports>,
  connector: Connector<Ports>,
  shared: Runtime,
): Hooks {
  const runtime: Runtime = { ...shared, logFor: saidOnce(shared.logFor) };
  let configured: StackConfig = () => undefined;
  const stackConfig: StackConfig = (key) => configured(key);
  const session: Session<Args, Ports> = { handler, connector, runtime, stackConfig, remembered: new Map() };
  return {
    // Stored before the first await: a second call may already be waiting (facts/pulumi.md 14).
    configure({ config }) {
      configured = (key) => config.get(key);
      runtime.secrets.learn(configuredCredentials(configured));
      return Promise.resolve();
    },
    check: (olds, news) => check(session, olds, news).catch(failureOf(runtime)),
    diff: (_id, olds, news) => diff(session, splitBag(olds), splitBag(news)).catch(failureOf(runtime)),
    ...stateHooks(session),
  };
}

/** The hooks that begin or end with a state. */
function stateHooks<Args, Ports>(
  session: Session<Args, Ports>,
): Pick<Hooks, "create" | "update" | "read" | "delete"> {
  const { handler, runtime } = session;
  const failHook = failureOf(runtime);
  return {
    async create(inputs) {
      const bag = splitBag(inputs);
      const work = runVerb(session, "create", bag, (context) => handler.create(executeRequest(bag), context));
      const executed = await work.catch(failHook);
      return { id: executed.id, outs: finish(runtime, executed, bag) };
    },
    async update(id, olds, news) {
      const bag = splitBag(news);
      const state = splitBag(olds).properties;
      const work = runVerb(session, "update", bag, (context) =>
        handler.update(id, state, executeRequest(bag), context),
      );
      return { outs: finish(runtime, await work.catch(failHook), bag) };
    },
    async read(id, props) {
      const bag = splitBag(props);
      const work = runVerb(session, "read", bag, (context) => handler.read(id, bag.properties, context));
      const found = await work.catch(failHook);
      return found === undefined ? {} : readResult(session, found, bag);
    },
    async delete(id, props) {
      const bag = splitBag(props);
      const work = runVerb(session, "delete", bag, (context) => handler.delete(id, bag.properties, context));
      await work.catch(failHook);
    },
  };
}

function failureOf({ secrets }: Runtime): (error: unknown) => never {
  return (error) => {
    throw new HookError(secrets.redact(messageOf(error)));
  };
}

async function diff<Args, Ports>(
  session: Session<Args, Ports>,
  state: SplitBag,
  inputs: SplitBag,
): Promise<DiffResult> {
  if (containsUnknown(inputs.properties) || containsUnknown(inputs.connection)) return {};
  const connectionChanged = !isDeepStrictEqual(state.connection, inputs.connection);
  const request = { ...executeRequest(inputs), connectionChanged };
  const outcome = await runVerb(session, "diff", inputs, (context) =>
    session.handler.diff(state.properties, request, context),
  );
  if (outcome.kind === "inputs") return { replaces: outcome.replaces };
  // Refresh and destroy use the credentials of the last update, so new ones must reach the state.
  if (connectionChanged) return {};
  return { changes: outcome.kind === "drift" };
}

function readResult<Args, Ports>(
  { handler, runtime }: Session<Args, Ports>,
  { id, outputs, inputs }: ReadOutcome,
  bag: SplitBag,
): ReadResult {
  const common = mirroredKeys(bag);
  const summary = refreshedSummary(handler, bag, toWire(inputs), runtime.secrets.redact);
  return {
    id,
    props: toWire({ ...outputs, ...summaryKey(bag.reserved.summary), ...common }),
    inputs: toWire({ ...placeholders(bag), ...inputs, ...summaryKey(summary), ...common }),
  };
}

function finish(runtime: Runtime, executed: Executed, bag: SplitBag): JsonObject {
  const common = mirroredKeys(bag);
  const reasons = executed.failures.map((reason) => runtime.secrets.redact(reason));
  let outputs: JsonObject;
  try {
    outputs = toWire({ ...executed.outputs, ...summaryKey(bag.reserved.summary), ...common });
  } catch (error) {
    // The change has happened: keep at least what was asked for, so that it can be refreshed and destroyed.
    outputs = { ...bag.properties, ...common };
    reasons.push(messageOf(error));
  }
  if (reasons.length === 0) return outputs;
  throw new PartialFailure(executed.id, { ...outputs, __provider: bag.reserved.provider ?? "" }, reasons);
}

/** Stored in the outputs for refresh, which gets nothing else. */
function summaryKey(summary: Json | undefined): JsonObject {
  return summary === undefined || summary === null ? {} : { summary };
}

function executeRequest(bag: SplitBag): ExecuteRequest {
  return { inputs: bag.properties, computedIsKept: bag.reserved.computedIsKept };
}
