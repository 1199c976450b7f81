import { createHash } from "node:crypto";
import { type Approval, cutKey } from "./approval.js";
import type { PrunePlan } from "./plan.js";

/** Everything that a plan would let go, as an approval of it would name it. */
export function contentOf({ streams, images }: Pick<PrunePlan, "streams" | "images">): Approval {
  return {
    cuts: new Set(
      streams.flatMap((stream) =>
        stream.tags.flatMap(({ tag, cuts }) => cuts.map((cut) => cutKey(stream, tag, cut))),
      ),
    ),
    images: new Set(images.kind === "planned" ? images.deletions.map(({ digest }) => digest) : []),
  };
}

/**
 * `sha256:<hex>` over all that goes, whatever the order. Neither the cutoff nor positions in histories are part of it, so
 * that it stays the same as long as the same things would go (safety.md 2.2).
 */
export function fingerprintOf({ cuts, images }: Approval): string {
  const hash = createHash("sha256");
  for (const key of [...cuts].sort()) hash.update(`item ${key}\n`);
  for (const digest of [...images].sort()) hash.update(`image ${digest}\n`);
  return `sha256:${hash.digest("hex")}`;
}

/** What all of the given approvals list; undefined when there is none, which approves everything. */
export function commonApproval(approvals: readonly Approval[]): Approval | undefined {
  const [first, ...others] = approvals;
  if (first === undefined) return undefined;
  return {
    cuts: new Set([...first.cuts].filter((key) => others.every(({ cuts }) => cuts.has(key)))),
    images: new Set([...first.images].filter((digest) => others.every(({ images }) => images.has(digest)))),
  };
}

export const approvesNothing: Approval = { cuts: new Set(), images: new Set() };
