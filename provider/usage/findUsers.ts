import { byText } from "../support/text/spelling.js";
import { describeReferrer, type Referrer } from "./referrer.js";
import { createLiveUsage, tagKey } from "./safe/index.js";

/** What would vanish from one stream: whole tags, and the digests of their histories. */
export interface VanishingImages {
  readonly namespace: string;
  readonly name: string;
  /** Sorted. */
  readonly tags: readonly string[];
  /** Of the tags' histories, without those that a kept tag lists too; sorted. */
  readonly digests: readonly string[];
  /** Repositories that the digests were imported from, like `quay.io/acme/web`: an object that names one pulls from there. */
  readonly upstreams: readonly string[];
}

export interface ImageUser {
  readonly referrer: Referrer;
  /** Tags, then digests, each sorted. */
  readonly uses: readonly string[];
}

/**
 * Who could pull no more without these tags and digests (facts/registries.md 1), sorted by description. References that cannot
 * be read name nothing here; pass only referrers that count.
 */
export function findUsers(
  referrers: Iterable<Referrer>,
  { namespace, name, tags, digests, upstreams }: VanishingImages,
): readonly ImageUser[] {
  const usage = createLiveUsage(referrers, [{ namespace, name, tags }]);
  const uses = new Map<Referrer, string[]>();
  const note = (users: readonly Referrer[] | undefined, what: string) => {
    for (const user of users ?? []) uses.set(user, [...(uses.get(user) ?? []), what]);
  };
  for (const tag of [...new Set(tags)].sort()) note(usage.usersOfTag.get(tagKey(namespace, name, tag)), tag);
  for (const digest of [...new Set(digests)].sort()) {
    const users = usage.usersOfDigest.get(digest);
    note(
      users?.filter((user) => !pullsUpstream(user, digest, upstreams)),
      digest,
    );
  }
  return [...uses]
    .map(([referrer, what]) => ({ referrer, uses: what, text: describeReferrer(referrer) }))
    .sort((a, b) => byText(a.text, b.text))
    .map(({ referrer, uses: what }) => ({ referrer, uses: what }));
}

/** Whether all that names the digest names it at its source; a bare digest may be meant for any registry. */
function pullsUpstream(referrer: Referrer, digest: string, upstreams: readonly string[]): boolean {
  const naming = textsOf(referrer).filter((text) =>
    text.toLowerCase().includes(digest.replace("sha256:", "")),
  );
  return naming.length > 0 && naming.every((text) => upstreams.includes(repositoryOf(text)));
}

function textsOf(referrer: Referrer): readonly string[] {
  const { pullSpecs = [], imageIds = [], sources = [] } = referrer.mentions ?? {};
  return [
    ...("images" in referrer ? referrer.images.map(({ image }) => image) : []),
    ...pullSpecs.map(({ text }) => text),
    ...imageIds,
    ...sources.map((source) => source.name),
  ];
}

/** `quay.io/acme/web` of `docker-pullable://quay.io/acme/web:v1@sha256:…`. */
function repositoryOf(text: string): string {
  const [reference = ""] = text
    .trim()
    .replace(/^[a-z-]+:\/\//, "")
    .split("@");
  return reference.replace(/:[^:/]*$/, "");
}
