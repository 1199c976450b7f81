import type { ArgumentIssue, Parsed } from "../support/arguments/parsed.js";
import { nameList } from "../support/text/wording.js";
import { mirroredKeys, placeholders, splitBag, type SplitBag } from "./reservedKeys.js";
import type { CheckOutcome, Phase } from "./resourceHandler.js";
import { learnSecrets, messageOf, redactedLog, runVerb, type Session } from "./session.js";
import { knownProperties, summaryOf } from "./summary.js";
import {
  containsUnknown,
  isUnknownAt,
  type UnknownPath,
  unknownPaths,
  unknownValue,
  withoutUnknowns,
} from "./unknowns.js";
import { type Json, type JsonObject, toWire } from "./wire.js";

/** The answer to the engine, which stops when there are failures. */
export interface CheckResult {
  readonly inputs: JsonObject;
  readonly failures?: readonly { readonly property: string; readonly reason: string }[];
}

/** A running check: the inputs with their defaults, and what every answer contains. */
interface Check {
  readonly bag: SplitBag;
  /** The last run's inputs; empty for a new resource and in the second check of a replacement. */
  readonly old: SplitBag;
  readonly phase: Phase;
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
  learnSecrets(session.runtime, current.bag);
  const parsed = await handler.parse(withoutUnknowns(current.inputs) as JsonObject);
  const issues = [...(parsed.ok ? [] : parsed.issues), ...(await connectionIssues(session, current.bag))];
  const certain = issues.filter((issue) => !isUnknownAt(news, issue.path));
  if (certain.length > 0) return failed(session, current, certain.map(formatIssue));
  if (current.kept !== undefined) return { inputs: answer(session, current, current.kept) };
  const unknown = [...unknownPaths(current.inputs), ...unknownPaths(current.bag.connection, ["connection"])];
  const paths = nameList(unknown.map(formatPath), shownPaths);
  const known = unknown.length === 0 ? parsed : await parseKnown(session, current, unknown);
  if (known?.ok !== true) {
    await handler.leftUnknown?.(current.bag.reserved.urn);
    return unknownAnswer(session, current, {}, paths);
  }
  if (unknown.length > 0) say(session, current, `not known yet: ${paths}`);

  const bag = { ...current.bag, properties: current.inputs };
  const { phase, old } = current;
  const outcome = await runVerb(session, "check", bag, (context) =>
    handler.check({ args: known.args, phase, oldInputs: old.properties, unknown }, context),
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
    old,
    inputs: { ...given, ...handler.defaults(given, before.properties, urn) },
    kept,
  };
}

/** The known arguments, if the unknown ones do not decide; an unknown cluster does. */
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
    case "resolved": {
      const { defaults } = outcome;
      const { computedKey } = session.handler;
      const computed = toWire({ [computedKey]: outcome.computed })[computedKey];
      if (containsUnknown(computed)) say(session, current, summarise(session, current, defaults, computed));
      return { inputs: toWire(answer(session, current, computed, defaults)) };
    }
    case "pending":
      if (current.phase === "up") {
        return failed(session, current, [`${outcome.reason} Name what creates it in dependsOn.`]);
      }
      return unknownAnswer(session, current, outcome.defaults, outcome.reason);
  }
}

/** A failure with a property would print that property's value, secrets included (facts/pulumi.md 25). */
function failed<Args, Ports>(
  session: Session<Args, Ports>,
  current: Check,
  reasons: readonly string[],
): CheckResult {
  const { redact } = session.runtime.secrets;
  const failures = reasons.map((reason) => ({ property: "", reason: redact(reason) }));
  return { inputs: answer(session, current, undefined), failures };
}

/** In a preview: logs the summary now, because an unknown input cannot carry it. */
function unknownAnswer<Args, Ports>(
  session: Session<Args, Ports>,
  current: Check,
  defaults: JsonObject,
  reason: string,
): CheckResult {
  const summary = summarise(session, current, defaults);
  say(session, current, summary === undefined ? reason : `${summary}: ${reason}`);
  return { inputs: toWire(answer(session, current, unknownValue, defaults)) };
}

function summarise<Args, Ports>(
  { handler }: Session<Args, Ports>,
  { inputs, old }: Check,
  defaults: JsonObject,
  computed?: Json,
): string | undefined {
  const computedInput = computed === undefined ? {} : { [handler.computedKey]: computed };
  return handler.summarise(knownProperties({ ...inputs, ...defaults, ...computedInput }), old.properties);
}

function say<Args, Ports>({ runtime }: Session<Args, Ports>, { bag }: Check, line: string | undefined): void {
  if (line !== undefined) redactedLog(runtime, bag.reserved.urn).info(line);
}

function answer<Args, Ports>(
  { handler, runtime }: Session<Args, Ports>,
  { bag, old, inputs }: Check,
  computed: Json | undefined,
  defaults: JsonObject = {},
): JsonObject {
  const computedInput = computed === undefined ? {} : { [handler.computedKey]: computed };
  const properties = { ...inputs, ...defaults, ...computedInput };
  const summary = summaryOf(handler, { properties, computed, bag, old }, runtime.secrets.redact);
  return {
    ...placeholders(bag),
    ...properties,
    ...(summary === undefined ? {} : { summary }),
    ...mirroredKeys(bag),
  };
}

/** `tags["1.27"].image`, as one would write it in a program. */
function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const name = String(key);
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === "" ? name : `${text}.${name}`;
  }, "");
}

export function formatIssue(issue: ArgumentIssue): string {
  return issue.path.length === 0 ? issue.message : `${formatPath(issue.path)}: ${issue.message}`;
}
