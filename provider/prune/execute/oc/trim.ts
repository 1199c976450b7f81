import type { StreamKey } from "../../../okd/streamName.js";
import type { StreamFacts, TagItem } from "../../../usage/streamFacts.js";
import type { StreamTrim } from "../../plan/decision.js";
import { listedDigests, type PreparedRules, planStreamTrim } from "../../plan/streamTrim.js";
import { createTally } from "../../plan/totals.js";
import type { PrunePorts } from "../../ports.js";
import { retryConflicts } from "../../../okd/conflicts.js";
import type { PruneFailure } from "../failure.js";
import { createLinkDeletions, type LinkDeletions } from "../links.js";
import type { TrimResult } from "../outcome.js";

export interface TrimOutcome extends TrimResult {
  /** Digests that the stream lists afterwards, as far as is known: after a failure all that it listed before. */
  readonly listed: readonly string[];
}

/** What all steps on one stream share. */
interface TrimRun {
  /** The stream as the plan knew it. */
  readonly known: StreamFacts;
  readonly planned: StreamTrim;
  readonly planning: PreparedRules;
  readonly ports: PrunePorts;
  readonly signal: AbortSignal;
}

/**
 * Trims one stream in oc's order: layer links, then the stream's status, then manifest links (facts/pruning.md 27). Each attempt
 * reads the stream afresh and cuts only what was planned and is still allowed. Unlike with `oc`, a stream that could not be
 * written counts with all that it lists, so that none of its Images is deleted (facts/pruning.md 28).
 */
export async function executeTrim(run: TrimRun): Promise<TrimOutcome> {
  const seen = new Set(listedDigests(run.known, undefined));
  const { planned, ports, signal } = run;
  const layerLinks = createLinkDeletions("layer-link", keyOf(planned), ports, { signal });
  const manifestLinks = createLinkDeletions("manifest-link", keyOf(planned), ports, { signal });
  const outcome = (
    trim: StreamTrim | undefined,
    listed: readonly string[],
    failures: readonly PruneFailure[],
  ) => ({
    trim,
    listed,
    failures: [...layerLinks.failures, ...manifestLinks.failures, ...failures],
    layerLinks: layerLinks.deleted.size,
    manifestLinks: manifestLinks.deleted.size,
  });
  try {
    const { trim, listed } = await retryConflicts(() => writeStatus(run, layerLinks, seen), signal);
    await manifestLinks.deleteAll(trim?.manifestLinks ?? []);
    return outcome(trim, listed, []);
  } catch (cause) {
    return outcome(undefined, [...seen], [{ kind: "stream", stream: keyOf(planned), cause }]);
  }
}

interface Written {
  readonly trim: StreamTrim | undefined;
  readonly listed: readonly string[];
}

/** One attempt. `seen` collects all that the stream has listed, in case no attempt succeeds. */
async function writeStatus(
  { known, planned, planning, ports, signal }: TrimRun,
  layerLinks: LinkDeletions,
  seen: Set<string>,
): Promise<Written> {
  const stream = await ports.streams.readStream(keyOf(planned), { signal });
  if (stream === undefined) return { trim: undefined, listed: [] };
  for (const digest of listedDigests(stream, undefined)) seen.add(digest);
  const trim = confirmTrim(planned, known, stream, planning);
  if (trim === undefined) return { trim, listed: listedDigests(stream, undefined) };
  await layerLinks.deleteAll(trim.layerLinks);
  const result = await ports.streams.trimStream(stream, trim, { signal });
  return result === "absent"
    ? { trim: undefined, listed: [] }
    : { trim, listed: listedDigests(stream, trim) };
}

/**
 * The part of the planned trim that the fresh stream still allows. Never cuts new items; if one of them has an unknown Image,
 * its layers are unknown too, and the stream waits for the next run.
 */
function confirmTrim(
  planned: StreamTrim,
  known: StreamFacts,
  fresh: StreamFacts,
  planning: PreparedRules,
): StreamTrim | undefined {
  const before = new Set(listedDigests(known, undefined));
  const isNew = (digest: string) => !before.has(digest) && !planning.images.has(digest);
  if (listedDigests(fresh, undefined).some(isNew)) return undefined;
  const keyOf = (tag: string, item: TagItem) => `${tag} ${item.digest} ${item.createdAt}`;
  const cuts = new Set(planned.tags.flatMap(({ tag, cuts }) => cuts.map((cut) => keyOf(tag, cut))));
  return planStreamTrim(fresh, planning, createTally(), (tag, item) => cuts.has(keyOf(tag, item)));
}

function keyOf({ namespace, name }: StreamKey): StreamKey {
  return { namespace, name };
}
