import { streamName } from "../../../okd/streamName.js";
import { mapConcurrently } from "../../../support/async/concurrency.js";
import { addTo } from "../../../support/collections.js";
import type { StreamFacts } from "../../../usage/streamFacts.js";
import type { StreamTrim } from "../../plan/decision.js";
import type { SafePrunePorts } from "../../ports.js";
import { retryConflicts } from "../../../okd/conflicts.js";
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
  return {
    async restore(items, signal) {
      const byStream = new Map<string, CutItem[]>();
      for (const item of items) {
        if (!ledger.isDeleted(item.cut.digest)) addTo(byStream, streamName(item.before), item);
      }
      await mapConcurrently([...byStream], workers, async ([name, own]) => {
        if (signal.aborted) return;
        const failure = await restoreInto({ ledger, streams }, own, signal);
        if (failure === undefined) failures.delete(name);
        else failures.set(name, failure);
      });
    },
    failures: () => [...failures.values()],
  };
}

interface Restoring {
  readonly ledger: RunLedger;
  readonly streams: SafePrunePorts["streams"];
}

/** Puts items of one stream back. */
async function restoreInto(
  { ledger, streams }: Restoring,
  items: readonly CutItem[],
  signal: AbortSignal,
): Promise<PruneFailure | undefined> {
  const [first] = items;
  if (first === undefined) return undefined;
  const key = { namespace: first.before.namespace, name: first.before.name };
  const written = new Set<CutItem>(); // perhaps already by an attempt whose answer was lost
  try {
    await retryConflicts(async () => {
      const stream = await streams.readStream(key, { signal });
      const missing = items.filter((item) => stream !== undefined && !isListed(item, stream));
      for (const item of missing) written.add(item);
      if (stream === undefined || !(await writeBack(streams, stream, first.trim, missing, signal))) {
        ledger.noteStreamGone(items);
        return;
      }
      ledger.noteBack([...written], "restored");
      ledger.noteBack(items, "never-gone");
    }, signal);
    return undefined;
  } catch (cause) {
    return { kind: "restoration", stream: key, revisions: items.length, cause };
  }
}

/** False when there is no such stream any more. */
async function writeBack(
  streams: Restoring["streams"],
  stream: StreamFacts,
  trim: StreamTrim,
  missing: readonly CutItem[],
  signal: AbortSignal,
): Promise<boolean> {
  if (missing.length === 0) return true;
  return (await streams.restoreItems(stream, trim, missing, { signal })) === "restored";
}
