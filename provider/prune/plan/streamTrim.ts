import { addTo } from "../../support/collections.js";
import type { StreamFacts, TagHistory, TagItem } from "../../usage/streamFacts.js";
import type { Image } from "../snapshot.js";
import type { RevisionKeepReason, RevisionCut, StreamTrim, TagTrim } from "./decision.js";
import { visitContent } from "./imageContent.js";
import { withDescendants } from "./imageGraph.js";
import { firstAnswer, type ItemVerdict, type RuleSet, type TagRevision } from "./rules/set.js";
import type { Tally } from "./totals.js";

/** Images by digest and the rules, prepared once for a plan and for its execution. */
export interface PreparedRules {
  readonly images: ReadonlyMap<string, Image>;
  readonly rules: RuleSet;
}

/** An item and its verdict: a rule's, or that the policy does not reach it. */
export interface JudgedItem {
  readonly revision: TagRevision;
  readonly verdict: ItemVerdict | { readonly kind: "not-selected" };
}

/** May veto a cut, and so keep the item. */
export type ItemApproval = (tag: string, item: TagItem) => boolean;

/**
 * What the stream would lose; undefined for nothing. `approves` may veto cuts, and a vetoed item counts as kept: so an
 * execution judges a fresh stream by the same rules and cuts nothing that was not planned.
 */
export function planStreamTrim(
  stream: StreamFacts,
  planning: PreparedRules,
  tally: Tally<RevisionKeepReason>,
  approves: ItemApproval = () => true,
): StreamTrim | undefined {
  const { rules, images } = planning;
  const cutsByTag = new Map<string, RevisionCut[]>();
  for (const { revision: seen, verdict } of judgeStream(stream, planning, approves)) {
    const { tag, revision, item } = seen;
    switch (verdict.kind) {
      case "not-selected":
        break;
      case "keep":
        tally.add(verdict.reason, 1);
        break;
      case "cut":
        addTo(cutsByTag, tag, { revision, ...item, reason: verdict.reason });
        break;
    }
  }
  if (cutsByTag.size === 0) return undefined;
  const trimmed = stream.tags
    .map((history) => ({ history, cuts: cutsByTag.get(history.tag) ?? [] }))
    .sort((a, b) => (a.history.tag < b.history.tag ? -1 : 1));
  const links = rules.prunesRegistry
    ? freedLinks(trimmed, images, rules.linksChildren)
    : { layerLinks: [], manifestLinks: [] };
  const tags = tagTrims(trimmed, rules.dropsEmptyTags);
  return { namespace: stream.namespace, name: stream.name, tags, ...links };
}

/** Every item of the stream with its verdict, tag by tag. */
export function judgeStream(
  stream: StreamFacts,
  { images, rules }: PreparedRules,
  approves: ItemApproval = () => true,
): readonly JudgedItem[] {
  const isSelected = rules.selects(stream);
  const streamReason = isSelected ? firstAnswer(rules.streamRules, stream) : undefined;
  const judge = (revision: TagRevision): JudgedItem["verdict"] => {
    if (!isSelected || !rules.selectsTag(revision.tag)) return notSelected;
    if (streamReason !== undefined) return { kind: "keep", reason: streamReason };
    const verdict = judgeItem(revision, rules);
    return verdict.kind === "cut" && !approves(revision.tag, revision.item) ? notApproved : verdict;
  };
  return stream.tags.flatMap(({ tag, items }) =>
    items.map((item, revision) => {
      const seen = { stream, tag, revision, item, image: images.get(item.digest) };
      return { revision: seen, verdict: judge(seen) };
    }),
  );
}

const notSelected = { kind: "not-selected" } as const;
const notApproved: ItemVerdict = { kind: "keep", reason: "not-approved" };

function judgeItem(revision: TagRevision, rules: RuleSet): ItemVerdict {
  return firstAnswer(rules.itemRules, revision) ?? { kind: "cut", reason: rules.cutReason };
}

interface TrimmedHistory {
  readonly history: TagHistory;
  readonly cuts: readonly RevisionCut[];
}

/** With oc's rules a write removes all tags without items, also those that had none before (facts/pruning.md 17). */
function tagTrims(trimmed: readonly TrimmedHistory[], dropsEmptyTags: boolean): readonly TagTrim[] {
  return trimmed
    .map(({ history, cuts }) => ({ tag: history.tag, cuts, vanishes: cuts.length === history.items.length }))
    .filter(({ cuts, vanishes }) => cuts.length > 0 || (dropsEmptyTags && vanishes));
}

/**
 * The repository's links that only the cut items needed. A missing Image says nothing about layers: it neither frees nor
 * keeps any (facts/pruning.md 16).
 */
function freedLinks(
  trimmed: readonly TrimmedHistory[],
  images: ReadonlyMap<string, Image>,
  withChildren: boolean,
): Pick<StreamTrim, "layerLinks" | "manifestLinks"> {
  const layerLinks = new Set<string>();
  const manifestLinks = new Set<string>();
  const linkedBy = (items: readonly TagItem[]) => {
    const digests = items.map((item) => item.digest);
    return [...(withChildren ? withDescendants(digests, images) : new Set(digests))].flatMap(
      (digest) => images.get(digest) ?? [],
    );
  };
  for (const image of linkedBy(trimmed.flatMap(({ cuts }) => cuts))) {
    manifestLinks.add(image.digest);
    visitContent(image, (blob) => layerLinks.add(blob));
  }
  for (const image of linkedBy(trimmed.flatMap(remainingItems))) {
    manifestLinks.delete(image.digest);
    visitContent(image, (blob) => layerLinks.delete(blob));
  }
  return { layerLinks: [...layerLinks], manifestLinks: [...manifestLinks] };
}

function remainingItems({ history, cuts }: TrimmedHistory): readonly TagItem[] {
  const gone = new Set(cuts.map((cut) => cut.revision));
  return history.items.filter((_, revision) => !gone.has(revision));
}

/** Digests that the stream lists once it is trimmed. */
export function listedDigests(stream: StreamFacts, trim: StreamTrim | undefined): readonly string[] {
  const cutsByTag = new Map(trim?.tags.map(({ tag, cuts }) => [tag, cuts]));
  return stream.tags.flatMap((history) =>
    remainingItems({ history, cuts: cutsByTag.get(history.tag) ?? [] }).map((item) => item.digest),
  );
}
