import type { SafePolicy } from "../../../provider/prune/args/policy.js";
import type { SafePruneOutcome } from "../../../provider/prune/execute/outcome.js";
import type { ClusterSnapshot } from "../../../provider/prune/snapshot.js";
import { itemReferences, type LiveReference, liveReferences } from "../model/liveReferences.js";
import { canPull, listedBy, repositoryOf, resolveTag, withDescendants } from "../model/registry.js";
import { type Pull, snapshotOfWorld, type World } from "./worlds.js";

/** Something that would work without the prune and does not with it. */
export interface Loss extends Pull {
  /** Who relies on it; empty for what a stream merely lists. */
  readonly by: string;
}

/**
 * What this prune has taken from those who use images now, and from whatever streams list now: both can be pulled in a
 * world where the same happened without it.
 */
export function lossesBetween(
  first: ClusterSnapshot,
  policy: SafePolicy,
  real: World,
  untouched: World,
): readonly Loss[] {
  const now = snapshotOfWorld(first, real);
  const live = [...liveReferences(now, policy), ...itemReferences(now.streams, now.mirrors)];
  const used = live.flatMap((reference) =>
    pullsFor(reference, untouched).map((pull) => ({ ...pull, by: reference.by })),
  );
  const listed = now.streams.flatMap((stream) =>
    listedBy(stream).flatMap((digest) =>
      [...withDescendants(untouched.model.images, digest)].map((each) => ({
        repository: repositoryOf(stream),
        digest: each,
        by: "",
      })),
    ),
  );
  const isLost = ({ repository, digest }: Pull) =>
    canPull(untouched.model, repository, digest) && !canPull(real.model, repository, digest);
  const movedTags = live.flatMap((reference) => movedTag(reference, real, untouched));
  return [...[...used, ...listed].filter(isLost), ...movedTags];
}

/** What the reference needs, wherever it may be pulled from. */
function pullsFor(reference: LiveReference, { model }: World): readonly Pull[] {
  const everywhere = (digest: string) =>
    [...model.streams.keys()].flatMap((repository) =>
      canPull(model, repository, digest)
        ? [...withDescendants(model.images, digest)].map((each) => ({ repository, digest: each }))
        : [],
    );
  switch (reference.kind) {
    case "digest":
      return everywhere(reference.digest);
    case "config":
      return [...model.images.values()]
        .filter(({ metadata }) => metadata.kind === "known" && metadata.configId.endsWith(reference.hex))
        .flatMap(({ digest }) => everywhere(digest));
    case "tag": {
      const digest = resolveTag(model, reference.repository, reference.tag);
      if (digest === undefined) return [];
      return [...withDescendants(model.images, digest)].map((each) => ({
        repository: reference.repository,
        digest: each,
      }));
    }
    case "stream":
      return [...new Set(listedBy(model.streams.get(reference.repository)))].map((digest) => ({
        repository: reference.repository,
        digest,
      }));
  }
}

/** A tag in use that means something else, or nothing, although its image may still be pulled. */
function movedTag(reference: LiveReference, real: World, untouched: World): readonly Loss[] {
  if (reference.kind !== "tag") return [];
  const { repository, tag, by } = reference;
  const digest = resolveTag(untouched.model, repository, tag);
  if (digest === undefined || !canPull(untouched.model, repository, digest)) return [];
  return resolveTag(real.model, repository, tag) === digest ? [] : [{ repository, digest, by }];
}

/** Losses that the outcome does not name, and what it names that is not lost; a line each. */
export function misreported(
  losses: readonly Loss[],
  { broken }: SafePruneOutcome,
  { model }: World,
): readonly string[] {
  const covers = (each: SafePruneOutcome["broken"][number], { repository, digest }: Pull) =>
    withDescendants(model.images, each.digest).has(digest) &&
    (each.kind === "incomplete" || repositoryOf(each.stream) === repository);
  return [
    ...losses
      .filter((loss) => !broken.some((each) => covers(each, loss)))
      .map(({ repository, digest, by }) => `${repository}@${digest} is lost, used by "${by}", and not told`),
    ...broken
      .filter((each) => !losses.some((loss) => covers(each, loss)))
      .map(
        (each) => `${repositoryOf(each.stream)}@${each.digest} is called broken (${each.kind}) and is not`,
      ),
  ];
}
