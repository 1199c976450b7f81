import { nameList } from "../support/nameList.js";
import type { Parsed } from "../support/parsed.js";
import { formatIssue, formatPath } from "./argumentIssues.js";
import type { CheckOutcome, Phase } from "./handler.js";
import { mirroredKeys, splitBag, type SplitBag } from "./reserved.js";
import { messageOf, redactedLog, runVerb, type Session } from "./session.js";
import { isUnknownAt, type UnknownPath, unknownPaths, unknownValue, withoutUnknowns } from "./unknowns.js";
import { type Json, type JsonObject, toWire } from "./wire.js";

/** The answer to the engine, which goes no further when there are failures. */
export interface CheckResult {
  readonly inputs: JsonObject;
  readonly failures?: readonly { readonly property: string; readonly reason: string }[];
}

/** A check on its way: the inputs with their defaults, and what goes into every answer. */
interface Check {
  readonly bag: SplitBag;
  readonly phase: Phase;
  /** The last run's; empty for a new resource and in the second check of a replacement. */
  readonly oldInputs: JsonObject;
  /** Without the computed input. */
  readonly inputs: JsonObject;
  /** The computed input, when `ignoreChanges` brought it back. */
  readonly kept: Json | undefined;
}

const shownPaths = 5;

/** Validates the arguments and computes the input that a preview shows. Throws nothing but defects. */
export async function check<Args, Ports>(
  session: Session<Args, Ports>,
  olds: JsonObject,
  news: JsonObject,
): Promise<CheckResult> {
  const { handler } = session;
  const current = begin(session, splitBag(olds), splitBag(news));
  session.runtime.secrets.learn(current.bag.connection);
  const parsed = await handler.parse(withoutUnknowns(current.inputs) as JsonObject);
  const issues = [...(parsed.ok ? [] : parsed.issues), ...(await connectionIssues(session, current.bag))];
  const certain = issues.filter((issue) => !isUnknownAt(news, issue.path));
  if (certain.length > 0) return failed(session, current, certain.map(formatIssue));
  if (current.kept !== undefined) return { inputs: answer(session, current, current.kept) };
  const unknown = unknownPaths(news);
  if (unknown.length > 0) {
    const paths = nameList(unknown.map(formatPath), shownPaths);
    redactedLog(session.runtime, current.bag.reserved.urn).info(`not known yet: ${paths}`);
  }
  const known = unknown.length === 0 ? parsed : await parseKnown(session, current, unknown);
  if (known?.ok !== true) {
    await handler.leftUnknown?.(current.bag.reserved.urn);
    return { inputs: answer(session, current, unknownValue) };
  }

  const bag = { ...current.bag, properties: current.inputs };
  const { phase, oldInputs } = current;
  const outcome = await runVerb(session, "check", bag, (context) =>
    handler.check({ args: known.args, phase, oldInputs, unknown }, context),
  ).catch((error: unknown): CheckOutcome => ({ kind: "failed", reasons: [messageOf(error)] }));
  return conclude(session, current, outcome);
}

function begin<Args, Ports>(
  { handler, remembered }: Session<Args, Ports>,
  old: SplitBag,
  bag: SplitBag,
): Check {
  const { urn } = bag.reserved;
  const isNew = Object.keys(old.properties).length === 0;
  const before = isNew ? (remembered.get(urn) ?? old) : old;
  remembered.set(urn, before);
  const { [handler.computedKey]: kept, ...given } = bag.properties;
  return {
    bag: {
      ...bag,
      reserved: {
        ...bag.reserved,
        claimant: before.reserved.claimant ?? urn,
        computedIsKept: kept !== undefined,
      },
    },
    phase: bag.reserved.preview ? "preview" : "up",
    oldInputs: old.properties,
    inputs: { ...given, ...handler.defaults(given, before.properties, urn) },
    kept,
  };
}

/** The arguments that are known, where the others do not decide; a cluster that is not known does. */
async function parseKnown<Args, Ports>(
  { handler }: Session<Args, Ports>,
  { inputs, phase }: Check,
  unknown: readonly UnknownPath[],
): Promise<Parsed<Args> | undefined> {
  if (phase === "up" || unknown.some(([key]) => key === "connection")) return undefined;
  const part = handler.knownPart?.(withoutUnknowns(inputs) as JsonObject, unknown);
  return part === undefined ? undefined : await handler.parse(part);
}

async function connectionIssues<Args, Ports>({ connector }: Session<Args, Ports>, { connection }: SplitBag) {
  const issues = await connector.issues(withoutUnknowns(connection) as Json | undefined);
  return issues.map((issue) => ({ ...issue, path: ["connection", ...issue.path] }));
}

function conclude<Args, Ports>(
  session: Session<Args, Ports>,
  current: Check,
  outcome: CheckOutcome,
): CheckResult {
  switch (outcome.kind) {
    case "failed":
      return failed(session, current, outcome.reasons);
    case "resolved":
      return { inputs: toWire(answer(session, current, outcome.computed, outcome.defaults)) };
    case "pending":
      if (current.phase === "up") {
        return failed(session, current, [`${outcome.reason} Name what creates it in dependsOn.`]);
      }
      redactedLog(session.runtime, current.bag.reserved.urn).info(`not known yet: ${outcome.reason}`);
      return { inputs: toWire(answer(session, current, unknownValue, outcome.defaults)) };
  }
}

/** A failure with a property would print that property's value, secrets included (pulumi.md 11.1). */
function failed<Args, Ports>(
  session: Session<Args, Ports>,
  current: Check,
  reasons: readonly string[],
): CheckResult {
  const { redact } = session.runtime.secrets;
  const failures = reasons.map((reason) => ({ property: "", reason: redact(reason) }));
  return { inputs: answer(session, current, undefined), failures };
}

function answer<Args, Ports>(
  { handler }: Session<Args, Ports>,
  { bag, inputs }: Check,
  computed: Json | undefined,
  defaults: JsonObject = {},
): JsonObject {
  const computedInput = computed === undefined ? {} : { [handler.computedKey]: computed };
  return { ...inputs, ...defaults, ...computedInput, ...mirroredKeys(bag) };
}
