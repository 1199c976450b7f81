import { isDeepStrictEqual } from "node:util";
import type { ResourceHandler } from "./handler.js";
import type { SplitBag } from "./reserved.js";
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

/**
 * The input `summary`. Unknown where a part of the computed input is, so that a plan made in a preview holds in `up`. The old one
 * where all other inputs are the old ones: the engine compares inputs, and the summary is never a reason for an update.
 */
export function summaryOf(
  { summarise }: Pick<ResourceHandler<unknown, unknown>, "summarise">,
  { properties, computed, bag, old }: CheckedInputs,
  redact: (text: string) => string,
): Json | undefined {
  if (computed === undefined) return undefined;
  const { summary: brought } = bag.reserved;
  if (typeof brought === "string" && brought !== unknownValue) return brought;
  if (isDeepStrictEqual(toWire(properties), old.properties)) return old.reserved.summary;
  if (containsUnknown(computed)) return unknownValue;
  const line = summarise(properties, old.properties);
  // An argument that is not known yet may turn out to be the old one, and so may all inputs.
  if (line === undefined && old.reserved.summary !== undefined && containsUnknown(properties))
    return unknownValue;
  return line === undefined ? undefined : shortened(redact(line));
}

function shortened(line: string): string {
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`;
}
