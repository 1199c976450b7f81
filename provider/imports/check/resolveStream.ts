import type { ImageStream } from "../../okd/imageStream.js";
import { hasCode, isImageError } from "../../support/imageError.js";
import { byKey } from "../../support/text/spelling.js";
import type { DesiredStream, PlacedStream } from "../args/desiredStream.js";
import { failureContext, type ImportRow } from "../failure/explain.js";
import type { ResolvedTag, ResolvedTags } from "../outputs.js";
import { areCertainlyAllowed } from "../plan/allowedSources.js";
import { answerLookups, type LookupAnswers } from "../plan/answers.js";
import { type Lookup, planLookups, type TriggersChanged } from "../plan/lookups.js";
import { planStreamWrite } from "../plan/streamWrite.js";
import { lacksImportMode, lostModeWarning } from "../plan/tag/changes.js";
import { detailedTags } from "../plan/tag/resolved.js";
import { type LastRun, noLastRun, type ObservedStream } from "../plan/tag/standing.js";
import { specTag } from "../plan/tag/state.js";
import type { Cluster } from "../ports.js";
import { lookUpTags } from "./lookUpTags.js";

export interface ResolveStreamRequest {
  readonly desired: PlacedStream;
  readonly observed: ObservedStream;
  /** Undefined for a new resource. */
  readonly last: LastRun | undefined;
  readonly triggersChanged: TriggersChanged;
  readonly claimant: string;
  /** In a preview a tag that cannot be imported stops everything; in `up` the other tags are imported. */
  readonly isPreview: boolean;
}

/**
 * See CheckOutcome of the lifecycle; `pending` is what the same stack may be about to create. `undecided` are tags whose
 * image depends on what is not known yet.
 */
export type Resolution =
  | {
      readonly kind: "resolved";
      readonly resolved: ResolvedTags;
      readonly undecided: readonly string[];
    }
  | { readonly kind: "pending"; readonly reason: string }
  | { readonly kind: "failed"; readonly reasons: readonly string[] };

export interface ResolveWatch {
  readonly signal: AbortSignal;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}

/** Finds out which digest every tag has, or will have, without changing anything. */
export async function resolveStream(
  cluster: Cluster,
  request: ResolveStreamRequest,
  watch: ResolveWatch,
): Promise<Resolution> {
  const { desired, observed, last = noLastRun } = request;
  const plan = planLookups(desired, observed, last, request.triggersChanged);
  for (const remark of plan.remarks) watch.info(remark);
  for (const warning of plan.warnings) watch.warn(warning);
  const { rehearsal, rows } = await askCluster(cluster, request, plan.lookups, watch.signal);
  if (rehearsal.kind !== "passed") return rehearsal;
  for (const { tag, purpose } of plan.lookups) {
    if (purpose === "needed" && lacksImportMode(tag, specTag(rehearsal.answer, tag.name)))
      watch.warn(lostModeWarning(tag));
  }
  if (rows === undefined) return { kind: "pending", reason: missingNamespace(desired.namespace) };
  const context = await failureContext(cluster, request, rows, watch.signal);
  const answers = answerLookups({ desired, plan, rows, repository: rehearsal.repository, context });
  for (const remark of answers.remarks) watch.info(remark);
  for (const warning of answers.warnings) watch.warn(warning);
  return request.isPreview ? previewed(desired, answers, watch) : executed(answers);
}

/** In `up` every tag proceeds by itself; one that fails carries its error. */
function executed({ resolved }: LookupAnswers): Resolution {
  return { kind: "resolved", resolved: compact(resolved), undecided: [] };
}

/** A tag that fails for good stops a preview; one that the same program may still repair is not known yet. */
function previewed(desired: DesiredStream, answers: LookupAnswers, watch: ResolveWatch): Resolution {
  const { resolved, failures, undecided } = answers;
  if (failures.length > 0) return { kind: "failed", reasons: failures };
  for (const { reason } of undecided.filter(({ isDoubtful }) => isDoubtful))
    watch.warn(`pulumi up would stop here, unless the same program replaces the pull secret: ${reason}`);
  const reasons = undecided.map(({ tag, reason, isDoubtful }) =>
    isDoubtful ? `what ${tag} resolves to` : reason,
  );
  if (undecided.length > 0 && undecided.length === desired.tags.length)
    return { kind: "pending", reason: reasons.join("\n") };
  for (const reason of reasons) watch.info(`not known yet: ${reason}`);
  const names = undecided.map(({ tag }) => tag);
  const decided = Object.fromEntries(Object.entries(resolved).filter(([name]) => !names.includes(name)));
  return { kind: "resolved", resolved: compact(decided), undecided: names };
}

interface Asked {
  readonly rehearsal: Rehearsal;
  /** Undefined when the namespace is missing, or the rehearsal failed. */
  readonly rows: ReadonlyMap<string, ImportRow> | undefined;
}

/**
 * Rehearsal and lookups side by side, where the cluster certainly allows these registries; else one after the other,
 * because a lookup by an administrator contacts a forbidden host (facts/importing.md 22).
 */
async function askCluster(
  cluster: Cluster,
  request: ResolveStreamRequest,
  lookups: readonly Lookup[],
  signal: AbortSignal,
): Promise<Asked> {
  const ask = (until: AbortSignal) => lookUp(cluster, request, lookups, until);
  const sources = lookups.map(({ tag }) => tag);
  const mayOverlap =
    lookups.length > 0 && areCertainlyAllowed(await cluster.rules.allowedRegistries({ signal }), sources);
  const stop = new AbortController();
  const early = mayOverlap ? ask(AbortSignal.any([signal, stop.signal])) : undefined;
  early?.catch(() => undefined);
  const rehearsal = await rehearseWrite(cluster, request, lookups, signal);
  if (rehearsal.kind === "passed") return { rehearsal, rows: await (early ?? ask(signal)) };
  stop.abort();
  return { rehearsal, rows: undefined };
}

type Rehearsal =
  | {
      readonly kind: "passed";
      readonly repository: string | undefined;
      /** The stream as the server would store it; absent where nothing was sent. */
      readonly answer?: ImageStream;
    }
  | Exclude<Resolution, { readonly kind: "resolved" }>;

/**
 * A dry run of the stream's write, before any registry is contacted: whitelist, LimitRange and quota answer to it as
 * for real, while `import: false` passes them all (facts/importing.md 3, facts/api-server.md 14). It also tells the integrated registry's address.
 */
async function rehearseWrite(
  cluster: Cluster,
  request: ResolveStreamRequest,
  lookups: readonly Lookup[],
  signal: AbortSignal,
): Promise<Rehearsal> {
  const { last, desired } = request;
  const { stream } = request.observed;
  // Ownership was settled by create; the claim is in the outputs, which check does not get.
  const adopt = desired.adopt || last !== undefined;
  const write = planStreamWrite({
    ...request,
    stream,
    desired: { ...desired, adopt },
    recorded: undefined,
    claim: "preview",
  });
  const repository = stream?.status?.dockerImageRepository;
  if (write.kind === "refused") return { kind: "failed", reasons: [`${write.message} [${write.code}]`] };
  if (write.kind === "unchanged" || !lookups.some((lookup) => lookup.purpose === "needed")) {
    return { kind: "passed", repository };
  }
  try {
    const method = write.kind === "create" ? "createStream" : "replaceStream";
    const answer = await cluster.streams[method](write.stream, { dryRun: true, signal });
    return { kind: "passed", repository: answer.status?.dockerImageRepository ?? repository, answer };
  } catch (error) {
    if (hasCode(error, "NAMESPACE_NOT_FOUND"))
      return { kind: "pending", reason: missingNamespace(desired.namespace) };
    // Somebody else wrote meanwhile; the real write plans again.
    if (hasCode(error, "API_CONFLICT")) return { kind: "passed", repository };
    if (isImageError(error)) return { kind: "failed", reasons: [error.message] };
    throw error;
  }
}

function missingNamespace(namespace: string): string {
  return `namespace: "${namespace}" does not exist yet.`;
}

async function lookUp(
  cluster: Cluster,
  request: ResolveStreamRequest,
  lookups: readonly Lookup[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ImportRow> | undefined> {
  const { desired, observed } = request;
  const key = { namespace: desired.namespace, name: desired.name };
  const tags = lookups.map((lookup) => lookup.tag);
  try {
    return await lookUpTags(cluster.streams, key, tags, observed.stream, signal);
  } catch (error) {
    if (hasCode(error, "NAMESPACE_NOT_FOUND")) return undefined;
    throw error;
  }
}

function compact(resolved: Readonly<Record<string, ResolvedTag>>): ResolvedTags {
  const entries = Object.entries(resolved).sort(byKey);
  if (entries.length <= detailedTags) return Object.fromEntries(entries);
  return Object.fromEntries(
    entries.map(([name, tag]) => [
      name,
      "error" in tag ? tag : { digest: tag.digest, pullSpec: tag.pullSpec },
    ]),
  );
}
