import { addTo } from "../../../support/collections.js";
import type { Mirrors } from "../../../usage/mirrors.js";
import { tagKey } from "../../../usage/safe/index.js";
import { digestsInPullSpecs, imagesNamedBy, mirroredTagsOf } from "../../../usage/safe/reading.js";
import type { StreamFacts, TagItem } from "../../../usage/streamFacts.js";
import type { ImageGraph } from "../imageGraph.js";

/**
 * Where a digest counts as used: in every stream, or in every stream but one. An item names its own digest, and its own
 * stream must not be kept by that.
 */
export type UseScope = "everywhere" | ExceptIn;

/** The stream that is left out; the object itself, because there is one for nearly every item. */
type ExceptIn = StreamFacts;

/** An item that nothing keeps so far. */
export interface OpenItem {
  readonly stream: StreamFacts;
  readonly item: TagItem;
  /** `tagKey` of the tag that points to it now, if one does. */
  readonly currentOf: string | undefined;
  /** Digest of the Image that the item's tag is attached to. */
  readonly subject: string | undefined;
}

type Direction = "above" | "below";

type Step =
  | { readonly kind: "use"; readonly digest: string; readonly scope: UseScope; readonly to: Direction }
  | { readonly kind: "item"; readonly stream: StreamFacts; readonly item: TagItem }
  | { readonly kind: "image"; readonly digest: string };

/**
 * What is kept because something else is kept, to the end of the chain (facts/registries.md 1, facts/pruning.md 37, 40).
 * Uses and keeps are only ever added, so the order does not matter; every digest is visited a few times at most.
 *
 * First add everything that is known, then call `settle`; before that, a "no" may still become a "yes".
 */
export class Protection {
  readonly #graph: ImageGraph;
  readonly #mirrors: Mirrors;
  readonly #used = { above: new Map<string, UseScope>(), below: new Map<string, UseScope>() };
  readonly #usedTags = new Set<string>();
  readonly #staying = new Set<string>();
  readonly #openByDigest = new Map<string, OpenItem[]>();
  readonly #openByTag = new Map<string, OpenItem[]>();
  readonly #openBySubject = new Map<string, OpenItem[]>();
  readonly #pending: Step[] = [];

  constructor(graph: ImageGraph, mirrors: Mirrors) {
    this.#graph = graph;
    this.#mirrors = mirrors;
  }

  /** A reference to a manifest or a config: what contains it and what it contains is used too. */
  use(digest: string, scope: UseScope): void {
    this.#useManifest(digest, scope);
    for (const image of this.#graph.byConfig.get(digest) ?? []) this.#useManifest(image, scope);
  }

  /** Marks what its pull spec names as used, and keeps its Image. */
  keepItem(stream: StreamFacts, item: TagItem): void {
    this.#pending.push({ kind: "item", stream, item });
  }

  /** Keeps everything below it, and what is attached to it. */
  keepImage(digest: string): void {
    if (!this.#staying.has(digest)) this.#pending.push({ kind: "image", digest });
  }

  /** Keeps the item if it turns out to be used, or its subject to be kept. */
  leaveOpen(open: OpenItem): void {
    addTo(this.#openByDigest, open.item.digest, open);
    if (open.currentOf !== undefined) addTo(this.#openByTag, open.currentOf, open);
    if (open.subject !== undefined) addTo(this.#openBySubject, open.subject, open);
  }

  settle(): void {
    for (let step = this.#pending.pop(); step !== undefined; step = this.#pending.pop()) {
      switch (step.kind) {
        case "use":
          this.#spreadUse(step.digest, step.scope, step.to);
          break;
        case "item":
          this.#spreadItem(step.stream, step.item);
          break;
        case "image":
          this.#spreadImage(step.digest);
          break;
      }
    }
  }

  /** Whether the digest is used in that stream. */
  usesIn(stream: StreamFacts, digest: string): boolean {
    const scope = this.#scopeOf(digest);
    return scope !== undefined && scope !== stream;
  }

  /** Whether the digest is used whatever stream lists it. */
  uses(digest: string): boolean {
    return this.#scopeOf(digest) === "everywhere";
  }

  /** Whether the pull spec of a kept item names the tag. */
  usesTag(key: string): boolean {
    return this.#usedTags.has(key);
  }

  staysImage(digest: string): boolean {
    return this.#staying.has(digest);
  }

  #useManifest(digest: string, scope: UseScope): void {
    this.#pending.push({ kind: "use", digest, scope, to: "above" });
    for (const child of this.#graph.images.get(digest)?.manifests ?? []) {
      this.#pending.push({ kind: "use", digest: child, scope, to: "below" });
    }
  }

  #scopeOf(digest: string): UseScope | undefined {
    return joined(this.#used.above.get(digest), this.#used.below.get(digest));
  }

  #spreadUse(digest: string, scope: UseScope, to: Direction): void {
    const before = this.#used[to].get(digest);
    const after = joined(before, scope);
    if (before === after) return;
    this.#used[to].set(digest, after);
    const next = to === "above" ? this.#graph.parents.get(digest) : this.#graph.images.get(digest)?.manifests;
    for (const each of next ?? []) this.#pending.push({ kind: "use", digest: each, scope: after, to });
    const reached = this.#scopeOf(digest);
    if (reached === "everywhere") this.keepImage(digest);
    for (const { stream, item } of this.#openByDigest.get(digest) ?? []) {
      if (reached !== stream) this.keepItem(stream, item);
    }
  }

  #spreadItem(stream: StreamFacts, item: TagItem): void {
    if (item.digest !== "") this.keepImage(item.digest);
    const { digests, tags } = namedByItem(item, stream, this.#mirrors);
    for (const digest of digests) this.use(digest, digest === item.digest ? stream : "everywhere");
    for (const tag of tags) {
      if (this.#usedTags.has(tag)) continue;
      this.#usedTags.add(tag);
      for (const open of this.#openByTag.get(tag) ?? []) this.keepItem(open.stream, open.item);
    }
  }

  #spreadImage(digest: string): void {
    if (this.#staying.has(digest)) return;
    this.#staying.add(digest);
    for (const child of this.#graph.images.get(digest)?.manifests ?? []) this.keepImage(child);
    for (const { stream, item } of this.#openBySubject.get(digest) ?? []) this.keepItem(stream, item);
  }
}

/** Two streams that name a digest protect it in each other. */
function joined<Scope extends UseScope | undefined>(a: UseScope | undefined, b: Scope): UseScope | Scope {
  if (a === undefined || a === b) return b;
  return b === undefined ? a : "everywhere";
}

/** What the item's users pull: digests, else tags by their `tagKey`; only reference tags name tags. */
export function namedByItem(
  { pullSpec }: TagItem,
  stream: StreamFacts,
  mirrors: Mirrors,
): { readonly digests: readonly string[]; readonly tags: readonly string[] } {
  const digests = digestsInPullSpecs(pullSpec);
  if (digests.length > 0) return { digests, tags: [] };
  const { tag } = imagesNamedBy(pullSpec);
  const tags = [...(tag === undefined ? [] : [tag]), ...mirroredTagsOf(pullSpec, mirrors)];
  return {
    digests,
    tags: tags.map((each) => tagKey(each.namespace ?? stream.namespace, each.stream, each.tag)),
  };
}
