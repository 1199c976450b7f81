import type { PlacedStream } from "../args/desiredStream.js";
import type { OwnPullSecret } from "../failure/ownPullSecret.js";
import type { ImportRow } from "../failure/explain.js";
import type { ResolvedTags } from "../outputs.js";
import type { TriggersChanged } from "../plan/reimport.js";
import type { LastRun, ObservedStream } from "../plan/tag/standing.js";

export interface ResolveStreamRequest {
  readonly desired: PlacedStream;
  readonly observed: ObservedStream;
  /** Undefined for a new resource. */
  readonly last: LastRun | undefined;
  readonly triggersChanged: TriggersChanged;
  readonly claimant: string;
  /** In a preview a tag that cannot be imported stops everything; in `up` the other tags are imported. */
  readonly isPreview: boolean;
  /** Tags that the program declares in a way that is not known yet; `desired` is without them. */
  readonly undecided: readonly string[];
  /** Answers that are known already, by tag. */
  readonly answered?: ReadonlyMap<string, ImportRow>;
  /** The resource's own pull secret; absent: none. */
  readonly own: OwnPullSecret | undefined;
}

/**
 * See CheckOutcome of the lifecycle; `pending` is what the same stack may be about to create. `undecided` are tags whose
 * image depends on what is not known yet.
 */
export type Resolution =
  | {
      readonly kind: "resolved";
      readonly resolved: ResolvedTags;
      readonly undecided: readonly string[];
    }
  | { readonly kind: "pending"; readonly reason: string }
  | { readonly kind: "failed"; readonly reasons: readonly string[] };

export interface ResolveWatch {
  readonly signal: AbortSignal;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}
