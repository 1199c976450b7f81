import { visitContent } from "./imageContent.js";
import type { ItemKeepReason, RevisionCut, StreamTrim, TagTrim } from "./plan.js";
import { firstAnswer, type ItemVerdict, type RuleSet } from "./rules.js";
import type { Image, ImageStream, TagHistory, TagItem } from "./snapshot.js";
import type { Tally } from "./tally.js";

/** What is known and what decides, prepared once for a plan and for its execution. */
export interface Planning {
  readonly images: ReadonlyMap<string, Image>;
  readonly rules: RuleSet;
}

interface JudgedHistory {
  readonly history: TagHistory;
  readonly cuts: readonly RevisionCut[];
}

/**
 * What the stream would lose; undefined for nothing. `approves` may veto cuts, and what is vetoed counts as staying: so
 * an execution looks at a fresh stream with the same rules and cuts nothing that was not planned.
 */
export function planStreamTrim(
  stream: ImageStream,
  planning: Planning,
  tally: Tally<ItemKeepReason>,
  approves: (tag: string, item: TagItem) => boolean = () => true,
): StreamTrim | undefined {
  const { rules } = planning;
  if (!rules.selects(stream)) return undefined;
  const reason = firstAnswer(rules.streamRules, stream);
  if (reason !== undefined) {
    for (const { items } of stream.tags) tally.add(reason, items.length);
    return undefined;
  }
  const judged = stream.tags
    .map((history) => judgeHistory(stream, history, planning, tally, approves))
    .sort((a, b) => (a.history.tag < b.history.tag ? -1 : 1));
  if (judged.every(({ cuts }) => cuts.length === 0)) return undefined;
  const links = rules.prunesRegistry
    ? freedLinks(judged, planning.images)
    : { layerLinks: [], manifestLinks: [] };
  return { namespace: stream.namespace, name: stream.name, tags: tagTrims(judged), ...links };
}

function judgeHistory(
  stream: ImageStream,
  history: TagHistory,
  { images, rules }: Planning,
  tally: Tally<ItemKeepReason>,
  approves: (tag: string, item: TagItem) => boolean,
): JudgedHistory {
  const { tag, items } = history;
  const cuts: RevisionCut[] = [];
  for (const [revision, item] of items.entries()) {
    const image = images.get(item.digest);
    const verdict: ItemVerdict = firstAnswer(rules.itemRules, { stream, tag, revision, item, image }) ?? {
      kind: "cut",
      reason: rules.cutReason,
    };
    switch (verdict.kind) {
      case "keep":
        tally.add(verdict.reason, 1);
        break;
      case "cut":
        if (approves(tag, item)) cuts.push({ revision, ...item, reason: verdict.reason });
        break;
    }
  }
  return { history, cuts };
}

/** Tags without any item go with the write (prune.md 1.3), those that had none before included. */
function tagTrims(judged: readonly JudgedHistory[]): readonly TagTrim[] {
  return judged
    .map(({ history, cuts }) => ({ tag: history.tag, cuts, vanishes: cuts.length === history.items.length }))
    .filter(({ cuts, vanishes }) => vanishes || cuts.length > 0);
}

/**
 * The repository's links that only the cut items needed. Items whose Image is missing say nothing about layers: they
 * free none and hold none (prune.md 1.3).
 */
function freedLinks(
  judged: readonly JudgedHistory[],
  images: ReadonlyMap<string, Image>,
): Pick<StreamTrim, "layerLinks" | "manifestLinks"> {
  const layerLinks = new Set<string>();
  const manifestLinks = new Set<string>();
  const imagesOf = (items: readonly { readonly digest: string }[]) =>
    items.flatMap(({ digest }) => images.get(digest) ?? []);
  for (const image of judged.flatMap(({ cuts }) => imagesOf(cuts))) {
    manifestLinks.add(image.digest);
    visitContent(image, (blob) => layerLinks.add(blob));
  }
  for (const image of judged.flatMap((tag) => imagesOf(remainingItems(tag)))) {
    manifestLinks.delete(image.digest);
    visitContent(image, (blob) => layerLinks.delete(blob));
  }
  return { layerLinks: [...layerLinks], manifestLinks: [...manifestLinks] };
}

function remainingItems({ history, cuts }: JudgedHistory): readonly TagItem[] {
  const gone = new Set(cuts.map((cut) => cut.revision));
  return history.items.filter((_, revision) => !gone.has(revision));
}

/** Digests that the stream lists once it is trimmed. */
export function listedDigests(stream: ImageStream, trim: StreamTrim | undefined): readonly string[] {
  const cutsByTag = new Map(trim?.tags.map(({ tag, cuts }) => [tag, cuts]));
  return stream.tags.flatMap((history) =>
    remainingItems({ history, cuts: cutsByTag.get(history.tag) ?? [] }).map((item) => item.digest),
  );
}
