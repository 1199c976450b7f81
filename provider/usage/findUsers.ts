import { createLiveUsage, tagKey } from "./liveUsage.js";
import { describeReferrer, type Referrer } from "./referrer.js";

/** What would vanish from one stream: whole tags, and the digests of their histories. */
export interface VanishingImages {
  readonly namespace: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
}

export interface ImageUser {
  readonly referrer: Referrer;
  /** Tags, then digests, each sorted. */
  readonly uses: readonly string[];
}

/**
 * Who could pull no more if these tags and digests went (safety.md 4.1), sorted by description. References that cannot
 * be read name nothing here; pass only referrers that count.
 */
export function findUsers(
  referrers: Iterable<Referrer>,
  { namespace, name, tags, digests }: VanishingImages,
): readonly ImageUser[] {
  const usage = createLiveUsage(referrers);
  const uses = new Map<Referrer, string[]>();
  const note = (users: readonly Referrer[] | undefined, what: string) => {
    for (const user of users ?? []) uses.set(user, [...(uses.get(user) ?? []), what]);
  };
  for (const tag of [...new Set(tags)].sort()) note(usage.usersOfTag.get(tagKey(namespace, name, tag)), tag);
  for (const digest of [...new Set(digests)].sort()) note(usage.usersOfDigest.get(digest), digest);
  return [...uses]
    .map(([referrer, what]) => ({ referrer, uses: what, text: describeReferrer(referrer) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ referrer, uses: what }) => ({ referrer, uses: what }));
}
