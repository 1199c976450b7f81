/** Counts by reason. */
export interface Tally<Reason extends string> {
  add(reason: Reason, count: number): void;
  /** Sorted by reason. */
  counts(): Readonly<Partial<Record<Reason, number>>>;
}

export function createTally<Reason extends string>(): Tally<Reason> {
  const byReason = new Map<Reason, number>();
  return {
    add: (reason, count) => {
      if (count > 0) byReason.set(reason, (byReason.get(reason) ?? 0) + count);
    },
    counts: () => {
      const sorted = [...byReason].sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(sorted) as Partial<Record<Reason, number>>;
    },
  };
}
