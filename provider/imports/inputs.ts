import type { JsonObject } from "../lifecycle/wire.js";
import type { Parsed } from "../support/arguments/parsed.js";
import { type DesiredStream, placed, type PlacedStream } from "./args/desiredStream.js";
import { type LastRun, noLastRun } from "./plan/tag/standing.js";
import { mirrored, recordedResolved } from "./state.js";

/** Loads the schemas when the first hook needs them: they cost a third of the budget for loading. */
export async function parse(inputs: JsonObject): Promise<Parsed<DesiredStream>> {
  const { parseArgs } = await import("./args/schema.js");
  return parseArgs(inputs);
}

/** A state may hold what a refresh found on the cluster, which need not be valid as arguments. */
export async function desiredOf(bag: JsonObject): Promise<DesiredStream | undefined> {
  const parsed = await parse(mirrored(bag) as JsonObject);
  return parsed.ok ? parsed.args : undefined;
}

export async function requireDesired(inputs: JsonObject): Promise<PlacedStream> {
  const desired = await desiredOf(inputs);
  if (desired === undefined) throw new Error("the checked inputs are not valid arguments");
  return placed(desired);
}

export async function lastRun(bag: JsonObject | undefined): Promise<LastRun> {
  return bag === undefined ? noLastRun : { desired: await desiredOf(bag), resolved: recordedResolved(bag) };
}
