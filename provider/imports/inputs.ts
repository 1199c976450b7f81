import type { HandOver } from "../lifecycle/cli/handOver.js";
import type { CheckRequest, HookContext } from "../lifecycle/resourceHandler.js";
import type { JsonObject } from "../lifecycle/wire.js";
import type { Parsed } from "../support/arguments/parsed.js";
import { unknownValue } from "../lifecycle/unknowns.js";
import { isImageError } from "../support/imageError.js";
import type { Fields } from "../support/json.js";
import { byKey } from "../support/text/spelling.js";
import { type DesiredStream, placed, type PlacedStream } from "./args/desiredStream.js";
import type { ListedTags } from "./check/expandStream.js";
import type { PrepareImportRequest } from "./check/prepareImport.js";
import { hasSecretDrifted } from "./check/pullSecret/drift.js";
import { isPullSecretUnknown } from "./plan/knownPart.js";
import { recordedSelection, withSelected } from "./plan/repository/expand.js";
import type { RemovalRequest } from "./plan/removal.js";
import { type LastRun, noLastRun } from "./plan/tag/standing.js";
import type { ResolvedTags } from "./outputs.js";
import type { Cluster } from "./ports.js";
import {
  mirrored,
  recordedResolved,
  recordedSecrets,
  recordedStream,
  streamKey,
  triggersChanged,
  withoutPullSecret,
} from "./state.js";

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
    isSecretUnknown: isPullSecretUnknown(unknown),
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

/** Whether the pull secrets on the cluster are others than the state says. */
export async function hasOtherSecret(
  { secrets }: Pick<Cluster, "secrets">,
  state: JsonObject,
  desired: PlacedStream,
  { claimant, signal }: Pick<HookContext<unknown>, "claimant" | "signal">,
): Promise<boolean> {
  const { claim } = recordedStream(state, desired);
  const { namespace, pullSecret } = desired;
  const kept = { namespace, desired: pullSecret, claim, claimant, recorded: recordedSecrets(state) };
  return await hasSecretDrifted(secrets, kept, { signal });
}

/** The state as a refresh shows it: without the argument whose secret on the cluster is another one. */
export async function shownState(
  cluster: Pick<Cluster, "secrets">,
  state: JsonObject,
  desired: PlacedStream,
  context: Pick<HookContext<unknown>, "claimant" | "signal">,
): Promise<Fields> {
  return (await hasOtherSecret(cluster, state, desired, context)) ? withoutPullSecret(state) : state;
}

/** What a destroy has to remove. */
export async function removalOrder(state: JsonObject): Promise<RemovalOrder> {
  const desired = await desiredOf(state);
  const { onDestroy = "owned", deleteInUse = false } = desired ?? {};
  const recorded = recordedStream(state, desired);
  return { key: streamKey(state), recorded, onDestroy, deleteInUse, names: recordedSecrets(state) };
}

interface RemovalOrder extends RemovalRequest {
  /** Of the pull secrets that the last run kept. */
  readonly names: readonly string[];
}

/** The tags with those that are not known yet; sorted. */
export function withUnknown(resolved: ResolvedTags, undecided: readonly string[]): object {
  const known = Object.entries<unknown>(resolved);
  const unknown = undecided.map((tag): [string, unknown] => [tag, unknownValue]);
  return Object.fromEntries([...known, ...unknown].sort(byKey));
}
