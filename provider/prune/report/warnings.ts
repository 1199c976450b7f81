import { mappingLine, restoredTag } from "../../okd/repairLines.js";
import { streamName } from "../../okd/streamName.js";
import { countOf, nameList, pluralOf } from "../../support/text/wording.js";
import type { ClusterSurvey } from "../clusterSurvey.js";
import type { PlanWarning, PruneDecision } from "../plan/decision.js";
import type { NotApproved } from "./model.js";
import { unknownImageWarnings } from "./unknownImages.js";

/** Seconds; a greater difference may change which items count as young. */
const tolerableSkew = 120;
const shownNames = 5;
/** The integrated registry's own name in items of pushed images. */
const serviceRegistry = "image-registry.openshift-image-registry.svc:5000";

/** What an approver must know before anything else, in whole sentences. */
export function reportWarnings(
  plan: PruneDecision,
  { coverage, conditions }: Pick<ClusterSurvey, "coverage" | "conditions">,
  notApproved: NotApproved,
): readonly string[] {
  const found: (string | undefined)[] = [
    imageStageWarning(plan),
    ...unknownImageWarnings(plan.warnings),
    ...plan.warnings.map(planWarning),
    signatureWarning(plan.warnings),
    notApproved.revisions + notApproved.images === 0
      ? undefined
      : `${countOf(notApproved.revisions, "revision")} and ${countOf(notApproved.images, "Image")} of this plan are not approved, so they stay.`,
    plan.ignoredReferences.length === 0
      ? undefined
      : `What ${countOf(plan.ignoredReferences.length, "reference")} ${pluralOf(plan.ignoredReferences.length, "means is not known, because it cannot be read; it is", "mean is not known, because they cannot be read; they are")} listed under coverage.`,
    coverage.uncovered.length === 0
      ? undefined
      : `Not read, although they may name images, because skipKinds leaves them out: ${nameList(coverage.uncovered, shownNames)}.`,
    Math.abs(coverage.clockSkewSeconds) <= tolerableSkew
      ? undefined
      : `The server's clock is ${Math.abs(coverage.clockSkewSeconds)} seconds ${coverage.clockSkewSeconds > 0 ? "ahead of" : "behind"} this machine's. Ages are measured by the server's.`,
    ...conditionWarnings(conditions),
  ];
  return found.filter((text) => text !== undefined);
}

/** Under `safe` the blocking Images have a warning of their own. */
function imageStageWarning({ images, warnings }: PruneDecision): string | undefined {
  switch (images.kind) {
    case "planned":
      return undefined;
    case "skipped":
      return "Only revisions of tags go; Images and their blobs stay under this policy.";
    case "blocked":
      if (warnings.some(({ kind }) => kind === "unknown-content")) return undefined;
      return `No Image goes, because it is not known which blobs are needed by ${nameList(images.unreadable, shownNames)}.`;
  }
}

function planWarning(warning: PlanWarning): string | undefined {
  switch (warning.kind) {
    case "stream-without-images":
      return `Every Image that ${streamName(warning.stream)} lists is missing. The stream was left alone; find out why before pruning.`;
    case "already-unpullable":
      return `${warning.digest} is in use by ${nameList(warning.users, shownNames)}, but no stream serves it any more: it cannot be pulled even now. ${wayBack(warning)}`;
    case "unmatched-image-ids":
      return `${countOf(warning.count, "image ID")} of running containers ${pluralOf(warning.count, "matches", "match")} no Image of this cluster.`;
    case "signed-image-goes":
    case "unknown-content":
      return undefined;
  }
}

/** `oc tag` takes a digest only from a stream that lists it, and no stream does. */
function wayBack({ digest, stream }: Extract<PlanWarning, { kind: "already-unpullable" }>): string {
  if (stream === undefined) return "Push or import it again.";
  const pullSpec = `${serviceRegistry}/${streamName(stream)}@${digest}`;
  return `Put it back, or push it again: ${mappingLine({ stream, tag: restoredTag(digest), digest }, pullSpec)}`;
}

/** One line for all, since a cluster that signs its images has thousands of them. */
function signatureWarning(warnings: readonly PlanWarning[]): string | undefined {
  const digests = warnings.flatMap((warning) =>
    warning.kind === "signed-image-goes" ? [warning.digest] : [],
  );
  if (digests.length === 0) return undefined;
  return `Signatures go with ${countOf(digests.length, "Image")}: ${nameList(digests, shownNames)}.`;
}

function conditionWarnings({
  imagePruner,
  clusterVersion,
  registryOperator,
}: ClusterSurvey["conditions"]): readonly (string | undefined)[] {
  return [
    imagePruner.kind === "active"
      ? "The cluster's own ImagePruner is active and prunes by its own rules. Suspend it, or let it keep more than this policy."
      : undefined,
    clusterVersion === "progressing" ? "The cluster is being upgraded." : undefined,
    registryOperator === "degraded" ? "The image registry's operator is degraded." : undefined,
  ];
}
