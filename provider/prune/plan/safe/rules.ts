import { tagKey } from "../../../usage/safe/index.js";
import type { SafePolicy } from "../../args/policy.js";
import type { ClusterSnapshot } from "../../snapshot.js";
import { type Approval, approvedImages, approvedItems } from "../approval.js";
import type { UnknownContent } from "../decision.js";
import { knownSubjectOf } from "../imageContent.js";
import { firstReason, type RuleSet } from "../rules/set.js";
import { judgeStream } from "../streamTrim.js";
import { gatherFacts, type SafeFacts } from "./facts.js";
import { safeImageRules } from "./imageRules.js";
import { safeItemRules } from "./itemRules.js";
import { safeProtectors } from "./protectors.js";
import { unknownContents } from "./unknownContent.js";
import { safeWarnings } from "./warnings.js";

/**
 * The rules that keep everything a live reference needs to be pulled. Some of them depend on what else is kept, so the
 * cluster is judged once without that; then everything that is kept is followed to the end, and from then on all rules give
 * final answers.
 */
export function safeRules(
  snapshot: ClusterSnapshot,
  policy: SafePolicy,
  approval: Approval | undefined,
): RuleSet {
  const facts = gatherFacts(snapshot, policy);
  const { usage, selection } = facts;
  const rules: RuleSet = {
    invalidReferences: usage.invalidReferences,
    selects: (stream) => selection.stream(stream),
    selectsTag: (tag) => selection.tag(tag),
    ...safeItemRules(facts),
    anchorRules: safeImageRules(facts),
    imageRules: [],
    prunesImages: true,
    blockers: new Set(),
    prunesRegistry: policy.pruneRegistry,
    dropsEmptyTags: false,
    linksChildren: true,
    warnings: [],
    protectors: (staying) => safeProtectors(facts, staying),
  };
  addUses(facts);
  addImages(facts, rules, approval);
  addItems(facts, rules, approval);
  facts.protection.settle();
  return withUnknown(facts, rules);
}

/** Where an unknown Image may need every Image, all of them are kept, with what is attached to them. */
function withUnknown(facts: SafeFacts, rules: RuleSet): RuleSet {
  const { snapshot, protection } = facts;
  if (unknownContents(facts).some(holdsUpEverything)) {
    for (const { digest } of snapshot.images) protection.keepImage(digest);
    protection.settle();
  }
  const unknown = unknownContents(facts);
  const blockers = new Set(unknown.filter(holdsUpEverything).map(({ digest }) => digest));
  return { ...rules, blockers, warnings: [...safeWarnings(facts), ...unknown] };
}

function holdsUpEverything({ holdsUp }: UnknownContent): boolean {
  return holdsUp === "everything";
}

function addUses({ protection, usage, policy }: SafeFacts): void {
  for (const digest of usage.usersOfDigest.keys()) protection.use(digest, "everywhere");
  for (const digest of policy.keep.digests) protection.use(digest, "everywhere");
}

/** Adds the Images that are kept whatever the streams list. */
function addImages(
  { snapshot, protection }: SafeFacts,
  rules: RuleSet,
  approval: Approval | undefined,
): void {
  const approves = approvedImages(approval);
  const nothing = new Set<string>();
  for (const image of snapshot.images) {
    const stays = firstReason(rules.anchorRules, image, nothing) !== undefined;
    if (stays || !approves(image.digest)) protection.keepImage(image.digest);
  }
}

function addItems(
  { snapshot, graph, protection }: SafeFacts,
  rules: RuleSet,
  approval: Approval | undefined,
): void {
  const planning = { images: graph.images, rules };
  for (const stream of snapshot.streams) {
    for (const { revision, verdict } of judgeStream(stream, planning, approvedItems(stream, approval))) {
      const { tag, item } = revision;
      if (verdict.kind !== "cut") {
        protection.keepItem(stream, item);
        continue;
      }
      const isCurrent = revision.revision === 0;
      protection.leaveOpen({
        stream,
        item,
        currentOf: isCurrent ? tagKey(stream.namespace, stream.name, tag) : undefined,
        subject: knownSubjectOf(tag, graph.images),
      });
    }
  }
}
