import type { StreamKey } from "../../../okd/streamName.js";
import type { StreamFacts } from "../../../usage/streamFacts.js";
import type { SafePolicy } from "../../args/policy.js";
import type { Approval } from "../../plan/approval.js";
import type { StreamTrim } from "../../plan/decision.js";
import { listedDigests } from "../../plan/streamTrim.js";
import type { PrunePorts } from "../../ports.js";
import type { ClusterSnapshot } from "../../snapshot.js";
import { retryConflicts } from "../../../okd/conflicts.js";
import { type CutItem, cutItemsOf, isListed, type HistoryWrite } from "../cutItem.js";
import type { PruneFailure } from "../failure.js";
import { countCuts } from "../outcome.js";
import { planAgain } from "./recheck.js";

export interface SafeTrimResult {
  readonly cut: readonly CutItem[];
  /** Writes that may have cut something. */
  readonly unanswered: readonly HistoryWrite[];
  /** Planned cuts that the stream no longer allowed. */
  readonly stayed: number;
  readonly failures: readonly PruneFailure[];
}

/** What the work on all streams of a batch shares. */
export interface SafeTrimRun {
  /** The cluster that the trims were planned for. */
  readonly snapshot: ClusterSnapshot;
  readonly policy: SafePolicy;
  readonly approval: Approval;
  readonly ports: PrunePorts;
  readonly signal: AbortSignal;
}

/**
 * Writes the status of one stream. Its links in the registry are deleted later, when the next survey has found that nothing
 * came to use what was cut. Judges a stream that somebody has written meanwhile anew, and cuts only what was approved.
 */
export async function executeSafeTrim(planned: StreamTrim, run: SafeTrimRun): Promise<SafeTrimResult> {
  const writes: HistoryWrite[] = [];
  try {
    const cut = await retryConflicts(() => writeStatus(planned, run, writes), run.signal);
    return { cut, unanswered: [], stayed: countCuts(planned) - cut.length, failures: [] };
  } catch (cause) {
    return {
      cut: [],
      unanswered: writes,
      stayed: 0,
      failures: [{ kind: "stream", stream: keyOf(planned), cause }],
    };
  }
}

/**
 * One attempt; answers what is cut. An earlier attempt may have succeeded although its answer was lost or was a conflict with
 * its own repetition, so missing items that it would have cut count as cut.
 */
async function writeStatus(
  planned: StreamTrim,
  run: SafeTrimRun,
  writes: HistoryWrite[],
): Promise<readonly CutItem[]> {
  const { ports, signal } = run;
  const stream = await ports.streams.readStream(keyOf(planned), { signal });
  if (stream === undefined) return [];
  const earlier = writes
    .filter(({ before }) => before.createdAt === stream.createdAt)
    .flatMap(cutItemsOf)
    .filter((item) => !isListed(item, stream));
  const trim = trimFor(stream, planned, run);
  if (trim === undefined) return earlier;
  const write = { before: stream, trim };
  writes.push(write);
  const answer = await ports.streams.trimStream(stream, trim, { signal });
  return answer === "absent" ? [] : [...earlier, ...cutItemsOf(write)];
}

/**
 * What a stream may lose as it was found. If it has come to list an unknown Image, the layers of that Image are unknown too,
 * and the stream waits for the next run.
 */
function trimFor(stream: StreamFacts, planned: StreamTrim, run: SafeTrimRun): StreamTrim | undefined {
  const { snapshot, policy, approval } = run;
  const isSame = (each: StreamKey) => each.namespace === stream.namespace && each.name === stream.name;
  const known = snapshot.streams.find(isSame);
  if (known === undefined) return undefined;
  if (stream.resourceVersion === known.resourceVersion) return planned;
  const expected = new Set([
    ...listedDigests(known, undefined),
    ...snapshot.images.map(({ digest }) => digest),
  ]);
  if (listedDigests(stream, undefined).some((digest) => !expected.has(digest))) return undefined;
  const streams = snapshot.streams.map((each) => (each === known ? stream : each));
  return planAgain({ ...snapshot, streams }, policy, approval).streams.find(isSame);
}

function keyOf({ namespace, name }: StreamKey): StreamKey {
  return { namespace, name };
}
