import type { LiveReference } from "../model/liveReferences.js";
import {
  canPull,
  contentOf,
  isIntact,
  linkOf,
  listedBy,
  type RegistryModel,
  resolveTag,
  servedBy,
  withDescendants,
} from "../model/registry.js";

/**
 * What worked in `before` and does not in `after`, a line each; empty when nothing was lost. Every stream that served a
 * digest must still serve it, whatever host and path the reference names, and with it everything below an index.
 */
export function brokenReferences(
  live: readonly LiveReference[],
  before: RegistryModel,
  after: RegistryModel,
  forgotten: ReadonlySet<string> = new Set(),
): readonly string[] {
  const lines = live.flatMap((reference) =>
    lostOf(reference, before, after, forgotten).map((loss) => `${reference.by}: ${loss}`),
  );
  return [...new Set(lines)];
}

function lostOf(
  reference: LiveReference,
  before: RegistryModel,
  after: RegistryModel,
  forgotten: ReadonlySet<string>,
): readonly string[] {
  switch (reference.kind) {
    case "digest":
      return lostDigest(reference.digest, before, after);
    // One whose config nobody knows, and that no stream serves, cannot be found by it.
    case "config":
      return [...before.images.values()]
        .filter(({ metadata }) => metadata.kind === "known" && metadata.configId.endsWith(reference.hex))
        .filter(({ digest }) => !forgotten.has(digest))
        .flatMap(({ digest }) => lostDigest(digest, before, after));
    case "tag":
      return lostTag(reference, before, after);
    case "stream":
      return lostItems(reference.repository, before, after);
  }
}

function lostDigest(digest: string, before: RegistryModel, after: RegistryModel): readonly string[] {
  return [
    ...[...before.streams.keys()].flatMap((repository) => lostPulls(repository, digest, before, after)),
    ...[...before.streams.keys()]
      .filter((repository) => isDangling(before, repository, digest) && !lists(after, repository, digest))
      .map((repository) => `${repository} lists ${short(digest)} no more, whose Image was missing`),
    // A digest that no stream serves can be repaired by `oc tag` as long as this holds (facts/registries.md 1).
    ...[...withDescendants(before.images, digest)]
      .filter((each) => isIntact(before, each) && !isIntact(after, each))
      .map((each) => `Image or blobs of ${short(each)} are gone`),
  ];
}

function lostPulls(
  repository: string,
  digest: string,
  before: RegistryModel,
  after: RegistryModel,
): readonly string[] {
  if (!canPull(before, repository, digest)) return [];
  return [...withDescendants(before.images, digest)]
    .filter((each) => canPull(before, repository, each) && !canPull(after, repository, each))
    .map((each) => `${repository}@${short(each)} cannot be pulled any more`);
}

function lostTag(
  { repository, tag }: Extract<LiveReference, { kind: "tag" }>,
  before: RegistryModel,
  after: RegistryModel,
): readonly string[] {
  const digest = resolveTag(before, repository, tag);
  if (digest === undefined) return [];
  const now = resolveTag(after, repository, tag);
  if (now !== digest) return [`${repository}:${tag} was ${short(digest)}, is ${short(now ?? "nothing")}`];
  return lostPulls(repository, digest, before, after);
}

function lostItems(repository: string, before: RegistryModel, after: RegistryModel): readonly string[] {
  const was = listedBy(before.streams.get(repository)).length;
  const is = listedBy(after.streams.get(repository)).length;
  return was === is ? [] : [`${repository} had ${was} items, has ${is}`];
}

/** Whatever a stream lists and could serve must be there as long as it lists it, used or not. */
export function brokenItems(before: RegistryModel, after: RegistryModel): readonly string[] {
  return [...after.streams].flatMap(([repository, stream]) =>
    [...new Set(listedBy(stream))].flatMap((digest) => lostPulls(repository, digest, before, after)),
  );
}

/** An Image that is left needs its blobs: after tagging it again, it must be possible to pull it. */
export function brokenImages(
  before: RegistryModel,
  after: RegistryModel,
  forgotten: ReadonlySet<string> = new Set(),
): readonly string[] {
  return [...after.images.keys()]
    .filter((digest) => isIntact(before, digest) && !isIntact(after, digest) && !forgotten.has(digest))
    .map((digest) => `Image ${short(digest)} lacks a blob`);
}

/** The repository must still link to what it serves. */
export function brokenLinks(before: RegistryModel, after: RegistryModel): readonly string[] {
  return [...after.streams.keys()].flatMap((repository) =>
    [...servedBy(after, repository)].flatMap((digest) => {
      const image = after.images.get(digest);
      const layers = image === undefined ? [] : contentOf(image).map((blob) => linkOf(repository, blob));
      return [
        ...[linkOf(repository, digest)].filter((link) => isLost(link, before, after, "manifestLinks")),
        ...layers.filter((link) => isLost(link, before, after, "layerLinks")),
      ].map((link) => `link ${link} is gone, which ${short(digest)} needs`);
    }),
  );
}

function isLost(
  link: string,
  before: RegistryModel,
  after: RegistryModel,
  links: "layerLinks" | "manifestLinks",
): boolean {
  return before[links].has(link) && !after[links].has(link);
}

function lists(model: RegistryModel, repository: string, digest: string): boolean {
  return listedBy(model.streams.get(repository)).includes(digest);
}

function isDangling(model: RegistryModel, repository: string, digest: string): boolean {
  return lists(model, repository, digest) && !model.images.has(digest);
}

function short(digest: string): string {
  return digest.replace(/^(sha256:[0-9a-f]{4})[0-9a-f]{60}$/, "$1");
}
