import type { ImportMode, ReferencePolicyType } from "../../okd/imageStream.js";

/** What decides which of several tags are the newest. */
export type TagOrder = "semver" | "numerical" | "alphabetical" | "created";

/** Which tags of a repository become tags of the stream; every default filled in. */
export interface TagSelection {
  /** The repository, without tag and digest. */
  readonly image: string;
  /** Globs; a tag has to match one of them. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Regular expression that has to match somewhere in a tag. */
  readonly pattern: string | undefined;
  /** What of the tag `semver` and `sort` look at, with groups of the pattern: `$version`. Absent: the whole tag. */
  readonly extract: string | undefined;
  /** Range of versions. */
  readonly semver: string | undefined;
  /** Absent: there is no limit, so that nothing depends on it. */
  readonly sort: TagOrder | undefined;
  /** How many of the newest. */
  readonly limit: number | undefined;
  /** Name of the stream's tag, with groups of the pattern: `base-{tag}`. */
  readonly as: string;
}

/** A repository whose tags become tags of the stream. */
export interface DesiredRepository extends TagSelection {
  /** What becomes of tags that vanish upstream. */
  readonly vanished: "keep" | "remove";
  /** How many tags one run may add. */
  readonly maxNew: number | undefined;
  readonly scheduled: boolean;
  readonly insecure: boolean;
  readonly importMode: ImportMode | undefined;
  /** As for a tag. */
  readonly mirror: boolean;
  readonly referencePolicy: ReferencePolicyType;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A tag of the stream that a tag of the repository gives. */
export interface SelectedTag {
  readonly name: string;
  /** Its name upstream. */
  readonly source: string;
  /** Upstream no longer has it, so that it can be neither asked for nor imported. */
  readonly isGone?: true;
}
