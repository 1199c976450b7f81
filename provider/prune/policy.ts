/** What may be pruned: the arguments of ImagePrunePolicy after parsing, with `oc adm prune images`' names and defaults. */
export interface PrunePolicy {
  readonly rules: "oc";
  /** Prune the streams of this namespace only, and no Image object; undefined for the whole cluster. */
  readonly namespace: string | undefined;
  /** Also Images that the integrated registry did not make; false spares them, but not their history items. */
  readonly allImages: boolean;
  /** Delete in the registry too, not only in the API. */
  readonly pruneRegistry: boolean;
  /** Go on without the references that cannot be read, instead of refusing the plan. */
  readonly ignoreInvalidRefs: boolean;
  readonly retention: Retention;
}

/** Age and number of revisions, or the size; `oc` lets them not be combined (prune.md 1.5, 2). */
export type Retention =
  | {
      readonly kind: "revisions";
      readonly keepYoungerThanSeconds: number;
      readonly keepTagRevisions: number;
    }
  | { readonly kind: "over-size-limit" };
