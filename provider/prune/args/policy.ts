/** What may be pruned: the arguments of ImagePrunePolicy after parsing, with `oc adm prune images`' names and defaults. */
export type PrunePolicy = OcPolicy | SafePolicy;

interface CommonPolicy {
  /** Prune the streams of this namespace only; undefined for the whole cluster. Under `oc` it spares all Image objects. */
  readonly namespace: string | undefined;
  /** Also Images that the integrated registry did not make. Under `oc` false spares them, but not their revisions. */
  readonly allImages: boolean;
  /** Delete in the registry too, not only in the API. */
  readonly pruneRegistry: boolean;
  readonly retention: Retention;
}

/** Exactly as `oc adm prune images` decides. */
export interface OcPolicy extends CommonPolicy {
  readonly rules: "oc";
  /** Ignore references that cannot be read, instead of refusing the plan. */
  readonly ignoreInvalidRefs: boolean;
}

/** Nothing is deleted that a live reference needs to be pulled. */
export interface SafePolicy extends CommonPolicy {
  readonly rules: "safe";
  /**
   * References that cannot be read: refuse the plan, ignore them, or let each keep everything in its object's
   * namespace and every stream whose `namespace/name` its text contains.
   */
  readonly invalidRefs: "fail" | "ignore" | "wildcard";
  /** Images that no stream lists are kept this long after they, or their last item, appeared (facts/image-streams.md 7). */
  readonly keepUnreferencedYoungerThanSeconds: number;
  /** What may lose revisions, and whose Images may be deleted; everything when nothing is named. */
  readonly select: StreamSelection;
  readonly keep: KeepList;
}

/** Age and number of revisions, or the size; `oc` refuses to combine them (facts/pruning.md 26). */
export type Retention =
  | {
      readonly kind: "revisions";
      readonly keepYoungerThanSeconds: number;
      readonly keepTagRevisions: number;
    }
  /** `oc` ignores ages here; `safe` does not. */
  | { readonly kind: "over-size-limit"; readonly keepYoungerThanSeconds: number };

/** Globs (support/globs); an empty list of one kind does not restrict. All kinds that are named must match. */
export interface StreamSelection {
  readonly namespaces: readonly string[];
  /** `namespace/name`. */
  readonly streams: readonly string[];
  /** Names of tags. */
  readonly tags: readonly string[];
  /** Labels of the stream, key to value; all of them. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What is kept, whatever its age; any match suffices, and all `labels` together are one match. */
export interface KeepList extends StreamSelection {
  /** `sha256:<hex>`; they count as references. */
  readonly digests: readonly string[];
}
