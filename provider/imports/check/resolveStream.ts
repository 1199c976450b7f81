import { hasCode } from "../../support/imageError.js";
import { byKey } from "../../support/text/spelling.js";
import type { DesiredStream } from "../args/desiredStream.js";
import { failureContext, type ImportRow } from "../failure/explain.js";
import type { ResolvedTag, ResolvedTags } from "../outputs.js";
import { areCertainlyAllowed } from "../plan/allowedSources.js";
import { answerLookups, type LookupAnswers } from "../plan/answers.js";
import { type Lookup, type LookupPlan, planLookups } from "../plan/lookups.js";
import { withSources } from "../plan/repository/expand.js";
import { leavingTags } from "../plan/removal.js";
import { lacksImportMode, lostModeWarning } from "../plan/tag/changes.js";
import { detailedTags, isResolved } from "../plan/tag/resolved.js";
import { noLastRun } from "../plan/tag/standing.js";
import { specTag } from "../plan/tag/state.js";
import type { Cluster } from "../ports.js";
import { lookUpTags } from "./lookUpTags.js";
import type { Resolution, ResolveStreamRequest, ResolveWatch } from "./resolution.js";
import { missingNamespace, type Rehearsal, rehearseWrite } from "./rehearsal.js";
import { tellRollouts } from "./tellRollouts.js";
import { warnOfTags } from "./warnOfTags.js";

/** Finds out which digest every tag has, or will have, without changing anything. */
export async function resolveStream(
  cluster: Cluster,
  request: ResolveStreamRequest,
  watch: ResolveWatch,
): Promise<Resolution> {
  const { desired, observed, last = noLastRun } = request;
  const { stream } = observed;
  const plan = planLookups(desired, observed, last, request.triggersChanged);
  for (const remark of plan.remarks) watch.info(remark);
  for (const warning of plan.warnings) watch.warn(warning);
  if (plan.refusals.length > 0) return refused(plan.refusals, request);
  const { rehearsal, rows } = await askCluster(cluster, request, plan, watch.signal);
  if (rehearsal.kind !== "passed") return rehearsal;
  for (const { tag, purpose } of plan.lookups) {
    if (purpose === "needed" && lacksImportMode(tag, specTag(rehearsal.answer, tag.name)))
      watch.warn(lostModeWarning(tag));
  }
  if (rows === undefined) return { kind: "pending", reason: missingNamespace(desired.namespace) };
  const context = await failureContext(cluster, request, rows, watch.signal);
  const { repository, sources } = rehearsal;
  const leaving = leavingTags(stream, request.claimant, desired, last);
  const asked = { desired, stream, plan, rows, sources, repository, context, leaving };
  const answers = answerLookups({ ...asked, undecided: request.undecided });
  for (const remark of answers.remarks) watch.info(remark);
  for (const warning of answers.warnings) watch.warn(warning);
  await warnOfTags(cluster, request, { plan, rows, repository, answer: rehearsal.answer }, watch);
  const { known } = plan;
  const { resolved } = answers;
  // In `up` too: with `--strict` it has to find what the preview has shown.
  const told = await tellRollouts(cluster, { desired, observed, known, resolved }, watch);
  const outcome = { ...answers, resolved: told };
  return request.isPreview ? previewed(desired, outcome, watch) : executed(desired, outcome);
}

/** A stream that is not there yet may be made by the same program. */
function refused(refusals: readonly string[], { observed, isPreview }: ResolveStreamRequest): Resolution {
  if (observed.stream !== undefined || !isPreview) return { kind: "failed", reasons: refusals };
  return { kind: "pending", reason: refusals.join("\n") };
}

/** In `up` every tag proceeds by itself; one that fails carries its error. */
function executed({ selected }: DesiredStream, { resolved }: LookupAnswers): Resolution {
  return { kind: "resolved", resolved: withSources(compact(resolved), selected), undecided: [] };
}

/** A tag that fails for good stops a preview; one that the same program may still repair is not known yet. */
function previewed(desired: DesiredStream, answers: LookupAnswers, watch: ResolveWatch): Resolution {
  const { resolved, failures, undecided } = answers;
  if (failures.length > 0) return { kind: "failed", reasons: failures };
  for (const { reason, unless } of undecided) {
    if (unless !== undefined)
      watch.warn(`pulumi up would stop here, unless the same program ${unless}: ${reason}`);
  }
  const reasons = undecided.map(({ tag, reason, unless }) =>
    unless === undefined ? reason : `what ${tag} resolves to`,
  );
  if (undecided.length > 0 && undecided.length === desired.tags.length)
    return { kind: "pending", reason: reasons.join("\n") };
  for (const reason of reasons) watch.info(`not known yet: ${reason}`);
  const names = undecided.map(({ tag }) => tag);
  const decided = Object.fromEntries(Object.entries(resolved).filter(([name]) => !names.includes(name)));
  return {
    kind: "resolved",
    resolved: withSources(compact(decided), desired.selected),
    undecided: names,
  };
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
  plan: LookupPlan,
  signal: AbortSignal,
): Promise<Asked> {
  const { lookups } = plan;
  const ask = (until: AbortSignal) => lookUp(cluster, request, lookups, until);
  const sources = lookups.map(({ tag }) => tag);
  const mayOverlap =
    lookups.length > 0 && areCertainlyAllowed(await cluster.rules.allowedRegistries({ signal }), sources);
  const stop = new AbortController();
  const early = mayOverlap ? ask(AbortSignal.any([signal, stop.signal])) : undefined;
  early?.catch(() => undefined);
  const rehearsal = await rehearseWrite(cluster, request, plan, signal);
  if (rehearsal.kind === "passed") return { rehearsal, rows: await (early ?? ask(signal)) };
  stop.abort();
  return { rehearsal, rows: undefined };
}

async function lookUp(
  cluster: Cluster,
  request: ResolveStreamRequest,
  lookups: readonly Lookup[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ImportRow> | undefined> {
  const { desired, observed, answered = new Map<string, ImportRow>() } = request;
  const key = { namespace: desired.namespace, name: desired.name };
  const tags = lookups.map((lookup) => lookup.tag).filter(({ name }) => !answered.has(name));
  try {
    const rows = await lookUpTags(cluster.streams, key, tags, observed.stream, signal);
    return new Map([...answered, ...rows]);
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
      isResolved(tag) ? { digest: tag.digest, pullSpec: tag.pullSpec } : tag,
    ]),
  );
}
