import { describeCluster } from "../../okd/clusterIdentity.js";
import { createTurns, type InTurn } from "../../support/async/concurrency.js";
import { nameInUrn } from "../../support/text/spelling.js";
import { contentOf } from "../plan/approval.js";
import type { PruneCluster } from "../ports.js";
import type { PreparedPrune } from "./preparePrune.js";

/** The plans of all policies in one process, in full: inputs carry only their fingerprints. */
export interface PlannedPrunes {
  put(urn: string, cluster: PruneCluster, prepared: PreparedPrune): void;
  get(urn: string): PreparedPrune | undefined;
  /** To be called after the execution: from then on other policies may plan the same things. */
  forget(urn: string): void;
  /** Two policies of one stack that would delete the same things are one policy too many. */
  overlaps(urn: string): readonly string[];
  /** Runs prunes of one cluster one after another: the lease would refuse the second. */
  inTurn<Result>(cluster: PruneCluster, prune: () => Promise<Result>): Promise<Result>;
}

interface Entry {
  readonly cluster: PruneCluster;
  readonly prepared: PreparedPrune;
}

export function createPlannedPrunes(): PlannedPrunes {
  const entries = new Map<string, Entry>();
  const turns = new Map<string, InTurn>();

  return {
    put: (urn, cluster, prepared) => entries.set(urn, { cluster, prepared }),
    get: (urn) => entries.get(urn)?.prepared,
    forget: (urn) => entries.delete(urn),
    overlaps(urn) {
      const own = entries.get(urn);
      if (own === undefined || own.prepared.isReport) return [];
      return [...entries].flatMap(([otherUrn, other]) => {
        if (otherUrn === urn || other.prepared.isReport || !isSame(own, other)) return [];
        const shared = sharedItem(own.prepared, other.prepared);
        if (shared === undefined) return [];
        const name = nameInUrn(otherUrn);
        return [
          `select: the policy "${name}" of this stack would let go the same, first of all ${shared}. Let their select or namespace differ, or make them one [PRUNE_OVERLAP]`,
        ];
      });
    },
    inTurn(cluster, prune) {
      const key = describeCluster(cluster.identity);
      const inTurn = turns.get(key) ?? createTurns();
      turns.set(key, inTurn);
      return inTurn(prune);
    },
  };
}

function isSame({ cluster: a }: Entry, { cluster: b }: Entry): boolean {
  return describeCluster(a.identity) === describeCluster(b.identity);
}

function sharedItem(a: PreparedPrune, b: PreparedPrune): string | undefined {
  const [own, other] = [contentOf(a.planning.plan), contentOf(b.planning.plan)];
  return (
    [...own.cuts].find((key) => other.cuts.has(key)) ??
    [...own.images].find((digest) => other.images.has(digest))
  );
}
