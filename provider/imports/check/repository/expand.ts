import { hasCode } from "../../../support/imageError.js";
import { countOf, nameList } from "../../../support/text/wording.js";
import type { DesiredRepository, SelectedTag } from "../../args/desiredRepository.js";
import type { PlacedStream } from "../../args/desiredStream.js";
import {
  describeListingFailure,
  failureContext,
  hasRefusedSecret,
  type ImportFailure,
  type ImportRow,
  mayLackPullSecret,
} from "../../failure/explain.js";
import { judgeOwnSecret } from "../../failure/ownPullSecret.js";
import {
  describeChanges,
  repositoryChanges,
  tagsToSelectFrom,
  tooManyNew,
} from "../../plan/repository/changes.js";
import { withSelected } from "../../plan/repository/expand.js";
import type { Listing } from "../../plan/repository/listing.js";
import { repositoryQuestion, type RepositoryQuestion } from "../../plan/repository/question.js";
import { namesOfOthers, selectTags } from "../../plan/repository/select.js";
import { noLastRun, tagStanding } from "../../plan/tag/standing.js";
import type { Cluster } from "../../ports.js";
import { missingNamespace } from "../rehearsal.js";
import type { ResolveStreamRequest, ResolveWatch } from "../resolution.js";
import { readBuildTimes } from "./buildTimes.js";
import { forbiddenRegistry } from "./forbiddenRegistry.js";
import { listRepository } from "./list.js";

/** `desired` has the declared tags only. */
export interface ExpandRequest extends ResolveStreamRequest {
  /** What the preview of this run has listed: `up` takes no more. */
  readonly handed: readonly SelectedTag[] | undefined;
}

/** `expanded`: the stream with the repository's tags; `rows` are images that are known already, by tag of the stream. */
export type Expansion =
  | {
      readonly kind: "expanded";
      readonly desired: PlacedStream;
      readonly rows: ReadonlyMap<string, ImportRow>;
      /** Names upstream that were not selected; undefined where nobody was asked. */
      readonly others: readonly string[] | undefined;
    }
  | { readonly kind: "pending"; readonly reason: string }
  | { readonly kind: "failed"; readonly reasons: readonly string[] };

/** Finds out which tags the repository gives the stream, as far as a registry has to be asked for it. Changes nothing. */
export async function expandRepository(
  cluster: Cluster,
  request: ExpandRequest,
  watch: ResolveWatch,
): Promise<Expansion> {
  const { desired, last, triggersChanged, handed } = request;
  const { repository } = desired;
  if (repository === undefined) return expanded(request, []);
  const question = repositoryQuestion(desired, last, triggersChanged);
  if (question === "recorded") return expanded(request, recordedTags(request));
  if (handed !== undefined) return expanded(request, handed);
  const forbidden = await forbiddenRegistry(cluster, request, repository, watch.signal);
  if (forbidden.length > 0) return { kind: "failed", reasons: forbidden };
  try {
    const listing = await listRepository(cluster.repositories, desired, repository, watch.signal);
    return listing.kind === "failed"
      ? await unlisted(cluster, request, { repository, question, failure: listing.failure }, watch)
      : await listed(cluster, request, { repository, question, listing }, watch);
  } catch (error) {
    if (hasCode(error, "NAMESPACE_NOT_FOUND"))
      return { kind: "pending", reason: missingNamespace(desired.namespace) };
    throw error;
  }
}

function recordedTags({ last }: ExpandRequest): readonly SelectedTag[] {
  return last?.desired?.selected ?? [];
}

function declaredNames({ desired, undecided }: ExpandRequest): readonly string[] {
  return [...desired.tags.map(({ name }) => name), ...undecided];
}

function expanded(
  request: ExpandRequest,
  selected: readonly SelectedTag[],
  answered: { readonly rows?: ReadonlyMap<string, ImportRow>; readonly others?: readonly string[] } = {},
): Expansion {
  const { desired } = request;
  const { repository } = desired;
  const reasons = repository === undefined ? [] : namesOfOthers(repository, selected, declaredNames(request));
  if (reasons.length > 0) return { kind: "failed", reasons };
  const { rows = new Map<string, ImportRow>(), others } = answered;
  return { kind: "expanded", desired: withSelected(desired, selected), rows, others };
}

interface Unlisted {
  readonly repository: DesiredRepository;
  readonly question: RepositoryQuestion;
  readonly failure: ImportFailure;
}

/** Where the last run's tags may stand, a repository that cannot be asked changes nothing. */
async function unlisted(
  cluster: Cluster,
  request: ExpandRequest,
  { repository, question, failure }: Unlisted,
  watch: ResolveWatch,
): Promise<Expansion> {
  const rows = new Map([[repository.image, { kind: "failed", failure } as const]]);
  const context = await failureContext(cluster, request, rows, watch.signal);
  const reason = describeListingFailure(repository.image, failure, context);
  if (question !== "list") {
    watch.warn(`upstream could not be asked: ${reason}`);
    return expanded(request, recordedTags(request));
  }
  if (judgeOwnSecret(repository.image, failure.code, context) === "coming")
    return { kind: "failed", reasons: [unlistedBySecret(repository, failure)] };
  if (!request.isPreview || !mayLackPullSecret(failure)) return { kind: "failed", reasons: [reason] };
  if (!hasRefusedSecret(repository, context)) return { kind: "pending", reason };
  watch.warn(`pulumi up would stop here, unless the same program replaces the pull secret: ${reason}`);
  return { kind: "pending", reason: `which tags ${repository.image} has` };
}

function unlistedBySecret({ image }: DesiredRepository, { code }: ImportFailure): string {
  return `repository: ${image} needs a login to be listed, which happens before this resource writes its pull secret. Let another ImportedImageStream of the namespace keep the secret, and name that one in dependsOn [${code}]`;
}

interface Listed {
  readonly repository: DesiredRepository;
  readonly question: RepositoryQuestion;
  readonly listing: Listing;
}

async function listed(
  cluster: Cluster,
  request: ExpandRequest,
  { repository, question, listing }: Listed,
  watch: ResolveWatch,
): Promise<Expansion> {
  const { desired, last } = request;
  const recorded = recordedTags(request);
  const keepable = last?.desired?.repository?.image === repository.image ? recorded : [];
  const built = await readBuildTimes(cluster.streams, desired, repository, listing, watch.signal);
  const tags = tagsToSelectFrom(repository, listing.tags, keepable);
  const selection = selectTags(repository, tags, built, declaredNames(request));
  if (selection.kind === "refused") return { kind: "failed", reasons: selection.reasons };
  const changes = repositoryChanges(selection.tags, recorded, listing.tags);
  const line = describeChanges(changes);
  if (question === "compare") {
    if (line !== undefined)
      watch.warn(`${repository.image}: ${line}; set trackUpstream: "follow" to bring the stream up to date`);
    return expanded(
      request,
      recorded.map((tag) => marked(tag, listing)),
    );
  }
  const tooMany = tooManyNew(repository, changes);
  if (tooMany !== undefined) return { kind: "failed", reasons: [tooMany] };
  if (line !== undefined && last !== undefined) watch.info(`${repository.image}: ${line}`);
  for (const warning of selectionWarnings(repository, listing, selection)) watch.warn(warning);
  const selected = remaining(
    request,
    selection.tags.map((tag) => marked(tag, listing)),
    watch,
  );
  const sources = new Set(selected.map(({ source }) => source));
  return expanded(request, selected, {
    rows: knownRows(request, selected, listing),
    others: [...listing.tags].filter((tag) => !sources.has(tag)).sort(),
  });
}

function marked(tag: SelectedTag, { tags }: Listing): SelectedTag {
  const { name, source } = tag;
  return tags.has(source) ? { name, source } : { name, source, isGone: true };
}

/** Without tags that neither upstream nor the cluster has: nothing can bring them back. */
function remaining(
  { desired, observed, last = noLastRun }: ExpandRequest,
  selected: readonly SelectedTag[],
  { warn }: ResolveWatch,
): readonly SelectedTag[] {
  const gone = new Set(selected.filter(({ isGone }) => isGone).map(({ name }) => name));
  const lost = withSelected(desired, selected)
    .tags.filter((tag) => gone.has(tag.name) && tagStanding(tag, observed, last).kind === "due")
    .map(({ name }) => name);
  if (lost.length > 0)
    warn(
      `neither upstream nor the cluster has the image any more of ${nameList(lost, shownTags)}, so nothing can be kept`,
    );
  return selected.filter(({ name }) => !lost.includes(name));
}

const shownTags = 5;

function selectionWarnings(
  { image }: DesiredRepository,
  { tags }: Listing,
  selection: { readonly tags: readonly SelectedTag[]; readonly unnamed: readonly string[] },
): readonly string[] {
  const none = `repository: none of the ${countOf(tags.size, "tag")} of ${image} is selected`;
  const unnamed = `repository: ${nameList(selection.unnamed, shownTags)} of ${image} would have a name that no tag of a stream may have, and is left out`;
  return [...(selection.tags.length === 0 ? [none] : []), ...(selection.unnamed.length > 0 ? [unnamed] : [])];
}

/** Of tags that are new in the stream: an existing one may have policies by which the server answers another image. */
function knownRows(
  { desired, observed }: ExpandRequest,
  selected: readonly SelectedTag[],
  { rows }: Listing,
): ReadonlyMap<string, ImportRow> {
  if (Object.keys(desired.repository?.annotations ?? {}).length > 0) return new Map();
  const there = new Set(observed.stream?.spec.tags?.map(({ name }) => name));
  return new Map(
    selected.flatMap(({ name, source }) => {
      const row = rows.get(source);
      return row?.kind === "imported" && !there.has(name) ? [[name, row] as const] : [];
    }),
  );
}
