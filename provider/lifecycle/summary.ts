import { isDeepStrictEqual } from "node:util";
import type { SplitBag } from "./reservedKeys.js";
import type { ResourceHandler } from "./resourceHandler.js";
import { containsUnknown, unknownValue } from "./unknowns.js";
import { type Json, type JsonObject, toWire } from "./wire.js";

/** Characters; the CLI's own rows are no longer. */
const maxLength = 300;

/** Inputs whose check is done, without the summary. */
interface CheckedInputs {
  readonly properties: JsonObject;
  /** Undefined when the check has failed. */
  readonly computed: Json | undefined;
  readonly bag: SplitBag;
  readonly old: SplitBag;
}

type Summariser = Pick<ResourceHandler<unknown, unknown>, "computedKey" | "summarise">;

/**
 * The input `summary`. Unknown where a part of the computed input is, so that a plan made in a preview holds in `up`. Keeps
 * the line of the last run where there is nothing to say about a change: the summary must not cause an update.
 */
export function summaryOf(
  { summarise }: Summariser,
  { properties, computed, bag, old }: CheckedInputs,
  redact: (text: string) => string,
): Json | undefined {
  if (computed === undefined) return undefined;
  const { summary: brought } = bag.reserved;
  if (typeof brought === "string" && brought !== unknownValue) return brought;
  const before = old.reserved.summary;
  if (isDeepStrictEqual(toWire(properties), old.properties)) return before;
  if (containsUnknown(computed)) return unknownValue;
  const line = summarise(knownProperties(properties), old.properties);
  return line === undefined ? before : shortened(redact(line));
}

/** Without the properties that are unknown as a whole; unknown parts of others remain. */
export function knownProperties(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== unknownValue));
}

/** The summary after a refresh: the line of the last run, as long as it is still true. */
export function refreshedSummary(
  { computedKey, summarise }: Summariser,
  state: SplitBag,
  inputs: JsonObject,
  redact: (text: string) => string,
): Json | undefined {
  const { summary } = state.reserved;
  const isAsBefore = isDeepStrictEqual(inputs[computedKey], state.properties[computedKey]);
  if (typeof summary !== "string" || isAsBefore) return summary;
  const line = summarise(inputs, {});
  return line === undefined ? summary : shortened(redact(line));
}

function shortened(line: string): string {
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`;
}
