import type { Descriptor, ImageTree, SingleImage, StoredDocument } from "../../oci/content.js";
import { readImageConfig } from "../../oci/imageConfig.js";
import { readManifest } from "../../oci/manifest.js";
import { prunedIndex } from "../../oci/prunedIndex.js";
import { digestOf } from "../../oci/verify.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { listAt, textAt } from "../../support/json.js";
import { quoted } from "../../support/text/visible.js";
import { TarFormatError } from "../tar/header.js";
import type { TarEntry } from "../tar/parser.js";
import { type ReadableFile, readMember, walkTar } from "../tar/walk.js";
import { blobPath } from "../write/layout.js";
import { type ArchiveMembers, configDigestIn, fileAt, isAttestation, readDocument } from "./identity.js";

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const maxIndexDepth = 5;

/** Images of an archive, and where in it each of their blobs is, by digest. */
export interface ArchiveTrees {
  readonly trees: readonly ImageTree[];
  readonly blobs: ReadonlyMap<string, TarEntry>;
}

interface Archive {
  readonly file: ReadableFile;
  readonly members: ArchiveMembers;
  readonly blobs: Map<string, TarEntry>;
}

interface Branch {
  readonly indexes: StoredDocument[];
  readonly images: SingleImage[];
  /** Whether a part of it is not in the archive. */
  isPartial: boolean;
}

/**
 * Every image of an uncompressed archive, whichever engine wrote it. Of an index with absent children a new one is made,
 * and an image that only manifest.json knows gets an OCI manifest, as Docker 25 makes it.
 * @throws TarFormatError it is no whole archive, or a document is not what its digest says
 */
export async function readTrees(file: ReadableFile, options: RequestOptions): Promise<ArchiveTrees> {
  const archive: Archive = { file, members: await walkTar(file, options), blobs: new Map() };
  const index = await jsonAt("index.json", archive);
  const roots = new Map(listAt(index, "manifests").map((root) => [textAt(root, "digest"), root]));
  const trees: ImageTree[] = [];
  for (const root of roots.values()) trees.push(...(await readRoot(root, archive)));
  const configs = new Set(trees.flatMap(({ images }) => images.map(({ config }) => config.digest)));
  for (const entry of listAt(await jsonAt("manifest.json", archive))) {
    const configDigest = configDigestIn(textAt(entry, "Config"));
    if (configDigest === undefined || configs.has(configDigest)) continue;
    configs.add(configDigest);
    const image = await readDockerEntry(entry, configDigest, archive);
    trees.push({ root: image.descriptor, indexes: [], images: [image] });
  }
  return { trees, blobs: archive.blobs };
}

/** No tree if no part of it is in the archive. */
async function readRoot(root: unknown, archive: Archive): Promise<readonly ImageTree[]> {
  const branch: Branch = { indexes: [], images: [], isPartial: false };
  await readBranch(root, archive, branch, 0);
  const { indexes, images, isPartial } = branch;
  const [first] = indexes;
  if (first !== undefined && !isPartial) return [{ root: first.descriptor, indexes, images }];
  const present = images.filter(({ platform }) => platform.os !== "unknown");
  const [image] = present;
  if (image === undefined) return [];
  if (present.length === 1) return [{ root: image.descriptor, indexes: [], images: present }];
  const pruned = prunedIndex(
    indexes,
    present.map(({ descriptor }) => descriptor.digest),
  );
  return [{ root: pruned.descriptor, indexes: [pruned], images: present }];
}

async function readBranch(root: unknown, archive: Archive, branch: Branch, depth: number): Promise<void> {
  const digest = textAt(root, "digest");
  const bytes = await blobAt(blobPath(digest), digest, archive);
  if (bytes === undefined || depth > maxIndexDepth) {
    branch.isPartial = true;
    return;
  }
  const verdict = readManifest(bytes, textAt(root, "mediaType"));
  if (!verdict.ok) throw new TarFormatError(`${digest} ${verdict.reason}`);
  const { manifest } = verdict;
  const document = { descriptor: { mediaType: manifest.mediaType, digest, size: bytes.length }, bytes };
  if (manifest.kind === "index") {
    branch.indexes.push(document);
    const known = new Set([...branch.indexes, ...branch.images].map(({ descriptor }) => descriptor.digest));
    for (const child of manifest.manifests) {
      if (!known.has(child.digest)) await readBranch(child, archive, branch, depth + 1);
      known.add(child.digest);
    }
    return;
  }
  const image = await readImage(document, manifest, isAttestation(root), archive);
  if (image === undefined) branch.isPartial = true;
  else branch.images.push(image);
}

/** Undefined when the archive does not have all of it. */
async function readImage(
  document: StoredDocument,
  { config, layers }: { readonly config: Descriptor; readonly layers: readonly Descriptor[] },
  isAttested: boolean,
  archive: Archive,
): Promise<SingleImage | undefined> {
  const bytes = await blobAt(blobPath(config.digest), config.digest, archive);
  const entries = layers.map(({ digest }) => archive.members.get(blobPath(digest)));
  if (bytes === undefined || entries.some((entry) => entry?.kind !== "file")) return undefined;
  layers.forEach(({ digest }, at) => place(digest, entries[at], archive));
  const { platform, diffIds, created } = readImageConfig(bytes) ?? {};
  const unknown = { os: "unknown", architecture: "unknown" };
  return {
    ...{ ...document, config, layers, created },
    platform: isAttested || platform === undefined ? unknown : platform,
    diffIds: diffIds ?? [],
  };
}

/** Its layers are not compressed, so their digests are those of the config. They are checked when they are read. */
async function readDockerEntry(entry: unknown, configDigest: string, archive: Archive): Promise<SingleImage> {
  const path = textAt(entry, "Config");
  const bytes = await blobAt(path, configDigest, archive);
  const facts = bytes === undefined ? undefined : readImageConfig(bytes);
  const files = listAt(entry, "Layers").map((layer) => fileAt(String(layer), archive.members));
  if (bytes === undefined || facts?.platform === undefined || files.length !== facts.diffIds.length) {
    throw new TarFormatError(`the image with the config ${quoted(path)} is not whole`);
  }
  const layers = facts.diffIds.map((digest, at): Descriptor => {
    const file = files[at];
    if (file === undefined)
      throw new TarFormatError(`layer ${at + 1} of the config ${quoted(path)} is missing`);
    place(digest, file, archive);
    return { mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size: file.size };
  });
  const config = {
    ...{ mediaType: "application/vnd.oci.image.config.v1+json", digest: configDigest, size: bytes.length },
  };
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers }));
  const descriptor = { mediaType: manifestType, digest: digestOf(manifest), size: manifest.length };
  const { platform, diffIds, created } = facts;
  return { descriptor, bytes: manifest, platform, config, layers, diffIds, created };
}

/** A small blob; undefined when the archive does not have it. */
async function blobAt(name: string, digest: string, archive: Archive): Promise<Uint8Array | undefined> {
  const entry = archive.members.get(name);
  if (entry?.kind !== "file") return undefined;
  const bytes = await readMember(archive.file, entry);
  if (digestOf(bytes) !== digest) throw new TarFormatError(`${name} is not what its digest says`);
  place(digest, entry, archive);
  return bytes;
}

function place(digest: string, entry: TarEntry | undefined, { blobs }: Archive): void {
  if (entry !== undefined) blobs.set(digest, entry);
}

async function jsonAt(name: string, { file, members }: Archive): Promise<unknown> {
  const entry = members.get(name);
  return entry?.kind === "file" ? readDocument(await readMember(file, entry)).value : undefined;
}
