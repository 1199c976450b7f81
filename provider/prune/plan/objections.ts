import { streamName } from "../../okd/streamName.js";
import { byText } from "../../support/text/spelling.js";
import { formatByteSize } from "../../support/text/units.js";
import { countOf } from "../../support/text/wording.js";
import type { ForcibleObjection, PruneArgs, PruneLimits } from "../args/parsed.js";
import type { ClusterSurvey } from "../clusterSurvey.js";
import type { PruneDecision } from "./decision.js";
import { hasWork, type PlanTotals, totalsOf } from "./totals.js";

/** Something that speaks against executing a plan. */
export interface Objection {
  /** What the user changes to override it: an argument's path, or a word of `force`. */
  readonly name: `limits.${keyof PruneLimits}` | ForcibleObjection;
  /** With the numbers, for people. */
  readonly message: string;
}

/**
 * What speaks against this plan, in a fixed order; nothing does against a plan that does nothing.
 * The guards that are not limits belong to `rules: "safe"`.
 */
export function findObjections(
  plan: PruneDecision,
  survey: ClusterSurvey,
  { policy, limits, force }: Pick<PruneArgs, "policy" | "limits" | "force">,
): readonly Objection[] {
  const totals = totalsOf(plan);
  if (!hasWork(totals)) return [];
  const guards = policy.rules === "safe" ? guardObjections(survey, policy.retention) : [];
  return [
    ...limitObjections(plan, totals, survey, limits),
    ...guards.filter(({ name }) => !force.some((forced) => forced === name)),
  ];
}

function limitObjections(
  plan: PruneDecision,
  totals: PlanTotals,
  { snapshot }: ClusterSurvey,
  limits: PruneLimits,
): readonly Objection[] {
  const objections: Objection[] = [];
  const biggest = biggestStreams(plan);
  for (const kind of ["images", "revisions"] as const) {
    const limit = limits[kind];
    if (limit === undefined || totals[kind] <= limit) continue;
    const message = `the plan has ${many(totals[kind], kind)}, the limit is ${limit.toLocaleString("en-US")}.${biggest}`;
    objections.push({ name: `limits.${kind}`, message });
  }
  if (limits.bytes !== undefined && totals.bytes > limits.bytes) {
    const message = `the plan frees ${formatByteSize(totals.bytes)}, the limit is ${formatByteSize(limits.bytes)}.${biggest}`;
    objections.push({ name: "limits.bytes", message });
  }
  const all = {
    images: snapshot.images.length,
    revisions: snapshot.streams.reduce(
      (sum, { tags }) => sum + tags.reduce((count, tag) => count + tag.items.length, 0),
      0,
    ),
  };
  for (const kind of ["images", "revisions"] as const) {
    if (limits.fraction === undefined || totals[kind] <= limits.fraction * all[kind]) continue;
    const message = `the plan has ${many(totals[kind], kind)} of ${all[kind].toLocaleString("en-US")}, more than ${shareOf(limits.fraction)} of all ${kind} (limits.fraction ${limits.fraction}).${biggest}`;
    objections.push({ name: "limits.fraction", message });
  }
  return objections;
}

/** `half`, `40 %`. */
function shareOf(fraction: number): string {
  return fraction === 0.5 ? "half" : `${Number((fraction * 100).toPrecision(6))} %`;
}

function guardObjections(
  { snapshot, coverage, conditions }: ClusterSurvey,
  retention: PruneArgs["policy"]["retention"],
): readonly Objection[] {
  const objections: Objection[] = [];
  // Unread pods are no better than none: a glob in `allowUnreadable` may match more than was meant.
  if ((coverage.read.pods ?? 0) === 0) {
    const message = "the connection sees no pod at all (are its rights those of a pruner?)";
    objections.push({ name: "noPods", message });
  }
  if (snapshot.streams.length === 0) {
    const message = "the connection sees no image stream at all (are its rights those of a pruner?)";
    objections.push({ name: "noStreams", message });
  }
  if (retention.kind === "revisions" && retention.keepTagRevisions === 0) {
    const message = "keepTagRevisions: 0 lets tags vanish whole, their current image included";
    objections.push({ name: "zeroRevisions", message });
  }
  if (conditions.clusterVersion === "progressing") {
    objections.push({ name: "clusterUpgrading", message: "the cluster is being upgraded" });
  }
  if (conditions.registryOperator === "degraded") {
    objections.push({ name: "registryDegraded", message: "the image registry operator is degraded" });
  }
  if (conditions.imagePruner.kind === "active" && conditions.imagePruner.isRunning) {
    const message = "a job of the cluster's own ImagePruner is running";
    objections.push({ name: "imagePrunerRunning", message });
  }
  return objections;
}

/** ` Biggest: ci/build 2,100, ci/site 900.` */
function biggestStreams({ streams }: PruneDecision): string {
  const counted = streams
    .map((stream) => ({
      name: streamName(stream),
      revisions: stream.tags.reduce((sum, { cuts }) => sum + cuts.length, 0),
    }))
    .sort((a, b) => b.revisions - a.revisions || byText(a.name, b.name))
    .slice(0, 3);
  if (counted.length === 0) return "";
  return ` Biggest: ${counted.map(({ name, revisions }) => `${name} ${revisions.toLocaleString("en-US")}`).join(", ")}.`;
}

function many(count: number, kind: "images" | "revisions"): string {
  return countOf(count, kind === "images" ? "image" : "revision");
}
