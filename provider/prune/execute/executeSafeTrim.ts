import type { Approval } from "../plan/approval.js";
import { createLinkDeletions } from "./executeLinks.js";
import type { StreamTrim } from "../plan/plan.js";
import type { SafePolicy } from "../plan/policy.js";
import type { PrunePorts } from "./ports.js";
import { countCuts, type TrimResult } from "./pruneOutcome.js";
import { planAgain } from "./replan.js";
import { retryConflicts } from "./retryConflicts.js";
import type { ClusterSnapshot, ImageStream, StreamKey } from "../plan/snapshot.js";
import { listedDigests } from "../plan/streamTrim.js";

export interface SafeTrimResult extends TrimResult {
  /** Planned cuts that the stream, as it was found, did not allow any more. */
  readonly skipped: number;
}

/** What the work on all streams shares. */
export interface SafeTrimRun {
  /** The look at the cluster that the trims were planned from. */
  readonly snapshot: ClusterSnapshot;
  readonly policy: SafePolicy;
  readonly approval: Approval;
  readonly ports: PrunePorts;
  readonly signal: AbortSignal;
}

/**
 * Trims one stream: its status first, then the links in the registry, which refuses a manifest as long as the status
 * lists it (prune.md 8.2). A stream that somebody has written meanwhile is judged anew, and loses nothing that was not
 * approved.
 */
export async function executeSafeTrim(planned: StreamTrim, run: SafeTrimRun): Promise<SafeTrimResult> {
  const { ports, signal } = run;
  const stream = keyOf(planned);
  const layerLinks = createLinkDeletions("layer-link", stream, ports, { signal });
  const manifestLinks = createLinkDeletions("manifest-link", stream, ports, { signal });
  let trim: StreamTrim | undefined;
  try {
    trim = await retryConflicts(() => writeStatus(planned, run), signal);
  } catch (cause) {
    return { ...notTrimmed, failures: [{ kind: "stream", stream, cause }] };
  }
  if (trim !== undefined && !signal.aborted) {
    await layerLinks.deleteAll(trim.layerLinks);
    await manifestLinks.deleteAll(trim.manifestLinks);
  }
  return {
    trim,
    layerLinks: layerLinks.deleted.size,
    manifestLinks: manifestLinks.deleted.size,
    skipped: countCuts(planned) - (trim === undefined ? 0 : countCuts(trim)),
    failures: [...layerLinks.failures, ...manifestLinks.failures],
  };
}

export const notTrimmed: SafeTrimResult = {
  trim: undefined,
  layerLinks: 0,
  manifestLinks: 0,
  skipped: 0,
  failures: [],
};

/** One attempt; undefined when nothing may go, or the stream itself is gone. */
async function writeStatus(planned: StreamTrim, run: SafeTrimRun): Promise<StreamTrim | undefined> {
  const { ports, signal } = run;
  const stream = await ports.streams.readStream(keyOf(planned), { signal });
  const trim = stream === undefined ? undefined : trimFor(stream, planned, run);
  if (stream === undefined || trim === undefined) return undefined;
  const answer = await ports.streams.trimStream(stream, trim, { signal });
  return answer === "absent" ? undefined : trim;
}

/**
 * What a stream may lose as it was found. When it has come to list an Image that is not known, it is not known either
 * which layers that needs, and the stream waits for the next run.
 */
function trimFor(stream: ImageStream, planned: StreamTrim, run: SafeTrimRun): StreamTrim | undefined {
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
