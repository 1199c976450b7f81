import { addTo } from "../../support/collections.js";
import { byText } from "../../support/text/spelling.js";
import type { PrunePolicy } from "../args/policy.js";
import type { ClusterSnapshot } from "../snapshot.js";
import { type Approval, approvedImages, approvedItems } from "./approval.js";
import { preparePlanning } from "./decide.js";
import type { ImageKeepReason, RevisionKeepReason } from "./decision.js";
import { judgeImages } from "./imageStage.js";
import { firstUsers, type Protectors } from "./rules/set.js";
import { type JudgedItem, judgeStream, type PreparedRules } from "./streamTrim.js";

/** A kept item, the reason, and who protects it; instants as in ClusterSnapshot. */
interface KeptRevision {
  readonly namespace: string;
  readonly name: string;
  readonly tag: string;
  /** Position in the history, 0 for the newest. */
  readonly revision: number;
  /** Empty for an item of a reference tag. */
  readonly digest: string;
  readonly createdAt: number;
  readonly reason: RevisionKeepReason;
  /** At most three objects that keep the item, described; sorted. */
  readonly users: readonly string[];
  /** How many there are. */
  readonly userCount: number;
}

/** An Image that is kept although no stream lists it, the reason, and who protects it. */
interface KeptImage {
  readonly digest: string;
  readonly createdAt: number;
  /** `namespace/name`. */
  readonly repository: string;
  readonly reason: ImageKeepReason;
  readonly users: readonly string[];
  readonly userCount: number;
}

/** What is kept, for a report; sorted. */
export interface KeptExplanation {
  /** By namespace, name, tag, revision; without revisions that the policy does not reach. */
  readonly revisions: readonly KeptRevision[];
  /** By digest; without those that are merely listed by a stream, and none when no Image was judged. */
  readonly images: readonly KeptImage[];
}

/**
 * Why a plan from the same arguments keeps what it keeps, and for whom. Costs about as much as the plan, so only reports ask
 * for it.
 */
export function explainKept(
  snapshot: ClusterSnapshot,
  policy: PrunePolicy,
  approval?: Approval,
): KeptExplanation {
  const planning = preparePlanning(snapshot, policy, approval);
  const staying = snapshot.streams
    .flatMap((stream) => judgeStream(stream, planning, approvedItems(stream, approval)))
    .filter(({ verdict }) => verdict.kind !== "cut");
  const protectors = planning.rules.protectors(staying.map(({ revision }) => revision));
  const revisions = staying.flatMap((judged) => keptRevision(judged, protectors));
  const listed = new Set(staying.map(({ revision }) => revision.item.digest));
  return {
    revisions: revisions.sort(byPosition),
    images: keptImages(snapshot, listed, planning, protectors, approval),
  };
}

function keptRevision(
  { revision: seen, verdict }: JudgedItem,
  protectors: Protectors,
): readonly KeptRevision[] {
  if (verdict.kind !== "keep") return [];
  const { stream, tag, revision, item } = seen;
  return [
    {
      namespace: stream.namespace,
      name: stream.name,
      tag,
      revision,
      digest: item.digest,
      createdAt: item.createdAt,
      reason: verdict.reason,
      ...firstUsers(protectors.ofItem(seen, verdict.reason)),
    },
  ];
}

function keptImages(
  { images }: ClusterSnapshot,
  listed: ReadonlySet<string>,
  planning: PreparedRules,
  protectors: Protectors,
  approval: Approval | undefined,
): readonly KeptImage[] {
  if (!planning.rules.prunesImages || planning.rules.blockers.size > 0) return [];
  const judged = judgeImages(images, listed, planning, approvedImages(approval));
  const indexes = new Map<string, string[]>();
  for (const { image, reason } of judged) {
    if (reason === undefined) continue;
    for (const child of image.manifests) addTo(indexes, child, `image/${image.digest}`);
  }
  return judged
    .flatMap(({ image, reason }): readonly KeptImage[] => {
      if (reason === undefined || reason === "used-by-stream") return [];
      const { digest, createdAt, repository } = image;
      const users =
        reason === "child-of-kept-index" ? (indexes.get(digest) ?? []) : protectors.ofImage(image, reason);
      return [{ digest, createdAt, repository, reason, ...firstUsers(users) }];
    })
    .sort((a, b) => byText(a.digest, b.digest));
}

function byPosition(a: KeptRevision, b: KeptRevision): number {
  return (
    byText(a.namespace, b.namespace) ||
    byText(a.name, b.name) ||
    byText(a.tag, b.tag) ||
    a.revision - b.revision
  );
}
