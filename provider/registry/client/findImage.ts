import type { Descriptor, ImageTree, SingleImage, StoredDocument } from "../../oci/content.js";
import { readImageConfig } from "../../oci/imageConfig.js";
import { type Manifest, readManifest } from "../../oci/manifest.js";
import { isEncryptedLayer, isForeignLayer, isImageConfigType, isIndexType } from "../../oci/mediaTypes.js";
import {
  formatPlatform,
  isPlatform,
  isRunnable,
  type Platform,
  unknownPlatform,
} from "../../oci/platform.js";
import { prunedIndex } from "../../oci/prunedIndex.js";
import { mapConcurrently } from "../../support/async/concurrency.js";
import { ImageError } from "../../support/imageError.js";
import { repositoryOf, readConfigBlob, readManifestDocument } from "./documents.js";
import type { RepositorySession } from "./session.js";

interface Indexes {
  readonly documents: readonly StoredDocument[];
  /** Of the images in them, in order, each once. */
  readonly leaves: readonly Descriptor[];
}

const documentsAtATime = 4;
/** Documents of one image; the largest indexes have some dozens. */
const maxDocuments = 1000;
const maxDepth = 4;

/**
 * Everything about an image but the content of its layers, every document verified. Without `platforms` the tree is what
 * the reference names, with attestations and whatever else is in its index. With them it is the images for these
 * platforms alone: the one manifest, or an index of several, which is a new one unless nothing is left out.
 * @throws ImageError REGISTRY_*; REGISTRY_PLATFORM names the platforms that there are
 */
export async function findImage(
  session: RepositorySession,
  tagOrDigest: string,
  platforms: readonly Platform[] | undefined,
  signal: AbortSignal,
): Promise<ImageTree> {
  const read = { session, signal };
  const root = await readDocument(read, tagOrDigest, undefined);
  if (root.manifest.kind === "image") return await singleTree(read, root, platforms);
  const indexes = await readIndexes(read, root);
  return platforms === undefined
    ? await wholeTree(read, root.document, indexes)
    : await chosenTree(read, root.document, indexes, platforms);
}

interface Reading {
  readonly session: RepositorySession;
  readonly signal: AbortSignal;
}

interface ReadDocument {
  readonly document: StoredDocument;
  readonly manifest: Manifest;
}

async function readDocument(
  { session, signal }: Reading,
  tagOrDigest: string,
  expected: Descriptor | undefined,
): Promise<ReadDocument> {
  const { descriptor, bytes } = await readManifestDocument(session, tagOrDigest, signal);
  const verdict = readManifest(bytes, expected?.mediaType ?? descriptor.mediaType);
  if (!verdict.ok) {
    const code = verdict.isKnown ? "REGISTRY_UNSUPPORTED" : "REGISTRY_CORRUPT";
    throw new ImageError(code, `Cannot pull ${repositoryOf(session)}: ${tagOrDigest} ${verdict.reason}`);
  }
  if (expected !== undefined && expected.size !== bytes.length) {
    const text = `${tagOrDigest} has ${bytes.length} bytes, and its index says ${expected.size}`;
    throw new ImageError("REGISTRY_CORRUPT", `Cannot pull ${repositoryOf(session)}: ${text}`);
  }
  const { mediaType } = verdict.manifest;
  const stored = expected ?? { ...descriptor, mediaType };
  return { document: { descriptor: stored, bytes }, manifest: verdict.manifest };
}

async function singleTree(
  read: Reading,
  root: ReadDocument,
  platforms: readonly Platform[] | undefined,
): Promise<ImageTree> {
  const image = await readImage(read, root, false);
  if (platforms !== undefined && !platforms.every((wanted) => isPlatform(image.platform, wanted))) {
    throw noPlatform(read.session, platforms, [image.platform]);
  }
  return { root: root.document.descriptor, indexes: [], images: [image] };
}

/** Depth first, as in `ImageTree`. */
async function readIndexes(read: Reading, root: ReadDocument): Promise<Indexes> {
  const documents: StoredDocument[] = [];
  const leaves = new Map<string, Descriptor>();
  const visit = async ({ document, manifest }: ReadDocument, depth: number): Promise<void> => {
    if (manifest.kind !== "index") {
      throw unsupported(
        read.session,
        `${document.descriptor.digest} is an image although it is announced as an index`,
      );
    }
    documents.push(document);
    if (depth > maxDepth || documents.length + leaves.size + manifest.manifests.length > maxDocuments) {
      throw unsupported(read.session, "its index is nested too deeply, or has too many entries");
    }
    for (const child of manifest.manifests) {
      if (isIndexType(child.mediaType)) {
        if (documents.some(({ descriptor }) => descriptor.digest === child.digest)) continue;
        await visit(await readDocument(read, child.digest, child), depth + 1);
      } else if (!leaves.has(child.digest)) leaves.set(child.digest, child);
    }
  };
  await visit(root, 1);
  return { documents, leaves: [...leaves.values()] };
}

async function wholeTree(
  read: Reading,
  root: StoredDocument,
  { documents, leaves }: Indexes,
): Promise<ImageTree> {
  const images = await readImages(read, leaves);
  if (!images.some(({ platform }) => isRunnable(platform))) {
    throw unsupported(read.session, `the index ${root.descriptor.digest} lists no image for any platform`);
  }
  return { root: root.descriptor, indexes: documents, images };
}

async function chosenTree(
  read: Reading,
  root: StoredDocument,
  { documents, leaves }: Indexes,
  platforms: readonly Platform[],
): Promise<ImageTree> {
  const isWanted = (offered: Platform) => platforms.some((wanted) => isPlatform(offered, wanted));
  // An image without a platform in the index must be read; one for another platform need not be.
  const candidates = leaves.filter(({ platform }) => platform === undefined || isWanted(platform));
  const images = (await readImages(read, candidates)).filter(({ platform }) => isWanted(platform));
  const missing = platforms.filter((wanted) => !images.some(({ platform }) => isPlatform(platform, wanted)));
  if (missing.length > 0) {
    const said = leaves.flatMap(({ platform }) => (platform === undefined ? [] : [platform]));
    throw noPlatform(read.session, missing, [...said, ...images.map(({ platform }) => platform)]);
  }
  const [first] = images;
  if (images.length === 1 && first !== undefined) return { root: first.descriptor, indexes: [], images };
  if (images.length === leaves.length) return { root: root.descriptor, indexes: documents, images };
  const index = prunedIndex(
    documents,
    images.map(({ descriptor }) => descriptor.digest),
  );
  return { root: index.descriptor, indexes: [index], images };
}

async function readImages(read: Reading, leaves: readonly Descriptor[]): Promise<readonly SingleImage[]> {
  return await mapConcurrently(leaves, documentsAtATime, async (leaf) =>
    readImage(read, await readDocument(read, leaf.digest, leaf), isAttachment(leaf)),
  );
}

async function readImage(
  { session, signal }: Reading,
  { document, manifest }: ReadDocument,
  mayBeArtifact: boolean,
): Promise<SingleImage> {
  const { descriptor } = document;
  if (manifest.kind === "index") {
    throw unsupported(session, `${descriptor.digest} is an index although it is announced as an image`);
  }
  const { config, layers } = manifest;
  const isImage = isImageConfigType(config.mediaType);
  if (!isImage && !mayBeArtifact) {
    throw unsupported(
      session,
      `${descriptor.digest} is no image but an artifact (${JSON.stringify(config.mediaType).slice(0, 100)})`,
    );
  }
  refuseLayers(session, descriptor, layers);
  const known = isImage ? readImageConfig(await readConfigBlob(session, config, signal)) : undefined;
  if (isImage && known === undefined) {
    throw new ImageError(
      "REGISTRY_CORRUPT",
      `Cannot pull ${repositoryOf(session)}: the config ${config.digest} is not JSON`,
    );
  }
  const platform = descriptor.platform ?? known?.platform ?? unknownPlatform;
  const { diffIds = [], created } = known ?? {};
  return { ...document, platform, config, layers, diffIds, created };
}

function refuseLayers(
  session: RepositorySession,
  { digest }: Descriptor,
  layers: readonly Descriptor[],
): void {
  const encrypted = layers.find(({ mediaType }) => isEncryptedLayer(mediaType));
  if (encrypted !== undefined)
    throw unsupported(session, `layer ${encrypted.digest} of ${digest} is encrypted`);
  const foreign = layers.find(({ mediaType, urls = [] }) => isForeignLayer(mediaType) && urls.length > 0);
  if (foreign === undefined) return;
  const hosts = (foreign.urls ?? []).map((url) => URL.parse(url)?.host ?? "an unusable address");
  const text =
    `layer ${foreign.digest} of ${digest} is not in the registry but elsewhere (${hosts.join(", ").slice(0, 200)}), from ` +
    "where nothing is fetched. Push the image with all its layers (dockerd: allow-nondistributable-artifacts), or choose " +
    "other platforms";
  throw unsupported(session, text);
}

/** An index may list what belongs to its images: signatures, attestations, SBOMs. */
function isAttachment({ platform }: Descriptor): boolean {
  return platform === undefined || !isRunnable(platform);
}

function noPlatform(
  session: RepositorySession,
  wanted: readonly Platform[],
  offered: readonly Platform[],
): ImageError {
  const names = (platforms: readonly Platform[]) =>
    [...new Set(platforms.map(formatPlatform))].sort().join(", ");
  const there = offered.filter(isRunnable);
  const text = `it is not for ${names(wanted)}, but for ${there.length === 0 ? "nothing that it names" : names(there)}`;
  return new ImageError("REGISTRY_PLATFORM", `Cannot pull ${repositoryOf(session)}: ${text}`);
}

function unsupported(session: RepositorySession, what: string): ImageError {
  return new ImageError("REGISTRY_UNSUPPORTED", `Cannot pull ${repositoryOf(session)}: ${what}`);
}
