import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../lifecycle/wire.js";
import type { Parsed } from "../support/arguments/parsed.js";
import type { PruneArgs } from "./args/parsed.js";
import type { PreparedPrune } from "./check/preparePrune.js";
import type { PrunePlan } from "./outputs.js";
import { mirrored, recordedPlan, settledPlan } from "./state.js";

export async function parse(inputs: JsonObject): Promise<Parsed<PruneArgs>> {
  const { parseArgs } = await import("./args/schema.js");
  return parseArgs(inputs);
}

/** The plan as a check answers it: the recorded one if the arguments are the same and nothing is new. */
export async function settled(
  { input, isReport }: PreparedPrune,
  args: PruneArgs,
  oldInputs: JsonObject,
): Promise<PrunePlan> {
  const before = await parse(mirrored(oldInputs) as JsonObject);
  const isSame = before.ok && isDeepStrictEqual(before.args, args);
  return isSame ? settledPlan(input, recordedPlan(oldInputs), isReport) : input;
}

export async function requireArgs(inputs: JsonObject): Promise<PruneArgs> {
  const parsed = await parse(mirrored(inputs) as JsonObject);
  if (!parsed.ok) throw new Error("the checked inputs are not valid arguments");
  return parsed.args;
}

export function requirePlan(inputs: JsonObject): PrunePlan {
  const plan = recordedPlan(inputs);
  if (plan === undefined) throw new Error("the checked inputs hold no plan");
  return plan;
}
