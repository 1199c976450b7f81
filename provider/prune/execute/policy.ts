import type { RequestOptions } from "../../okd/requestOptions.js";
import { streamName } from "../../okd/streamName.js";
import { ImageError } from "../../support/imageError.js";
import { formatByteSize } from "../../support/text/units.js";
import { countOf, pluralOf } from "../../support/text/wording.js";
import type { PruneArgs } from "../args/parsed.js";
import type { Planning } from "../check/makePlan.js";
import { requiredRights, requireRights } from "../check/preflight.js";
import type { LastPrune } from "../outputs.js";
import type { PruneCluster, PrunedRegistry } from "../ports.js";
import { createClusterLooks } from "../survey/refresh.js";
import { surveyRequest } from "../survey/request.js";
import { describePruneFailure } from "./failure.js";
import { executePrune } from "./oc/prune.js";
import type { PruneOutcome, SafePruneOutcome } from "./outcome.js";
import { brokenName, describeBroken, repairOf } from "./safe/broken.js";
import { executeSafePrune } from "./safe/prune.js";

/** `urn` is the resource, which holds the lease of `rules: "safe"`. */
export interface PolicyRun {
  readonly args: PruneArgs;
  readonly planning: Planning;
  readonly urn: string;
}

export interface PolicyRunOptions extends RequestOptions {
  readonly progress: (text: string) => void;
  readonly now: () => number;
}

export interface PolicyOutcome {
  readonly lastPrune: LastPrune;
  readonly broken: SafePruneOutcome["broken"];
  readonly prunedRegistry: boolean;
  /** For people; empty when everything that was planned and still allowed was deleted. */
  readonly failures: readonly string[];
}

const shownResults = 200;

/**
 * Carries out the plan by the rules of its policy.
 * @throws ImageError before anything is touched: PRUNE_PERMISSION, REGISTRY_*, and under `rules: "safe"` PRUNE_BUSY
 */
export async function executePolicy(
  cluster: PruneCluster,
  run: PolicyRun,
  options: PolicyRunOptions,
): Promise<PolicyOutcome> {
  const { policy } = run.args;
  await requireRights(cluster.permissions, requiredRights(policy), options);
  const registry = policy.pruneRegistry ? await openRegistry(cluster, run, options) : untouchedRegistry;
  const outcome = await execute(cluster, registry, run, options);
  return {
    lastPrune: lastPruneOf(outcome, options.now()),
    broken: "broken" in outcome ? outcome.broken : [],
    prunedRegistry: policy.pruneRegistry,
    failures: failureTexts(outcome),
  };
}

async function openRegistry(
  cluster: PruneCluster,
  { args, planning }: PolicyRun,
  { signal }: RequestOptions,
): Promise<PrunedRegistry> {
  const registry = await cluster.openRegistry(planning.survey.registry, args.registry, { signal });
  await registry.preflight({ signal });
  return registry;
}

async function execute(
  cluster: PruneCluster,
  registry: Pick<PrunedRegistry, keyof typeof untouchedRegistry>,
  { args, planning, urn }: PolicyRun,
  { signal, progress, now }: PolicyRunOptions,
): Promise<PruneOutcome | SafePruneOutcome> {
  const { policy, workers } = args;
  const { plan, survey } = planning;
  const ports = {
    streams: cluster.streams,
    images: cluster.images,
    layerLinks: registry,
    manifestLinks: registry,
    blobs: registry,
  };
  switch (policy.rules) {
    case "oc":
      return await executePrune({ plan, snapshot: survey.snapshot, policy }, ports, {
        workers,
        signal,
        progress,
      });
    case "safe": {
      const request = surveyRequest(args);
      const { objects, changes } = cluster;
      const looked = { objects, changes, registry: policy.pruneRegistry ? registry : undefined };
      const looks = createClusterLooks(looked, survey.snapshot, request, { now });
      return await executeSafePrune(
        { plan, snapshot: survey.snapshot, policy },
        { ...ports, looks, lease: cluster.lease, content: registry },
        { workers, signal, progress, holder: urn },
      );
    }
  }
}

/** The plan of such a policy holds neither links nor blobs; a call would be a defect. */
const refuse = () =>
  Promise.reject(new ImageError("PRUNE_REFUSED", "pruneRegistry is false: the registry is not touched"));
const untouchedRegistry = {
  deleteLayerLink: refuse,
  deleteManifestLink: refuse,
  deleteBlob: refuse,
  hasBlob: refuse,
  readManifest: refuse,
};

/** `oc` reads nothing twice, so it does not notice what came into use. */
const nothingMeanwhile = { skipped: 0, restored: 0, broken: [] };

function lastPruneOf(outcome: PruneOutcome | SafePruneOutcome, at: number): LastPrune {
  const { skipped, restored, broken } = "skipped" in outcome ? outcome : nothingMeanwhile;
  return {
    at: new Date(at).toISOString(),
    images: outcome.images,
    revisions: outcome.revisions,
    blobs: outcome.blobs,
    links: outcome.layerLinks + outcome.manifestLinks,
    freedBytes: outcome.bytes,
    notEligible: skipped,
    restored,
    broken: broken
      .slice(0, shownResults)
      .map((each) => ({ image: brokenName(each), repair: repairOf(each) })),
    deletedImages: outcome.deletedImages.slice(0, shownResults),
    updatedImageStreams: Object.fromEntries(
      outcome.trimmedStreams.slice(0, shownResults).map((stream) => [streamName(stream), stream.revisions]),
    ),
  };
}

function failureTexts({ failures, interrupted }: PruneOutcome): readonly string[] {
  const shown = failures.slice(0, 20).map(describePruneFailure);
  const more =
    failures.length > shown.length ? [`and ${countOf(failures.length - shown.length, "more failure")}`] : [];
  const stop = interrupted
    ? ["the run ended early; run pulumi up again, it goes on where this one stopped"]
    : [];
  return [...shown, ...more, ...stop];
}

/** The lines that a person should read afterwards. */
export function describeOutcome({ lastPrune, prunedRegistry }: PolicyOutcome): readonly string[] {
  const { images, revisions, blobs, freedBytes, notEligible, restored = 0 } = lastPrune;
  const pruned = `pruned ${countOf(images, "image")} and ${countOf(revisions, "revision")}, freed ${formatByteSize(freedBytes)}`;
  const spared = `${notEligible} came into use meanwhile and ${pluralOf(notEligible, "stays", "stay")}`;
  const back = `${countOf(restored, "revision")} came into use right after ${pluralOf(restored, "its cut and was", "their cuts and were")} put back`;
  const lines = [
    [pruned, ...(notEligible === 0 ? [] : [spared]), ...(restored === 0 ? [] : [back])].join("; "),
  ];
  if (prunedRegistry && blobs > 0) {
    lines.push(
      "the registry remembers deleted blobs for up to 10 minutes; images that are pushed within them may lack layers. " +
        "To be sure: oc rollout restart deployment/image-registry -n openshift-image-registry",
    );
  }
  return lines;
}

/** Damage that a person must repair. */
export function describeHarm({ broken }: PolicyOutcome): readonly string[] {
  const more = broken.length - shownResults;
  return [
    ...broken.slice(0, shownResults).map(describeBroken),
    ...(more > 0 ? [`and ${countOf(more, "more image")} that cannot be pulled`] : []),
  ];
}
