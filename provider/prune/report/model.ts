import type { ClusterIdentity } from "../../okd/clusterIdentity.js";
import type { Coverage } from "../clusterSurvey.js";
import type {
  ImageDeletionReason,
  ImageKeepReason,
  RevisionKeepReason,
  UnknownContent,
} from "../plan/decision.js";
import type { PlannedItem } from "../plan/items.js";

/** What the field `kind` of a report says, so that another JSON file is not taken for one. */
export const reportKind = "ImagePrunePlan";

/** Of the JSON report; approvals of another version are refused. */
export const reportSchemaVersion = 1;

/**
 * A plan with all that its approver should know: plain JSON, the same for the same cluster but for what reading it took.
 * Instants are ISO 8601, undefined where an object does not say; sizes are bytes.
 */
export interface PlanReport {
  readonly kind: typeof reportKind;
  readonly schemaVersion: typeof reportSchemaVersion;
  readonly resource: { readonly name: string; readonly urn: string };
  readonly cluster: ClusterIdentity;
  /** The server's instant that ages are measured against. */
  readonly takenAt: string | undefined;
  readonly cutoffs: readonly ReportCutoff[];
  /** What `approvedFingerprint` takes. */
  readonly fingerprint: string;
  /** The arguments as given, sorted. */
  readonly policy: Readonly<Record<string, unknown>>;
  readonly totals: ReportTotals;
  /** The part of the plan that no approval lists, so it is kept. */
  readonly notApproved: NotApproved;
  /** Objections that keep the plan from being executed. */
  readonly objections: readonly ReportedObjection[];
  readonly warnings: readonly string[];
  /** Images that do not say what they need, by digest. */
  readonly unknownImages: readonly UnknownImage[];
  readonly coverage: ReportCoverage;
  /** Biggest first. */
  readonly byNamespace: readonly Share[];
  readonly byStream: readonly Share[];
  /** In the plan's order: by stream, by tag, newest first. */
  readonly items: readonly PlannedItem[];
  /** By digest. */
  readonly images: readonly PlannedImage[];
  readonly kept: ReportKept;
}

/** An argument that keeps what is younger, and the instant that it means. */
interface ReportCutoff {
  readonly argument: string;
  readonly at: string | undefined;
}

export interface ReportTotals {
  readonly images: number;
  readonly revisions: number;
  /** Tags that vanish, because nothing is left of their history. */
  readonly vanishingTags: number;
  /** Streams that lose revisions. */
  readonly streams: number;
  readonly bytes: number;
  /** Imported Images are among them: the registry has only those of their blobs that it mirrored (facts/pruning.md 41). */
  readonly isUpperBound: boolean;
}

/** How much of the plan is kept because nobody has approved it. */
export interface NotApproved {
  readonly revisions: number;
  readonly images: number;
}

/** An Image that does not say what it needs, while no registry that was asked tells. */
export interface UnknownImage extends Pick<UnknownContent, "digest" | "repository" | "unsaid" | "holdsUp"> {
  /** `namespace/name` of those that list it, or an index that contains it. */
  readonly streams: readonly string[];
  /** Both for people: what the Image does not say, and what it therefore blocks. */
  readonly text: string;
}

/** A guard or a limit that the plan exceeds, like `limits.images`. */
export interface ReportedObjection {
  readonly name: string;
  readonly message: string;
}

export interface ReportCoverage extends Coverage {
  /** Where the integrated registry is, and whether it was reached. */
  readonly registry: string;
  readonly imagePruner: string;
  readonly clusterVersion: string;
  readonly registryOperator: string;
  /** References that cannot be read and were ignored. */
  readonly ignoredReferences: readonly string[];
}

/** What one namespace or stream loses. */
export interface Share {
  /** A namespace, a `namespace/name`, or `noStream`. */
  readonly name: string;
  readonly revisions: number;
  readonly images: number;
  readonly bytes: number;
}

/** The name for Images that no cut and no repository of this cluster names. */
export const noStream = "(no stream)";

/** An Image object that is deleted. */
export interface PlannedImage {
  readonly digest: string;
  readonly reason: ImageDeletionReason;
  /** `namespace/name` it was pushed to or imported from; may be empty. */
  readonly repository: string;
  readonly managed: boolean;
  readonly createdAt: string | undefined;
  readonly bytes: number;
  /** Layers and config that the registry deletes with it. */
  readonly blobs: number;
  /** Whether one of the items names it; otherwise it is only listed here. */
  readonly hasItem: boolean;
}

export interface ReportKept {
  /** All kept revisions and Images, the most frequent reason first. */
  readonly revisionReasons: readonly ReasonCount[];
  readonly imageReasons: readonly ReasonCount[];
  /** Those that something uses come first; at most `keptRowLimit` of each list. */
  readonly revisions: readonly KeptRevisionRow[];
  readonly images: readonly KeptImageRow[];
  /** Explained ones that are beyond the limit. */
  readonly omitted: number;
}

/** Rows; of a big cluster nearly everything is kept, and a report must still open. */
export const keptRowLimit = 20_000;

export interface ReasonCount {
  readonly reason: RevisionKeepReason | ImageKeepReason;
  readonly text: string;
  readonly count: number;
}

interface KeptRow {
  readonly digest: string;
  readonly createdAt: string | undefined;
  /** Some of its users. */
  readonly users: readonly string[];
  readonly userCount: number;
}

export interface KeptRevisionRow extends KeptRow {
  readonly namespace: string;
  readonly stream: string;
  readonly tag: string;
  readonly revision: number;
  readonly reason: RevisionKeepReason;
}

export interface KeptImageRow extends KeptRow {
  readonly repository: string;
  readonly reason: ImageKeepReason;
}
