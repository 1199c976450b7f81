import { streamName } from "../../../okd/streamName.js";
import { mapConcurrently } from "../../../support/async/concurrency.js";
import { addTo } from "../../../support/collections.js";
import type { StreamFacts } from "../../../usage/streamFacts.js";
import type { StreamTrim } from "../../plan/decision.js";
import type { SafePrunePorts } from "../../ports.js";
import { retryConflicts } from "../conflicts.js";
import { type CutItem, isListed } from "../cutItem.js";
import type { PruneFailure } from "../failure.js";
import type { RunLedger } from "./ledger.js";

/** Puts cut items back. Their Images and blobs still exist: both are deleted only after a survey has confirmed all trims. */
export interface Restoration {
  /** Puts back what it can; the rest may be tried again. Never rejects. */
  restore(items: readonly CutItem[], signal: AbortSignal): Promise<void>;
  /** Streams whose last attempt failed. */
  failures(): readonly PruneFailure[];
}

export function createRestoration(
  ledger: RunLedger,
  { streams }: Pick<SafePrunePorts, "streams">,
  workers: number,
): Restoration {
  const failures = new Map<string, PruneFailure>();

  async function restoreInto(name: string, items: readonly CutItem[], signal: AbortSignal): Promise<void> {
    const [first] = items;
    if (first === undefined || signal.aborted) return;
    const key = { namespace: first.before.namespace, name: first.before.name };
    const written = new Set<CutItem>(); // perhaps already by an attempt whose answer was lost
    try {
      await retryConflicts(async () => {
        const stream = await streams.readStream(key, { signal });
        const missing = items.filter((item) => stream !== undefined && !isListed(item, stream));
        for (const item of missing) written.add(item);
        if (stream === undefined || !(await writeBack(stream, first.trim, missing, signal))) {
          ledger.noteStreamGone(items);
          return;
        }
        ledger.noteBack([...written], "restored");
        ledger.noteBack(items, "never-gone");
      }, signal);
      failures.delete(name);
    } catch (cause) {
      failures.set(name, { kind: "restoration", stream: key, revisions: items.length, cause });
    }
  }

  /** False when there is no such stream any more. */
  async function writeBack(
    stream: StreamFacts,
    trim: StreamTrim,
    missing: readonly CutItem[],
    signal: AbortSignal,
  ): Promise<boolean> {
    if (missing.length === 0) return true;
    return (await streams.restoreItems(stream, trim, missing, { signal })) === "restored";
  }

  return {
    async restore(items, signal) {
      const byStream = new Map<string, CutItem[]>();
      for (const item of items) {
        if (!ledger.isDeleted(item.cut.digest)) addTo(byStream, streamName(item.before), item);
      }
      await mapConcurrently([...byStream], workers, ([name, own]) => restoreInto(name, own, signal));
    },
    failures: () => [...failures.values()],
  };
}
