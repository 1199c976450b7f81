import type { JsonObject } from "../lifecycle/wire.js";
import type { Parsed } from "../support/arguments/parsed.js";
import type { ArchiveArgs } from "./args/parsed.js";
import type { DeclaredArchive } from "./memory.js";
import type { ArchiveContent } from "./outputs.js";
import { mirrored, recordedContent } from "./state.js";

/** What the last run has declared and written. */
export async function recordedArchive(oldInputs: JsonObject): Promise<DeclaredArchive | undefined> {
  const content = recordedContent(oldInputs);
  const parsed = await parse(mirrored(oldInputs) as JsonObject);
  return content === undefined || !parsed.ok ? undefined : { images: content.images, args: parsed.args };
}

export async function parse(inputs: JsonObject): Promise<Parsed<ArchiveArgs>> {
  const { parseArgs } = await import("./args/schema.js");
  return parseArgs(inputs);
}

export async function requireArgs(inputs: JsonObject): Promise<ArchiveArgs> {
  const parsed = await parse(mirrored(inputs) as JsonObject);
  if (!parsed.ok) throw new Error("the checked inputs are not valid arguments");
  return parsed.args;
}

export function requireContent(inputs: JsonObject): ArchiveContent {
  const content = recordedContent(inputs);
  if (content === undefined) throw new Error("the checked inputs hold no content");
  return content;
}
