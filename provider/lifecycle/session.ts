import type { ArgumentIssue } from "../support/arguments/parsed.js";
import { withDeadline } from "../support/async/abortable.js";
import { isImageError } from "../support/imageError.js";
import { nameInUrn } from "../support/text/spelling.js";
import type { KnownSecrets } from "./knownSecrets.js";
import type { SplitBag } from "./reservedKeys.js";
import type { HookContext, ResourceHandler, ResourceLog, Verb } from "./resourceHandler.js";
import type { Json } from "./wire.js";

/** Reads one key of the stack's configuration, like `okd:context`. */
export type StackConfig = (key: string) => string | undefined;

/** What the hooks of all resources in one provider process share. */
export interface Runtime {
  /** Aborted when the CLI is gone. */
  readonly signal: AbortSignal;
  readonly logFor: (urn: string) => ResourceLog;
  readonly secrets: KnownSecrets;
  /** Keeps track of running hooks, so that the process waits for them a moment when the CLI is gone. */
  readonly track: <Result>(work: Promise<Result>) => Promise<Result>;
}

/** How the common `connection` argument becomes the ports of a handler. */
export interface Connector<Ports> {
  /** Problems of the argument itself, without any request; paths are relative to `connection`. */
  issues(connection: Json | undefined): Promise<readonly ArgumentIssue[]>;
  /** Connects, or returns the connection that an earlier hook of this process opened. */
  open(connection: Json | undefined, stackConfig: StackConfig, signal: AbortSignal): Promise<Ports>;
}

/** One kind of resource in one provider process. */
export interface Session<Args, Ports> {
  readonly handler: ResourceHandler<Args, Ports>;
  readonly connector: Connector<Ports>;
  readonly runtime: Runtime;
  readonly stackConfig: StackConfig;
  /** Old inputs by URN. The second check of a replacement gets none (facts/pulumi.md 8), but runs in the same process. */
  readonly remembered: Map<string, SplitBag>;
}

/** Runs a verb of the handler with its deadline, log and connection. */
export function runVerb<Args, Ports, Result>(
  { handler, connector, runtime, stackConfig }: Session<Args, Ports>,
  verb: Verb,
  bag: SplitBag,
  work: (context: HookContext<Ports>) => Promise<Result>,
): Promise<Result> {
  const { urn, claimant = urn } = bag.reserved;
  learnSecrets(runtime, bag);
  const what = `${verb} of ${nameInUrn(urn)}`;
  const signal = withDeadline(runtime.signal, handler.deadline(verb, bag.properties), what);
  const ports = () => connector.open(bag.connection, stackConfig, signal);
  return runtime.track(
    work({ urn, claimant, signal, log: redactedLog(runtime, urn), redact: runtime.secrets.redact, ports }),
  );
}

/** Learns the secrets in the arguments, which no message may show. */
export function learnSecrets({ secrets }: Runtime, { connection, properties, reserved }: SplitBag): void {
  secrets.learn(connection, properties);
  reserved.confidential.forEach(secrets.add);
}

export function redactedLog(runtime: Runtime, urn: string): ResourceLog {
  const log = runtime.logFor(urn);
  return {
    progress: (message) => log.progress(runtime.secrets.redact(message)),
    info: (message) => log.info(runtime.secrets.redact(message)),
    warn: (message) => log.warn(runtime.secrets.redact(message)),
  };
}

/** An error that is not ours is a defect: its stack is worth more than a short line. */
export function messageOf(error: unknown): string {
  if (isImageError(error)) return error.message;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
