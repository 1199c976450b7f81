import { hasCode } from "../support/imageError.js";
import { retry } from "../support/retry.js";
import type { StreamTrim } from "./plan.js";
import type { PrunePorts } from "./ports.js";
import type { PruneFailure } from "./pruneFailure.js";
import type { ImageStream, StreamKey, TagItem } from "./snapshot.js";
import { listedDigests, planStreamTrim, type Planning } from "./streamTrim.js";
import { createTally } from "./tally.js";

export interface TrimOutcome {
  /** Undefined when nothing was written. */
  readonly trim: StreamTrim | undefined;
  readonly layerLinks: number;
  readonly manifestLinks: number;
  /** Digests that the stream lists afterwards, as far as is known: after a failure all that it listed before. */
  readonly listed: readonly string[];
  readonly failures: readonly PruneFailure[];
}

/** What all steps on one stream share. */
interface TrimRun {
  /** As the plan saw it. */
  readonly known: ImageStream;
  readonly planned: StreamTrim;
  readonly planning: Planning;
  readonly ports: PrunePorts;
  readonly signal: AbortSignal;
}

/**
 * Trims one stream in oc's order: layer links, then the stream's status, then manifest links (prune.md 1.6). Each attempt
 * looks at the stream afresh and cuts only what was planned and still may go. Other than with `oc`, a stream that could
 * not be written counts with all that it lists, so that none of its Images is deleted (prune.md 0.2).
 */
export async function executeTrim(run: TrimRun): Promise<TrimOutcome> {
  const seen = new Set(listedDigests(run.known, undefined));
  const layerLinks = createLinkDeletions("layer-link", run);
  const manifestLinks = createLinkDeletions("manifest-link", run);
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
    const { trim, listed } = await retryConflicts(() => writeStatus(run, layerLinks, seen), run.signal);
    await manifestLinks.deleteAll(trim?.manifestLinks ?? []);
    return outcome(trim, listed, []);
  } catch (cause) {
    return outcome(undefined, [...seen], [{ kind: "stream", stream: keyOf(run.planned), cause }]);
  }
}

interface Written {
  readonly trim: StreamTrim | undefined;
  readonly listed: readonly string[];
}

/** One attempt. `seen` gathers all that the stream has listed, for the case that no attempt succeeds. */
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
 * The part of the planned trim that the fresh stream still allows. Items that came meanwhile are never cut; when one of
 * them has an Image that is not known, it is not known either which layers it needs, and the stream waits for the next run.
 */
function confirmTrim(
  planned: StreamTrim,
  known: ImageStream,
  fresh: ImageStream,
  planning: Planning,
): StreamTrim | undefined {
  const before = new Set(listedDigests(known, undefined));
  const isNew = (digest: string) => !before.has(digest) && !planning.images.has(digest);
  if (listedDigests(fresh, undefined).some(isNew)) return undefined;
  const keyOf = (tag: string, item: TagItem) => `${tag} ${item.digest} ${item.createdAt}`;
  const cuts = new Set(planned.tags.flatMap(({ tag, cuts }) => cuts.map((cut) => keyOf(tag, cut))));
  return planStreamTrim(fresh, planning, createTally(), (tag, item) => cuts.has(keyOf(tag, item)));
}

/** Deletes links of one kind, none of them twice; what fails is noted, and the others are deleted all the same. */
interface LinkDeletions {
  readonly deleted: ReadonlySet<string>;
  readonly failures: readonly PruneFailure[];
  deleteAll(digests: readonly string[]): Promise<void>;
}

function createLinkDeletions(
  kind: "layer-link" | "manifest-link",
  { planned, ports, signal }: TrimRun,
): LinkDeletions {
  const stream = keyOf(planned);
  const deleted = new Set<string>();
  const failures: PruneFailure[] = [];
  const deleteLink = (digest: string) =>
    kind === "layer-link"
      ? ports.layerLinks.deleteLayerLink(stream, digest, { signal })
      : ports.manifestLinks.deleteManifestLink(stream, digest, { signal });
  return {
    deleted,
    failures,
    async deleteAll(digests) {
      for (const digest of digests.filter((each) => !deleted.has(each))) {
        try {
          await deleteLink(digest);
          deleted.add(digest);
        } catch (cause) {
          failures.push({ kind, stream, digest, cause });
        }
      }
    },
  };
}

function keyOf({ namespace, name }: StreamKey): StreamKey {
  return { namespace, name };
}

/** As often as `oc` tries (prune.md 1.3). */
async function retryConflicts(attempt: () => Promise<Written>, signal: AbortSignal): Promise<Written> {
  return await retry(attempt, {
    attempts: 5,
    baseDelayMs: 50,
    maxDelayMs: 1000,
    signal,
    waitBeforeRetry: (error) => (hasCode(error, "API_CONFLICT") ? 0 : undefined),
  });
}
