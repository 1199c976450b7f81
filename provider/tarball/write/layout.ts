import type { ArchiveIdentity } from "../../archive/filePorts.js";
import { blobsOf, type Descriptor, type ImageTree, type SingleImage } from "../../oci/content.js";
import { archiveName, archiveTag } from "../../oci/names/archiveName.js";
import { isPlatform } from "../../oci/platform.js";
import { byText } from "../../support/text/spelling.js";

/** An image and the names it gets in the archive. */
export interface NamedTree {
  readonly names: readonly string[];
  readonly tree: ImageTree;
}

/** A regular file of a tar. */
export interface TarMember {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly content: MemberContent;
}

type MemberContent =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** `image`: index of the image among those that were given, which the blob comes from. */
  | { readonly kind: "blob"; readonly descriptor: Descriptor; readonly image: number };

const indexType = "application/vnd.oci.image.index.v1+json";
const preferredPlatform = { os: "linux", architecture: "amd64" };

/**
 * The members of an archive in their order (facts/archives.md 7). Both formats are OCI layouts; a `docker-archive` also has
 * the manifest.json of `docker save`, which describes one platform of each image: linux/amd64, else the first. What is
 * needed to recognise the archive comes first, then the other blobs. Equal images in any order make equal members. Blobs
 * that images share are there once, and so are images that were given twice, with the names of both.
 */
export function planLayout(
  images: readonly NamedTree[],
  format: "docker-archive" | "oci-archive",
): readonly TarMember[] {
  const groups = groupByRoot(images);
  const layoutFile = jsonMember("oci-layout", { imageLayoutVersion: "1.0.0" });
  const index = jsonMember("index.json", layoutIndex(groups, format));
  const manifest = format === "docker-archive" ? [jsonMember("manifest.json", dockerManifest(groups))] : [];
  return [layoutFile, index, ...manifest, ...blobMembers(images)];
}

/** The identity that a reader of such an archive finds. */
export function layoutIdentity(
  images: readonly NamedTree[],
  format: "docker-archive" | "oci-archive",
): ArchiveIdentity {
  const archived = groupByRoot(images).flatMap(({ names, tree: { root, indexes, images } }) =>
    images
      .filter(({ platform }) => platform.os !== "unknown") // attestations
      .map(({ descriptor, config, diffIds, platform }) => ({
        names,
        configDigest: config.digest,
        manifestDigest: descriptor.digest,
        indexDigest: indexes.length === 0 ? undefined : root.digest,
        diffIds,
        platform,
      })),
  );
  return { format: format === "docker-archive" ? "hybrid" : format, images: archived };
}

/** Every image once, the names in full and sorted; sorted by the first name, then by digest. */
function groupByRoot(images: readonly NamedTree[]): readonly NamedTree[] {
  const groups = new Map<string, { readonly names: Set<string>; readonly tree: ImageTree }>();
  for (const { names, tree } of images) {
    const group = groups.get(tree.root.digest) ?? { names: new Set<string>(), tree };
    for (const name of names) group.names.add(archiveName(name));
    groups.set(tree.root.digest, group);
  }
  return [...groups.values()]
    .map(({ names, tree }) => ({ names: [...names].sort(), tree }))
    .sort(
      (a, b) => byText(a.names[0] ?? "", b.names[0] ?? "") || byText(a.tree.root.digest, b.tree.root.digest),
    );
}

/** index.json, with a descriptor for every name, as containerd writes it. */
function layoutIndex(groups: readonly NamedTree[], format: "docker-archive" | "oci-archive"): unknown {
  const manifests = groups.flatMap(({ names, tree: { root } }) => {
    const descriptor = { mediaType: root.mediaType, digest: root.digest, size: root.size };
    if (names.length === 0) return [descriptor];
    return names.map((name) => ({ ...descriptor, annotations: nameAnnotations(name, format) }));
  });
  return { schemaVersion: 2, mediaType: indexType, manifests };
}

/** Readers of pure OCI archives (skopeo, older podman) know the second annotation only, so there it has the full name. */
function nameAnnotations(name: string, format: "docker-archive" | "oci-archive"): Record<string, string> {
  return {
    "io.containerd.image.name": name,
    "org.opencontainers.image.ref.name": format === "oci-archive" ? name : archiveTag(name),
  };
}

interface DockerEntry {
  readonly Config: string;
  /** Null where there is none, as Docker writes it. */
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

/** manifest.json: an entry for every config, because that is what an image is to its readers. */
function dockerManifest(groups: readonly NamedTree[]): readonly DockerEntry[] {
  const entries = new Map<string, { readonly names: Set<string>; readonly image: SingleImage }>();
  for (const { names, tree } of groups) {
    const image = defaultImage(tree);
    if (image === undefined) continue;
    const entry = entries.get(image.config.digest) ?? { names: new Set<string>(), image };
    for (const name of names.filter((name) => !name.includes("@"))) entry.names.add(name);
    entries.set(image.config.digest, entry);
  }
  return [...entries.values()].map(({ names, image: { config, layers } }) => ({
    Config: blobPath(config.digest),
    RepoTags: names.size === 0 ? null : [...names],
    Layers: layers.map(({ digest }) => blobPath(digest)),
  }));
}

function defaultImage({ images }: ImageTree): SingleImage | undefined {
  return images.find(({ platform }) => isPlatform(platform, preferredPlatform)) ?? images[0];
}

/** Documents and configs, then layers: a reader that cannot seek knows the images before it meets the first layer. */
function blobMembers(images: readonly NamedTree[]): readonly TarMember[] {
  const first = new Map<string, TarMember>();
  const rest = new Map<string, TarMember>();
  images.forEach(({ tree }, image) => {
    for (const { descriptor, bytes } of [...tree.indexes, ...tree.images]) {
      addBlob(first, descriptor, { kind: "bytes", bytes });
    }
    const configs = new Set(tree.images.map(({ config }) => config.digest));
    for (const descriptor of blobsOf(tree)) {
      addBlob(configs.has(descriptor.digest) ? first : rest, descriptor, { kind: "blob", descriptor, image });
    }
  });
  for (const digest of first.keys()) rest.delete(digest);
  return [first, rest].flatMap((members) => [...members.values()].sort((a, b) => byText(a.name, b.name)));
}

function addBlob(
  members: Map<string, TarMember>,
  { digest, size }: Descriptor,
  content: MemberContent,
): void {
  if (!members.has(digest)) members.set(digest, { name: blobPath(digest), size, content });
}

/** Where an OCI layout keeps a blob. */
export function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function jsonMember(name: string, value: unknown): TarMember {
  const bytes = Buffer.from(JSON.stringify(value));
  return { name, size: bytes.length, content: { kind: "bytes", bytes } };
}
