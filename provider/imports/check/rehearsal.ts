import type { ImageStream } from "../../okd/imageStream.js";
import { RefusedSourceError } from "../../okd/refusedSource.js";
import { hasCode, isImageError } from "../../support/imageError.js";
import type { LookupPlan } from "../plan/lookups.js";
import { type SourceAnswer, sourceAnswer } from "../plan/sourceAnswers.js";
import { planStreamWrite, type StreamWrite } from "../plan/streamWrite.js";
import { isResolved } from "../plan/tag/resolved.js";
import type { Cluster } from "../ports.js";
import type { Resolution, ResolveStreamRequest } from "./resolution.js";

export type Rehearsal =
  | {
      readonly kind: "passed";
      /** The stream's address in the integrated registry. */
      readonly repository: string | undefined;
      /** The stream as the server would store it; absent where nothing was sent. */
      readonly answer?: ImageStream;
      /** Images of other streams, by tag. */
      readonly sources: ReadonlyMap<string, SourceAnswer>;
    }
  | Exclude<Resolution, { readonly kind: "resolved" }>;

/**
 * A dry run of the stream's write, before any registry is contacted: whitelist, LimitRange and quota answer to it as
 * for real, while `import: false` passes them all (facts/importing.md 3, facts/api-server.md 14). It also tells the integrated registry's
 * address, and which images tags of other streams have. A tag whose source is refused is left out of the next attempt.
 */
export async function rehearseWrite(
  cluster: Cluster,
  request: ResolveStreamRequest,
  plan: LookupPlan,
  signal: AbortSignal,
): Promise<Rehearsal> {
  const refused = new Map<string, SourceAnswer>();
  for (;;) {
    try {
      return await rehearse(cluster, request, plan, refused, signal);
    } catch (error) {
      if (!(error instanceof RefusedSourceError) || refused.has(error.tag)) return unpassed(error, request);
      refused.set(error.tag, { kind: "refused", refusal: error.refusal });
    }
  }
}

async function rehearse(
  cluster: Cluster,
  request: ResolveStreamRequest,
  plan: LookupPlan,
  refused: ReadonlyMap<string, SourceAnswer>,
  signal: AbortSignal,
): Promise<Rehearsal> {
  const repository = request.observed.stream?.status?.dockerImageRepository;
  const write = rehearsedWrite(request, plan, new Set(refused.keys()));
  if (write.kind === "refused") return { kind: "failed", reasons: [`${write.message} [${write.code}]`] };
  if (write.kind === "unchanged" || !(plan.isDue || plan.lookups.length + plan.sources.length > 0))
    return { kind: "passed", repository, sources: refused };
  const method = write.kind === "create" ? "createStream" : "replaceStream";
  const answer = await cluster.streams[method](write.stream, { dryRun: true, signal });
  const found = plan.sources.flatMap(({ tag }) =>
    refused.has(tag.name) ? [] : [[tag.name, sourceAnswer(tag, answer)] as const],
  );
  const { dockerImageRepository = repository } = answer.status ?? {};
  return {
    kind: "passed",
    repository: dockerImageRepository,
    answer,
    sources: new Map([...refused, ...found]),
  };
}

/** The write of `up`, but for tags of other streams, which are written as declared: so the server tells their images. */
function rehearsedWrite(
  request: ResolveStreamRequest,
  { known, sources }: LookupPlan,
  deferred: ReadonlySet<string>,
): StreamWrite {
  const { last, desired, observed } = request;
  const asked = new Set(sources.map(({ tag }) => tag.name));
  const digests = Object.entries(known).flatMap(([name, image]) =>
    isResolved(image) && !asked.has(name) ? [[name, image.digest] as const] : [],
  );
  // Ownership was settled by create; the claim is in the outputs, which check does not get.
  const adopt = desired.adopt || last !== undefined;
  return planStreamWrite({
    stream: observed.stream,
    desired: { ...desired, adopt },
    recorded: undefined,
    claim: "preview",
    claimant: request.claimant,
    digests: new Map(digests),
    deferred,
  });
}

function unpassed(error: unknown, { desired, observed }: ResolveStreamRequest): Rehearsal {
  if (hasCode(error, "NAMESPACE_NOT_FOUND"))
    return { kind: "pending", reason: missingNamespace(desired.namespace) };
  // Somebody else wrote meanwhile; the real write plans again.
  const repository = observed.stream?.status?.dockerImageRepository;
  if (hasCode(error, "API_CONFLICT")) return { kind: "passed", repository, sources: new Map() };
  if (isImageError(error)) return { kind: "failed", reasons: [error.message] };
  throw error;
}

export function missingNamespace(namespace: string): string {
  return `namespace: "${namespace}" does not exist yet.`;
}
