import { byText } from "../../support/text/spelling.js";
import { describeReferrer } from "../../usage/referrer.js";
import type { PrunePolicy } from "../args/policy.js";
import type { ClusterSnapshot } from "../snapshot.js";
import { type Approval, approvedImages, approvedItems } from "./approval.js";
import type {
  ImageKeepReason,
  ImageStage,
  RevisionKeepReason,
  PlanRefusal,
  PlanResult,
  PlanWarning,
} from "./decision.js";
import { planImageStage } from "./imageStage.js";
import { ocRules } from "./oc/rules.js";
import type { RuleSet } from "./rules/set.js";
import { safeRules } from "./safe/rules.js";
import { listedDigests, type PreparedRules, planStreamTrim } from "./streamTrim.js";
import { createTally } from "./totals.js";

/**
 * What a prune of this cluster under this policy would do. Pure: no clock, no network, and no argument is changed; the
 * order in which objects were listed does not matter. What an approval does not list is kept, and counts as kept for
 * everything else.
 */
export function planPrune(snapshot: ClusterSnapshot, policy: PrunePolicy, approval?: Approval): PlanResult {
  const planning = preparePlanning(snapshot, policy, approval);
  const refusal = refuse(snapshot, planning.rules, policy);
  if (refusal !== undefined) return { ok: false, refusal };

  const keptItems = createTally<RevisionKeepReason>();
  const trims = new Map(
    snapshot.streams.map((stream) => [
      stream,
      planStreamTrim(stream, planning, keptItems, approvedItems(stream, approval)),
    ]),
  );
  const listed = new Set([...trims].flatMap(([stream, trim]) => listedDigests(stream, trim)));
  const keptImages = createTally<ImageKeepReason>();
  const images = planImageStage(snapshot, listed, planning, keptImages, approvedImages(approval));
  const streams = [...trims.values()]
    .filter((trim) => trim !== undefined)
    .sort((a, b) => byText(a.namespace, b.namespace) || byText(a.name, b.name));
  return {
    ok: true,
    plan: {
      streams,
      images,
      kept: { revisions: keptItems.counts(), images: keptImages.counts() },
      ignoredReferences: sortedReferences(planning.rules.invalidReferences),
      warnings: [...planning.rules.warnings, ...signedImagesIn(images, planning)],
    },
  };
}

/** What a plan and its execution share: Images by digest, and the rules. */
export function preparePlanning(
  snapshot: ClusterSnapshot,
  policy: PrunePolicy,
  approval?: Approval,
): PreparedRules {
  const images = new Map(snapshot.images.map((image) => [image.digest, image]));
  return { images, rules: rulesOf(snapshot, policy, approval) };
}

function rulesOf(snapshot: ClusterSnapshot, policy: PrunePolicy, approval: Approval | undefined): RuleSet {
  switch (policy.rules) {
    case "oc":
      return ocRules(snapshot, policy);
    case "safe":
      return safeRules(snapshot, policy, approval);
  }
}

/** Why there can be no plan; metadata comes before references, as with `oc` (facts/pruning.md 5, 10). */
function refuse(snapshot: ClusterSnapshot, rules: RuleSet, policy: PrunePolicy): PlanRefusal | undefined {
  const { invalidReferences } = rules;
  switch (policy.rules) {
    case "oc": {
      const undecodable = firstUndecodable(snapshot);
      if (undecodable !== undefined) return undecodable;
      return policy.ignoreInvalidRefs || invalidReferences.length === 0
        ? undefined
        : { kind: "invalid-references", references: invalidReferences };
    }
    case "safe":
      return policy.invalidRefs !== "fail" || invalidReferences.length === 0
        ? undefined
        : { kind: "invalid-references", references: sortedReferences(invalidReferences) };
  }
}

function firstUndecodable({ images }: ClusterSnapshot): PlanRefusal | undefined {
  const [first] = images
    .flatMap(({ digest, metadata }) =>
      metadata.kind === "undecodable" ? [{ digest, problem: metadata.problem }] : [],
    )
    .sort((a, b) => byText(a.digest, b.digest));
  return first === undefined ? undefined : { kind: "undecodable-metadata", ...first };
}

function signedImagesIn(stage: ImageStage, { images }: PreparedRules): readonly PlanWarning[] {
  const deletions = stage.kind === "planned" ? stage.deletions : [];
  return deletions
    .filter(({ digest }) => images.get(digest)?.isSigned === true)
    .map(({ digest }) => ({ kind: "signed-image-goes", digest }));
}

function sortedReferences(references: RuleSet["invalidReferences"]): RuleSet["invalidReferences"] {
  return references.toSorted(
    (a, b) =>
      byText(a.referrer.kind, b.referrer.kind) ||
      byText(a.referrer.namespace, b.referrer.namespace) ||
      byText(describeReferrer(a.referrer), describeReferrer(b.referrer)) ||
      byText(a.field, b.field) ||
      byText(a.text, b.text),
  );
}
