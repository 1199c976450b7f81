import { placed } from "../args/desiredStream.js";
import type { KnownStreams } from "../memory.js";
import { plannedRemoval, type Staying } from "../plan/removal.js";
import { isResolved } from "../plan/tag/resolved.js";
import type { Cluster } from "../ports.js";
import { checkUse } from "../use/check.js";
import { expandStream, type WithRepository } from "./expandStream.js";
import { observeStream } from "./observeStream.js";
import { foreseePullSecret, type SecretOutlookRequest } from "./pullSecret/outlook.js";
import type { Resolution, ResolveStreamRequest, ResolveWatch } from "./resolution.js";
import { resolveStream } from "./resolveStream.js";

export interface PrepareImportRequest extends Omit<ResolveStreamRequest, "observed" | "own">, WithRepository {
  /** The resource's own pull secret is declared in a way that is not known yet; `desired` is without it. */
  readonly isSecretUnknown: boolean;
}

/**
 * What `check` answers: the digests that the tags have or will have, or why `up` must not happen. Asks who uses what
 * `up` would take away even where a tag cannot be resolved, so that all is said at once. Changes nothing.
 */
export async function prepareImport(
  cluster: Cluster,
  known: KnownStreams,
  request: PrepareImportRequest,
  watch: ResolveWatch,
): Promise<Resolution> {
  const { signal } = watch;
  const isNew = request.last === undefined;
  // A new stream will need the answer, so ask for it already.
  if (isNew) cluster.rules.allowedRegistries(watch).catch(() => undefined);
  const observed = await observeStream(known, cluster, request.desired, { signal, isNew });
  const secret = await foreseePullSecret(cluster, secretRequest(request), watch);
  if (secret.kind === "failed") return secret;
  const { own } = secret;
  const expansion = await expandStream(cluster, { ...request, observed, own }, request, watch);
  if (expansion.kind !== "expanded") return expansion;
  const { desired, rows: answered } = expansion;
  const resolution = await resolveStream(cluster, { ...request, observed, desired, answered, own }, watch);
  return await withRemoval(cluster, known, { ...request, desired, resolution }, watch);
}

async function withRemoval(
  cluster: Cluster,
  known: KnownStreams,
  request: PrepareImportRequest & { readonly resolution: Resolution },
  watch: ResolveWatch,
): Promise<Resolution> {
  const { resolution } = request;
  const refusals = await checkRemoval(cluster, known, request, watch);
  if (resolution.kind === "failed") return { ...resolution, reasons: [...resolution.reasons, ...refusals] };
  if (refusals.length === 0) return resolution;
  if (!mayKeepMore(request, resolution)) return { kind: "failed", reasons: refusals };
  for (const refusal of refusals) watch.warn(`pulumi up may stop here: ${refusal}`);
  return resolution;
}

function secretRequest({
  desired,
  last,
  isSecretUnknown,
  claimant,
  isPreview,
}: PrepareImportRequest): SecretOutlookRequest {
  const { namespace, pullSecret, adopt, deleteInUse } = desired;
  const before = last?.desired?.namespace === namespace ? last.desired.pullSecret?.name : undefined;
  const secret = isSecretUnknown ? "unknown" : pullSecret;
  return { namespace, desired: secret, before, claimant, adopt, deleteInUse, isPreview };
}

/** Whether a preview does not know every digest of the stream: one of the unknown ones may be what is in use. */
function mayKeepMore(request: PrepareImportRequest, resolution: Resolution): boolean {
  const { desired, last, isPreview, undecided } = request;
  const before = last?.desired;
  const isReplaced = before?.namespace !== desired.namespace || before.name !== desired.name;
  if (!isPreview || isReplaced || resolution.kind === "failed") return false;
  return resolution.kind === "pending" || undecided.length + resolution.undecided.length > 0;
}

async function checkRemoval(
  cluster: Cluster,
  known: KnownStreams,
  request: PrepareImportRequest & { readonly resolution: Resolution },
  watch: ResolveWatch,
): Promise<readonly string[]> {
  const { desired, last, claimant, isPreview } = request;
  if (last?.desired?.namespace === undefined) return [];
  const before = placed(last.desired);
  const stream = await known.snapshot(cluster, before, watch);
  const removal = plannedRemoval({ desired, before, stream, claimant, staying: stayingAfter(request) });
  const info = isPreview ? watch.info : () => undefined;
  return await checkUse(cluster, removal, { ...watch, info });
}

/** A digest whose tag gets another name is kept. */
function stayingAfter({
  undecided,
  resolution,
}: PrepareImportRequest & { readonly resolution: Resolution }): Staying {
  const images = resolution.kind === "resolved" ? Object.values(resolution.resolved) : [];
  const digests = images.filter(isResolved).map(({ digest }) => digest);
  return { tags: undecided, digests };
}
