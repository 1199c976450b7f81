import type { HandOver } from "../lifecycle/cli/handOver.js";
import type { CheckRequest, HookContext } from "../lifecycle/resourceHandler.js";
import type { JsonObject } from "../lifecycle/wire.js";
import type { Parsed } from "../support/arguments/parsed.js";
import { unknownValue } from "../lifecycle/unknowns.js";
import { isImageError } from "../support/imageError.js";
import { byKey } from "../support/text/spelling.js";
import { type DesiredStream, placed, type PlacedStream } from "./args/desiredStream.js";
import type { ListedTags } from "./check/expandStream.js";
import type { PrepareImportRequest } from "./check/prepareImport.js";
import { recordedSelection, withSelected } from "./plan/repository/expand.js";
import { type LastRun, noLastRun } from "./plan/tag/standing.js";
import type { ResolvedTags } from "./outputs.js";
import { mirrored, recordedResolved, triggersChanged } from "./state.js";

/** Loads the schemas when the first hook needs them: they cost a third of the budget for loading. */
export async function parse(inputs: JsonObject): Promise<Parsed<DesiredStream>> {
  const { parseArgs } = await import("./args/schema.js");
  if (inputs.repository === undefined) return parseArgs(inputs);
  const { repositoryIssues } = await import("./args/repositoryMeaning.js");
  return parseArgs(inputs, repositoryIssues(inputs.repository));
}

/** With the tags of the repository. A state may hold what a refresh found on the cluster, which need not be valid as arguments. */
export async function desiredOf(bag: JsonObject): Promise<DesiredStream | undefined> {
  const parsed = await parse(mirrored(bag) as JsonObject);
  if (!parsed.ok) return undefined;
  return withSelected(parsed.args, recordedSelection(parsed.args, recordedResolved(bag)));
}

export async function requireDesired(inputs: JsonObject): Promise<PlacedStream> {
  const desired = await desiredOf(inputs);
  if (desired === undefined) throw new Error("the checked inputs are not valid arguments");
  return placed(desired);
}

export async function lastRun(bag: JsonObject | undefined): Promise<LastRun> {
  return bag === undefined ? noLastRun : { desired: await desiredOf(bag), resolved: recordedResolved(bag) };
}

const seconds = { check: 30, diff: 30, read: 60, create: 600, update: 600, delete: 300 } as const;
/** Listing a repository takes the server up to half a minute, and its tags may be a thousand. */
const repositorySeconds = { ...seconds, check: 180, create: 1200, update: 1200 } as const;

export function defaultSeconds({ repository }: JsonObject): Record<keyof typeof seconds, number> {
  return repository === undefined ? seconds : repositorySeconds;
}

interface ImportCheck extends CheckRequest<DesiredStream>, Pick<PrepareImportRequest, "note" | "undecided"> {
  readonly namespace: string;
}

/** What a check has to prepare. */
export async function importRequest(
  { args, oldInputs, phase, unknown, namespace, undecided, note }: ImportCheck,
  { urn, claimant, log }: HookContext<unknown>,
  handOver: HandOver | undefined,
): Promise<PrepareImportRequest> {
  const isNew = Object.keys(oldInputs).length === 0;
  return {
    desired: { ...args, namespace },
    last: isNew ? undefined : await lastRun(oldInputs),
    triggersChanged: isNew ? false : triggersChanged(oldInputs, args, unknown),
    undecided,
    claimant,
    isPreview: phase === "preview",
    note,
    listedTags: listedTags(handOver, urn, log.warn),
  };
}

/** Where nothing can be handed over, `up` asks the repository itself. */
function listedTags(
  handOver: HandOver | undefined,
  urn: string,
  warn: (message: string) => void,
): ListedTags {
  return {
    async leave(value) {
      try {
        await handOver?.leave(urn, value);
      } catch (error) {
        if (!isImageError(error)) throw error;
        warn(`pulumi up will list the repository again, and may find more: ${error.message}`);
      }
    },
    async find() {
      const found = await handOver?.find(urn).catch(() => undefined);
      return found?.kind === "found" ? found.value : undefined;
    },
  };
}

/** The tags with those that are not known yet; sorted. */
export function withUnknown(resolved: ResolvedTags, undecided: readonly string[]): object {
  const known = Object.entries<unknown>(resolved);
  const unknown = undecided.map((tag): [string, unknown] => [tag, unknownValue]);
  return Object.fromEntries([...known, ...unknown].sort(byKey));
}
