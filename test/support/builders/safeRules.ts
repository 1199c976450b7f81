import assert from "node:assert/strict";
import type { KeepList, SafePolicy, StreamSelection } from "../../../provider/prune/args/policy.js";
import type { Approval } from "../../../provider/prune/plan/approval.js";
import { planPrune } from "../../../provider/prune/plan/decide.js";
import { explainKept } from "../../../provider/prune/plan/explainKept.js";
import type { ClusterSnapshot, Image } from "../../../provider/prune/snapshot.js";
import type { SpecTag, TagItem } from "../../../provider/usage/streamFacts.js";
import type { OtherReferrer } from "../../../provider/usage/referrer.js";
import { digestOf, image, imagesIn, item, mentions, safePolicy, snapshot, stream } from "./snapshot.js";

export interface RuleCase {
  readonly name: string;
  readonly given: Partial<ClusterSnapshot>;
  readonly under?: Partial<SafePolicy>;
  readonly approval?: Approval;
  /** Of every item that the policy reaches, in order: `shop/web:latest#0 young-revision`; of cut ones `-`. */
  readonly items: readonly string[];
  /** Of every Image that no stream lists: its digit and the reason, or `-`. */
  readonly images: readonly string[];
}

export const [A, B, C, D, E] = ["a", "b", "c", "d", "e"].map(digestOf) as [
  string,
  string,
  string,
  string,
  string,
];
export const imageA = image(A);
export const imageB = image(B);
export const web = stream("shop/web", { latest: [item(B), item(A)] });
/** What each case below is compared with. */
export const uncut = ["shop/web:latest#0 revision-kept"];
export const keepNone: Partial<SafePolicy> = {
  retention: { kind: "revisions", keepYoungerThanSeconds: 3600, keepTagRevisions: 0 },
};
export const overSize: Partial<SafePolicy> = {
  retention: { kind: "over-size-limit", keepYoungerThanSeconds: 3600 },
};

export function named(pullSpec: string, digest: string, age = 600): TagItem {
  return { ...item(digest, age), pullSpec };
}

export function specTag(name: string, from: SpecTag["from"], isReference = false): SpecTag {
  return { name, from, isReference };
}

export function select(parts: Partial<StreamSelection>): Partial<SafePolicy> {
  return { select: { ...safePolicy().select, ...parts } };
}

export function keep(parts: Partial<KeepList>): Partial<SafePolicy> {
  return { keep: { ...safePolicy().keep, ...parts } };
}

export function other(parts: Parameters<typeof mentions>[0], namespace = "else"): OtherReferrer {
  return { kind: "other", objectKind: "node", namespace, name: "n1", mentions: mentions(parts) };
}

export function configured(digest: string, configId: string): Image {
  return image(digest, { metadata: { kind: "known", configId, sizeBytes: 1 } });
}

function verdictsOf(given: ClusterSnapshot, under: SafePolicy, approval?: Approval) {
  const result = planPrune(given, under, approval);
  assert.ok(result.ok, "refused");
  const kept = explainKept(given, under, approval);
  const cut = result.plan.streams.flatMap(({ namespace, name, tags }) =>
    tags.flatMap(({ tag, cuts }) =>
      cuts.map(({ revision, reason }) => `${namespace}/${name}:${tag}#${revision} -${reason}`),
    ),
  );
  const items = kept.revisions.map(
    ({ namespace, name, tag, revision, reason }) => `${namespace}/${name}:${tag}#${revision} ${reason}`,
  );
  const digit = (digest: string) => digest.slice(7, 8);
  return {
    items: [...items, ...cut].sort(),
    images: [
      ...kept.images.map(({ digest, reason }) => `${digit(digest)} ${reason}`),
      ...imagesIn(result.plan).map((digest) => `${digit(digest)} -`),
    ].sort(),
    counted: result.plan.kept,
  };
}

export const signature = `sha256-${"a".repeat(64)}.sig`;

/** One topic of the table of rules: the verdict about every item and Image of each row's cluster. */
export function describeRules(topic: string, rows: readonly RuleCase[]): void {
  describe("the rules of safe", () => {
    describe(topic, () => {
      for (const { name, given, under, approval, items, images } of rows) {
        it(name, () => {
          const verdicts = verdictsOf(snapshot(given), safePolicy(under), approval);
          assert.deepEqual(
            { items: verdicts.items, images: verdicts.images },
            { items: [...items].sort(), images: [...images].sort() },
          );
        });
      }
    });
  });
}
