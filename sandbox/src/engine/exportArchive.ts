import { pack } from "tar-stream";
import { ociTypes } from "../registry/publish.js";
import { digestOf } from "../registry/store.js";
import type { EngineEntry, StoredBlob, StoredImage } from "./images.js";
import { repositoryOf } from "./names.js";
import type { EngineProfile } from "./profiles.js";

/** An image as an export names it. */
export interface ExportedImage {
  readonly entry: EngineEntry;
  /** The platform that manifest.json describes. */
  readonly image: StoredImage;
  /** Names with tags, as the engine shows them; none for an export by ID. */
  readonly tags: readonly string[];
  /** What is exported of it. */
  readonly included: readonly StoredImage[];
  /** One platform alone: its index is left out. */
  readonly isSingle: boolean;
}

/** A file, a folder (its name ends with a slash), or a link. */
interface Member {
  readonly name: string;
  readonly content?: Buffer | string;
  readonly link?: string;
}

/** The bytes of an export, shaped as this engine writes it (see README). */
export async function exportArchive(
  images: readonly ExportedImage[],
  profile: EngineProfile,
): Promise<Buffer> {
  if (profile.store === "podman") return await tarOf(podmanMembers(images), 0o444);
  if (profile.layout === "legacy") return await tarOf(legacyMembers(images), 0o644);
  return await tarOf(layoutMembers(images, profile), 0o444);
}

const hexOf = ({ digest }: { readonly digest: string }) => digest.slice("sha256:".length);
const configFile = ({ config }: StoredImage) => `${hexOf(config)}.json`;

/** The ID of a layer in the time before images had digests: any hash of what is below it. */
function v1Id({ config, tars }: StoredImage, layer: number): string {
  return digestOf(`${config.digest} ${tars.map(hexOf).join(" ")} ${layer}`).slice("sha256:".length);
}

function legacyMembers(images: readonly ExportedImage[]): readonly Member[] {
  const folders = images.flatMap(({ image }) =>
    image.tars.flatMap(({ content }, index): readonly Member[] => {
      const folder = v1Id(image, index);
      return [
        { name: `${folder}/` },
        { name: `${folder}/VERSION`, content: "1.0" },
        { name: `${folder}/json`, content: JSON.stringify({ id: folder }) },
        { name: `${folder}/layer.tar`, content },
      ];
    }),
  );
  const manifests = images.map(({ image, tags }) => ({
    Config: configFile(image),
    RepoTags: tags.length === 0 ? null : tags,
    Layers: image.tars.map((_, index) => `${v1Id(image, index)}/layer.tar`),
  }));
  const configs = images.map(({ image }) => ({ name: configFile(image), content: image.config.content }));
  return sorted([
    ...folders,
    ...configs,
    { name: "manifest.json", content: manifestJson(manifests) },
    ...repositories(images, (image) => v1Id(image, image.tars.length - 1), false),
  ]);
}

function podmanMembers(images: readonly ExportedImage[]): readonly Member[] {
  const perImage = images.flatMap(({ image }): readonly Member[] => [
    ...image.tars.map((tar) => ({ name: `${hexOf(tar)}.tar`, content: tar.content })),
    { name: configFile(image), content: image.config.content },
    ...image.tars.flatMap((tar, index): readonly Member[] => {
      const folder = v1Id(image, index);
      return [
        { name: `${folder}/layer.tar`, link: `../${hexOf(tar)}.tar` },
        { name: `${folder}/VERSION`, content: "1.0" },
        { name: `${folder}/json`, content: JSON.stringify({ id: folder }) },
      ];
    }),
  ]);
  const manifests = images.map(({ image, tags }) => ({
    Config: configFile(image),
    RepoTags: tags,
    Layers: image.tars.map((tar) => `${hexOf(tar)}.tar`),
  }));
  return [
    ...perImage,
    { name: "manifest.json", content: manifestJson(manifests) },
    ...repositories(images, (image) => v1Id(image, image.tars.length - 1), true),
  ];
}

/** Docker 25 and later: an OCI layout; the graphdriver store has layers uncompressed, containerd as they were pulled. */
function layoutMembers(images: readonly ExportedImage[], { store }: EngineProfile): readonly Member[] {
  const isContainerd = store === "containerd";
  const stored = images.map((exported) => (isContainerd ? exported : withoutCompression(exported)));
  const blobs = stored.flatMap(({ entry, included, isSingle }) => {
    const tree = included.flatMap((each) => [each.manifest, each.config, ...each.layers]);
    return isSingle ? tree : [entry.target, ...tree];
  });
  const index = { schemaVersion: 2, mediaType: ociTypes.index, manifests: stored.flatMap(indexEntries) };
  const manifests = stored.map(({ image, tags }) => ({
    Config: blobFile(image.config),
    RepoTags: tags.length === 0 ? null : tags,
    Layers: image.layers.map(blobFile),
    ...(isContainerd ? {} : { LayerSources: layerSources(image) }),
  }));
  return sorted([
    { name: "blobs/" },
    { name: "blobs/sha256/" },
    ...blobs.map((blob) => ({ name: blobFile(blob), content: blob.content })),
    { name: "index.json", content: JSON.stringify(index) },
    { name: "manifest.json", content: manifestJson(manifests) },
    { name: "oci-layout", content: JSON.stringify({ imageLayoutVersion: "1.0.0" }) },
    ...(isContainerd
      ? []
      : repositories(stored, (image) => hexOf(image.layers.at(-1) ?? image.config), false)),
  ]);
}

const blobFile = (blob: StoredBlob) => `blobs/sha256/${hexOf(blob)}`;

const describe = ({ mediaType, digest, content }: StoredBlob) => ({
  mediaType,
  digest,
  size: content.length,
});

function layerSources({ layers }: StoredImage): object {
  return Object.fromEntries(layers.map((layer) => [layer.digest, describe(layer)]));
}

/** The graphdriver store has dropped the pulled manifest and makes one for its uncompressed layers. */
function withoutCompression(exported: ExportedImage): ExportedImage {
  const { config, tars, platform } = exported.image;
  const content = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: ociTypes.manifest,
      config: describe(config),
      layers: tars.map(describe),
    }),
  );
  const manifest = { digest: digestOf(content), mediaType: ociTypes.manifest, content };
  const image = { manifest, config, platform, tars, layers: tars };
  return {
    ...exported,
    image,
    included: [image],
    entry: { ...exported.entry, target: manifest, images: [image] },
  };
}

function indexEntries({ entry, image, tags, isSingle }: ExportedImage): readonly object[] {
  const target = isSingle ? image.manifest : entry.target;
  const named = tags.map((name) => ({
    ...describe(target),
    annotations: {
      "io.containerd.image.name": name,
      "org.opencontainers.image.ref.name": name.slice(name.lastIndexOf(":") + 1),
    },
  }));
  return named.length === 0 ? [describe(target)] : named;
}

/** In Go a list without elements is null. */
function manifestJson(manifests: readonly object[]): string {
  return JSON.stringify(manifests.length === 0 ? null : manifests);
}

/** Docker leaves the file out when nothing has a name, podman does not. */
function repositories(
  images: readonly ExportedImage[],
  topLayer: (image: StoredImage) => string,
  always: boolean,
): readonly Member[] {
  const names: Record<string, Record<string, string>> = {};
  for (const { image, tags } of images) {
    for (const tag of tags) {
      const name = repositoryOf(tag);
      names[name] = { ...names[name], [tag.slice(name.length + 1)]: topLayer(image) };
    }
  }
  const isEmpty = Object.keys(names).length === 0;
  return isEmpty && !always ? [] : [{ name: "repositories", content: JSON.stringify(names) }];
}

function sorted(members: readonly Member[]): readonly Member[] {
  return [...members].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function tarOf(members: readonly Member[], mode: number): Promise<Buffer> {
  const archive = pack();
  const mtime = new Date(0);
  // Images may share layers, and then everything is written once.
  for (const { name, content, link } of new Map(members.map((member) => [member.name, member])).values()) {
    if (name.endsWith("/")) archive.entry({ name, mtime, type: "directory", mode: 0o755 });
    else if (link !== undefined) archive.entry({ name, mtime, type: "symlink", linkname: link, mode: 0o777 });
    else archive.entry({ name, mtime, mode }, Buffer.from(content ?? ""));
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
