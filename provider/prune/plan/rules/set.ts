import type { InvalidReference } from "../../../usage/oc/index.js";
import type { StreamFacts, TagItem } from "../../../usage/streamFacts.js";
import type { Image } from "../../snapshot.js";
import type { CutReason, ImageKeepReason, PlanWarning, RevisionKeepReason } from "../decision.js";

/** An item of a tag's history, seen where it stands. */
export interface TagRevision {
  readonly stream: StreamFacts;
  readonly tag: string;
  /** 0 for what the tag points to now. */
  readonly revision: number;
  readonly item: TagItem;
  /** Undefined when the item dangles: its Image object is not there. */
  readonly image: Image | undefined;
}

export type ItemVerdict =
  | { readonly kind: "keep"; readonly reason: RevisionKeepReason }
  | { readonly kind: "cut"; readonly reason: CutReason };

/** Keeps all items of a stream, whatever they are. */
export type StreamRule = (stream: StreamFacts) => RevisionKeepReason | undefined;

/** Judges one item; undefined leaves it to the rules after it. */
export type ItemRule = (revision: TagRevision) => ItemVerdict | undefined;

/** Keeps an Image; `listed` holds the digests that the streams still list once they are trimmed. */
export type ImageRule = (image: Image, listed: ReadonlySet<string>) => ImageKeepReason | undefined;

/**
 * The rules in order: of each list the first rule that answers wins. The planner knows rules only as this value, so another
 * set of rules is another value, and nothing else.
 */
export interface RuleSet {
  /** References that cannot be read; the policy decides whether they matter. */
  readonly invalidReferences: readonly InvalidReference[];
  /** Streams that may lose items; the others do not change, and what they list remains in use. */
  readonly selects: (stream: StreamFacts) => boolean;
  /** Tags of those streams that may lose items. */
  readonly selectsTag: (tag: string) => boolean;
  readonly streamRules: readonly StreamRule[];
  readonly itemRules: readonly ItemRule[];
  /** Why an item is cut that no rule has judged. */
  readonly cutReason: CutReason;
  /** Keep an Image and, when it is an index, everything below it. */
  readonly anchorRules: readonly ImageRule[];
  /** Keep an Image, but not its children. */
  readonly imageRules: readonly ImageRule[];
  readonly prunesImages: boolean;
  /** Digests of Images that may need any blob and any other Image, so that none is deleted. */
  readonly blockers: ReadonlySet<string>;
  readonly prunesRegistry: boolean;
  /** The write of a stream also removes tags that had no item before. */
  readonly dropsEmptyTags: boolean;
  /** An item needs the links of everything below its index, and frees them when it is cut. */
  readonly linksChildren: boolean;
  readonly warnings: readonly PlanWarning[];
  /** The users behind the verdicts, for reports; prepared on demand. */
  readonly protectors: (staying: Iterable<TagRevision>) => Protectors;
}

/** Describes the objects that keep something; empty for reasons without users. */
export interface Protectors {
  ofItem(revision: TagRevision, reason: RevisionKeepReason): Iterable<string>;
  ofImage(image: Image, reason: ImageKeepReason): Iterable<string>;
}

/** The first answer of an ordered list of rules. */
export function firstAnswer<Subject, Answer>(
  rules: readonly ((subject: Subject) => Answer | undefined)[],
  subject: Subject,
): Answer | undefined {
  for (const rule of rules) {
    const answer = rule(subject);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** The first reason to keep an Image. A function of its own, because a plan calls it so often that rest arguments would cost. */
export function firstReason(
  rules: readonly ImageRule[],
  image: Image,
  listed: ReadonlySet<string>,
): ImageKeepReason | undefined {
  for (const rule of rules) {
    const reason = rule(image, listed);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** How many of several objects are named in a report. */
const namedUsers = 3;

interface FirstUsers {
  /** The first three, sorted. */
  readonly users: readonly string[];
  /** How many different ones there are. */
  readonly userCount: number;
}

export function firstUsers(descriptions: Iterable<string>): FirstUsers {
  const all = [...new Set(descriptions)].sort();
  return { users: all.slice(0, namedUsers), userCount: all.length };
}
