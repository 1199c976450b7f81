import { planImageStage } from "./imageStage.js";
import { ocRules } from "./ocRules.js";
import type { ImageKeepReason, ItemKeepReason, PlanRefusal, PlanResult } from "./plan.js";
import type { PrunePolicy } from "./policy.js";
import type { RuleSet, RuleSetOf } from "./rules.js";
import type { ClusterSnapshot } from "./snapshot.js";
import { listedDigests, planStreamTrim, type Planning } from "./streamTrim.js";
import { createTally } from "./tally.js";

const ruleSets: Readonly<Record<PrunePolicy["rules"], RuleSetOf>> = { oc: ocRules, safe: ocRules };

/**
 * What a prune of this cluster under this policy would do. Pure: no clock, no network, and neither argument is changed;
 * the order in which objects were listed does not matter.
 */
export function planPrune(snapshot: ClusterSnapshot, policy: PrunePolicy): PlanResult {
  const planning = preparePlanning(snapshot, policy);
  const refusal = refuse(snapshot, planning.rules, policy);
  if (refusal !== undefined) return { ok: false, refusal };

  const keptItems = createTally<ItemKeepReason>();
  const trims = new Map(
    snapshot.streams.map((stream) => [stream, planStreamTrim(stream, planning, keptItems)]),
  );
  const listed = new Set([...trims].flatMap(([stream, trim]) => listedDigests(stream, trim)));
  const keptImages = createTally<ImageKeepReason>();
  const images = planImageStage(snapshot, listed, planning, keptImages);
  const streams = [...trims.values()]
    .filter((trim) => trim !== undefined)
    .sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name));
  return {
    ok: true,
    plan: {
      streams,
      images,
      kept: { items: keptItems.counts(), images: keptImages.counts() },
      ignoredReferences: sortedReferences(planning.rules),
      warnings: [],
    },
  };
}

/** What a plan and its execution share: Images by digest, and the rules. */
export function preparePlanning(snapshot: ClusterSnapshot, policy: PrunePolicy): Planning {
  const images = new Map(snapshot.images.map((image) => [image.digest, image]));
  return { images, rules: ruleSets[policy.rules](snapshot, policy) };
}

/** The order is oc's: metadata before references (prune.md 1.1, 1.2.5). */
function refuse(snapshot: ClusterSnapshot, rules: RuleSet, policy: PrunePolicy): PlanRefusal | undefined {
  const undecodable = snapshot.images
    .flatMap(({ digest, metadata }) =>
      metadata.kind === "undecodable" ? [{ digest, problem: metadata.problem }] : [],
    )
    .sort((a, b) => compare(a.digest, b.digest));
  const [first] = undecodable;
  if (first !== undefined) return { kind: "undecodable-metadata", ...first };
  if ((policy.rules === "oc" && policy.ignoreInvalidRefs) || rules.invalidReferences.length === 0)
    return undefined;
  return { kind: "invalid-references", references: rules.invalidReferences };
}

function sortedReferences({ invalidReferences }: RuleSet): RuleSet["invalidReferences"] {
  return invalidReferences.toSorted(
    (a, b) =>
      compare(a.referrer.kind, b.referrer.kind) ||
      compare(a.referrer.namespace, b.referrer.namespace) ||
      compare(a.referrer.name, b.referrer.name) ||
      compare(a.field, b.field) ||
      compare(a.text, b.text),
  );
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
