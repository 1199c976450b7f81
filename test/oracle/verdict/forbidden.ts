import type { StreamKey } from "../../../provider/okd/streamName.js";
import type { SafePolicy, StreamSelection } from "../../../provider/prune/args/policy.js";
import type {
  ImageDeletion,
  PruneDecision,
  RevisionCut,
  TagTrim,
} from "../../../provider/prune/plan/decision.js";
import type { ClusterSnapshot, Image } from "../../../provider/prune/snapshot.js";
import type { StreamFacts } from "../../../provider/usage/streamFacts.js";
import { forgottenDigests } from "../clusters/omissions.js";
import { applySteps, stepsOf } from "../model/applyPlan.js";
import { blobsOf, deletionsOfImagesIn } from "../model/planContent.js";
import { createRegistry, listedBy, type RegistryModel, repositoryOf, servedBy } from "../model/registry.js";

/** Everything that decides about the rules; the registry as it is, not as the cluster's API shows it. */
interface Case {
  readonly snapshot: ClusterSnapshot;
  /** Images that do not say what they need, by digest, without those that nobody can need any more. */
  readonly secretive: ReadonlySet<string>;
  readonly policy: SafePolicy;
  readonly plan: PruneDecision;
  readonly before: RegistryModel;
  readonly after: RegistryModel;
  /** Instants; what appeared later is young. */
  readonly cutoff: number;
  readonly unreferencedCutoff: number;
}

/** What a policy never allows, whether or not anybody uses it; a line each. */
export function forbiddenDeletions(
  snapshot: ClusterSnapshot,
  policy: SafePolicy,
  plan: PruneDecision,
  truth: ClusterSnapshot = snapshot,
): readonly string[] {
  const before = createRegistry(truth);
  const forgotten = forgottenDigests({ truth, told: snapshot }, policy);
  const unsaid = snapshot.images.filter(isSecretive).map(({ digest }) => digest);
  const given: Case = {
    snapshot,
    secretive: new Set(unsaid.filter((digest) => !forgotten.has(digest))),
    policy,
    plan,
    before,
    after: applySteps(before, stepsOf(plan)),
    cutoff: snapshot.takenAt - policy.retention.keepYoungerThanSeconds * 1000,
    unreferencedCutoff: snapshot.takenAt - policy.keepUnreferencedYoungerThanSeconds * 1000,
  };
  const deletions = deletionsOfImagesIn(plan);
  return [
    ...plan.streams.flatMap((trim) => {
      const stream = before.streams.get(repositoryOf(trim));
      return stream === undefined
        ? ["no such stream"]
        : trim.tags.flatMap((tag) => ofTag(given, stream, tag));
    }),
    ...deletions.flatMap((deletion) => ofImage(given, deletion)),
    ...ofStorage(given, deletions),
  ];
}

function ofTag(given: Case, stream: StreamFacts, trim: TagTrim): readonly string[] {
  const where = `${repositoryOf(stream)}:${trim.tag}`;
  const spec = stream.specTags.find(({ name }) => name === trim.tag);
  const isImportable = spec?.from?.kind === "DockerImage" && !spec.isReference;
  const total = stream.tags.find(({ tag }) => tag === trim.tag)?.items.length ?? 0;
  const isEmptied = trim.cuts.length === total;
  return [
    ...problems(where, {
      "loses the last item although it would be imported again": isImportable && total > 0 && isEmptied,
      "is announced to vanish and does not, or the other way round": trim.vanishes !== isEmptied,
    }),
    ...trim.cuts.flatMap((cut) => ofCut(given, stream, trim.tag, cut)),
  ];
}

function ofCut(given: Case, stream: StreamFacts, tag: string, cut: RevisionCut): readonly string[] {
  const { policy, before, cutoff } = given;
  const image = before.images.get(cut.digest);
  return problems(`${repositoryOf(stream)}:${tag}#${cut.revision} (${cut.reason})`, {
    "is outside the policy's namespace": !isInNamespace(policy, stream),
    "is not selected": !isSelected(policy.select, stream, tag),
    "is kept by the policy": isKept(policy, stream, tag),
    "has no image of its own": cut.digest === "",
    "is in a young stream": stream.createdAt > cutoff,
    "is young": cut.createdAt > cutoff,
    "is external": !policy.allImages && image !== undefined && !image.managed,
    "is in a stream all of whose Images are missing": listedBy(stream).every(
      (digest) => !before.images.has(digest),
    ),
    "is dangling and current": image === undefined && cut.revision === 0,
    "goes for a reason that does not hold": image !== undefined && !holds(given, stream, tag, cut, image),
  });
}

function holds(given: Case, stream: StreamFacts, tag: string, cut: RevisionCut, image: Image): boolean {
  const { retention } = given.policy;
  const subject = subjectOf(tag);
  if (subject !== undefined) return !given.after.images.has(subject);
  if (retention.kind === "revisions") {
    return cut.reason === "obsolete-revision" && cut.revision >= retention.keepTagRevisions;
  }
  return cut.reason === "over-limit" && exceedsLimit(given.snapshot, stream, image);
}

/** `sha256-<hex>.sig` and its like are attached to the image of that digest (facts/pruning.md 40). */
function subjectOf(tag: string): string | undefined {
  const hex = /^sha256-([0-9a-f]{64})(?:\.sig|\.att|\.sbom)?$/.exec(tag)?.[1];
  return hex === undefined ? undefined : `sha256:${hex}`;
}

function exceedsLimit({ imageLimits }: ClusterSnapshot, { namespace }: StreamKey, image: Image): boolean {
  const bytes = image.metadata.kind === "known" ? image.metadata.sizeBytes : 0;
  return imageLimits.some((limit) => limit.namespace === namespace && bytes > quantity(limit.maxStorage));
}

function quantity(text: string): number {
  const [, digits = "", unit = ""] = /^([0-9]+)(Ki|Gi)?$/.exec(text) ?? [];
  return Number(digits) * (unit === "Gi" ? 1024 ** 3 : unit === "Ki" ? 1024 : 1);
}

function ofImage(given: Case, { digest }: ImageDeletion): readonly string[] {
  const { policy, after, cutoff, unreferencedCutoff, snapshot } = given;
  const image = snapshot.images.find((each) => each.digest === digest);
  if (image === undefined) return [`Image ${digest} does not exist`];
  const items = snapshot.streams.flatMap(({ tags }) => tags.flatMap((tag) => tag.items));
  const listings = items.filter((item) => item.digest === digest).map((item) => item.createdAt);
  return problems(`Image ${digest}`, {
    "is young": image.createdAt > cutoff,
    "or an item of it appeared only lately": Math.max(image.createdAt, ...listings) > unreferencedCutoff,
    "is external": !policy.allImages && !image.managed,
    "does not say what it needs": isSecretive(image),
    "is kept by the policy": isKeptRepository(given, image.repository),
    "is out of the selection's reach": !isReached(given, image),
    "belongs to an index that stays": snapshot.images.some(
      (each) => after.images.has(each.digest) && each.manifests.includes(digest),
    ),
    "may belong to an index that somebody can pull": given.secretive.size > 0,
    "goes without a warning although it is signed":
      image.isSigned &&
      !given.plan.warnings.some((each) => each.kind === "signed-image-goes" && each.digest === digest),
  });
}

/** With unknown needs nothing is known to be free; and `pruneRegistry: false` frees nothing. */
function ofStorage(given: Case, deletions: readonly ImageDeletion[]): readonly string[] {
  const { secretive, policy, plan, after } = given;
  const unlinking = plan.streams.filter((trim) => trim.layerLinks.length + trim.manifestLinks.length > 0);
  const blobs = deletions.flatMap(blobsOf);
  const servesSecretive = (stream: StreamKey) => {
    const served = servedBy(after, repositoryOf(stream));
    return [...secretive].some((digest) => served.has(digest));
  };
  return problems("the registry", {
    "loses blobs although an Image does not say what it needs": blobs.length > 0 && secretive.size > 0,
    "loses links of a stream with an Image that does not say what it needs": unlinking.some(servesSecretive),
    "is not to be pruned": !policy.pruneRegistry && blobs.length + unlinking.length > 0,
  });
}

function isSecretive({ unsaid }: Image): boolean {
  return unsaid !== "nothing";
}

/** The stream that it was pushed to or imported into, whether that is still there or not. */
function isKeptRepository({ policy: { keep }, before }: Case, repository: string): boolean {
  const [namespace = ""] = repository.split("/");
  const labels = Object.entries(keep.labels);
  const stream = before.streams.get(repository);
  return (
    isAmong(keep.namespaces, namespace, false) ||
    isAmong(keep.streams, repository, false) ||
    (labels.length > 0 && labels.every(([key, value]) => stream?.labels[key] === value))
  );
}

/** Listed by a stream of the selection, itself or by its index; or by none, and its repository is selected. */
function isReached({ policy, before }: Case, image: Image): boolean {
  const serving = [...before.streams.values()].filter((stream) =>
    servedBy(before, repositoryOf(stream)).has(image.digest),
  );
  if (serving.length > 0) {
    return serving.some((stream) =>
      stream.tags.some(({ tag }) => isInNamespace(policy, stream) && isSelected(policy.select, stream, tag)),
    );
  }
  const [namespace = "", name = ""] = image.repository.split("/");
  const { namespaces, streams, tags } = policy.select;
  return (
    tags.length === 0 &&
    isInNamespace(policy, { namespace, name }) &&
    isAmong(namespaces, namespace, true) &&
    isAmong(streams, image.repository, true)
  );
}

function isInNamespace(policy: SafePolicy, { namespace }: StreamKey): boolean {
  return policy.namespace === undefined || policy.namespace === namespace;
}

function isSelected(select: StreamSelection, stream: StreamFacts, tag: string): boolean {
  return (
    isAmong(select.namespaces, stream.namespace, true) &&
    isAmong(select.streams, repositoryOf(stream), true) &&
    isAmong(select.tags, tag, true) &&
    Object.entries(select.labels).every(([key, value]) => stream.labels[key] === value)
  );
}

function isKept({ keep }: SafePolicy, stream: StreamFacts, tag: string): boolean {
  const labels = Object.entries(keep.labels);
  return (
    isAmong(keep.namespaces, stream.namespace, false) ||
    isAmong(keep.streams, repositoryOf(stream), false) ||
    isAmong(keep.tags, tag, false) ||
    (labels.length > 0 && labels.every(([key, value]) => stream.labels[key] === value))
  );
}

/** Globs with nothing but `*`, which stops at a slash. */
function isAmong(globs: readonly string[], text: string, whenEmpty: boolean): boolean {
  if (globs.length === 0) return whenEmpty;
  return globs.some((glob) => new RegExp(`^${glob.replaceAll("*", "[^/]*")}$`).test(text));
}

function problems(what: string, found: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.entries(found)
    .filter(([, isSo]) => isSo)
    .map(([problem]) => `${what} ${problem}`);
}
