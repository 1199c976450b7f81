import { posix } from "node:path";
import type { ArchivedImage, ArchiveIdentity } from "../../archive/filePorts.js";
import { readPlatform } from "../../oci/manifest.js";
import { isIndexType } from "../../oci/mediaTypes.js";
import { archiveName } from "../../oci/names/archiveName.js";
import { digestOf } from "../../oci/verify.js";
import { addTo } from "../../support/collections.js";
import { listAt, objectAt, textAt, valueAt } from "../../support/json.js";
import { TarFormatError } from "../tar/header.js";
import type { TarEntry } from "../tar/parser.js";
import { blobPath } from "../write/layout.js";

/** A member that is expected to be JSON. */
export interface JsonDocument {
  /** Of its bytes, `sha256:` and hex. */
  readonly digest: string;
  /** Undefined where it is none. */
  readonly value: unknown;
}

/** What is known of an archive. */
export interface ArchiveContents {
  /** By the name of the member: manifest.json, index.json, and what was wanted so far. */
  readonly documents: ReadonlyMap<string, JsonDocument>;
  readonly members: ArchiveMembers;
}

export interface IdentityStep {
  readonly identity: ArchiveIdentity | undefined;
  /** Members that are needed among the documents to learn more. */
  readonly wanted: readonly string[];
}

interface Reading extends ArchiveContents {
  readonly wanted: Set<string>;
  readonly images: ArchivedImage[];
  descriptorsLeft: number;
}

interface Ancestors {
  readonly names: readonly string[];
  readonly indexDigest: string | undefined;
  readonly depth: number;
}

const maxIndexDepth = 5;
const maxDescriptors = 200_000;

export function readDocument(bytes: Uint8Array): JsonDocument {
  const digest = digestOf(bytes);
  try {
    return { digest, value: JSON.parse(Buffer.from(bytes).toString("utf8")) };
  } catch {
    return { digest, value: undefined };
  }
}

/**
 * Which images an archive holds, of whichever producer (facts/archives.md 1). Images of which a document or a layer is missing
 * are left out, as in the archives of hosts that have only their own platform, and attestations always.
 * @throws TarFormatError a document is not what its digest says, a blob is longer or shorter than its manifest says, or
 *   there are too many
 */
export function identityOf(contents: ArchiveContents): IdentityStep {
  const { documents } = contents;
  const reading: Reading = { ...contents, wanted: new Set(), images: [], descriptorsLeft: maxDescriptors };
  for (const root of listAt(documents.get("index.json")?.value, "manifests")) {
    readDescriptor(root, reading, { names: namesOf(root), indexDigest: undefined, depth: 0 });
  }
  const inLayout = mergeEqual(reading.images);
  const entries = listAt(documents.get("manifest.json")?.value);
  const images = withDockerEntries(inLayout, entries, reading);
  const format = formatOf(entries.length, inLayout.length);
  return { identity: images.length === 0 ? undefined : { format, images }, wanted: [...reading.wanted] };
}

function formatOf(dockerImages: number, layoutImages: number): ArchiveIdentity["format"] {
  if (dockerImages === 0) return "oci-archive";
  return layoutImages === 0 ? "docker-archive" : "hybrid";
}

/** Undefined where it is missing. */
function documentAt(name: string, digest: string, reading: Reading): JsonDocument | undefined {
  const document = reading.documents.get(name);
  if (document === undefined && reading.members.has(name)) reading.wanted.add(name);
  if (document !== undefined && document.digest !== digest) {
    throw new TarFormatError(`${name} is not what its digest says`);
  }
  return document;
}

/** Whether the blob of a descriptor is there. */
function hasBlob(descriptor: unknown, { members }: Reading): boolean {
  const name = blobPath(textAt(descriptor, "digest"));
  const entry = fileAt(name, members);
  const size = valueAt(descriptor, "size");
  if (entry !== undefined && typeof size === "number" && size !== entry.size) {
    throw new TarFormatError(`${name} has ${entry.size} bytes instead of ${size}`);
  }
  return entry !== undefined;
}

/** A small archive may list the same thing over and over; the limit is on the number of lookups. */
function count(descriptors: number, reading: Reading): void {
  reading.descriptorsLeft -= descriptors;
  if (reading.descriptorsLeft < 0) throw new TarFormatError(`more than ${maxDescriptors} descriptors`);
}

function readDescriptor(descriptor: unknown, reading: Reading, ancestors: Ancestors): void {
  count(1, reading);
  if (isAttestation(descriptor) || ancestors.depth > maxIndexDepth) return;
  const digest = textAt(descriptor, "digest");
  const document = documentAt(blobPath(digest), digest, reading);
  if (document === undefined || !hasBlob(descriptor, reading)) return;
  const children = listAt(document.value, "manifests");
  if (!isIndexType(textAt(descriptor, "mediaType")) && children.length === 0) {
    readManifest(document, reading, ancestors);
    return;
  }
  const below = { ...ancestors, indexDigest: ancestors.indexDigest ?? digest, depth: ancestors.depth + 1 };
  for (const child of children) readDescriptor(child, reading, below);
}

function readManifest({ digest, value }: JsonDocument, reading: Reading, ancestors: Ancestors): void {
  const configDigest = textAt(value, "config", "digest");
  const config = documentAt(blobPath(configDigest), configDigest, reading);
  const layers = listAt(value, "layers").filter((layer) => listAt(layer, "urls").length === 0);
  count(layers.length, reading);
  const isWhole = [valueAt(value, "config"), ...layers].every((blob) => hasBlob(blob, reading));
  if (config === undefined || !isWhole) return;
  const { names, indexDigest } = ancestors;
  reading.images.push({ names, configDigest, manifestDigest: digest, indexDigest, ...configFacts(config) });
}

/**
 * The entries of manifest.json too. One whose config is in the layout tells only names that the layout does not have: it
 * knows no indexes, and would give the names of an index to an image of its own with the same config.
 */
function withDockerEntries(
  inLayout: readonly ArchivedImage[],
  entries: readonly unknown[],
  reading: Reading,
): readonly ArchivedImage[] {
  const configs = new Set(inLayout.map(({ configDigest }) => configDigest));
  const known = new Set(inLayout.flatMap(({ names }) => names.map(archiveName)));
  const further = new Map<string, string[]>();
  const alone: ArchivedImage[] = [];
  for (const entry of entries) {
    const path = textAt(entry, "Config");
    const configDigest = configDigestIn(path);
    const names = listAt(entry, "RepoTags").filter((name) => typeof name === "string");
    if (configDigest !== undefined && configs.has(configDigest)) {
      const fresh = names.filter((name) => !known.has(archiveName(name)));
      for (const name of fresh) addTo(further, configDigest, name);
      continue;
    }
    const config = configDigest === undefined ? undefined : documentAt(path, configDigest, reading);
    const isWhole = listAt(entry, "Layers").every(
      (layer) => typeof layer === "string" && fileAt(layer, reading.members) !== undefined,
    );
    if (config === undefined || !isWhole) continue;
    const ids = { configDigest, manifestDigest: undefined, indexDigest: undefined };
    alone.push({ names, ...ids, ...configFacts(config) });
  }
  const withNames = inLayout.map((image) => {
    const more = further.get(image.configDigest ?? "");
    return more === undefined ? image : { ...image, names: unitedNames(image.names, more) };
  });
  return [...withNames, ...mergeEqual(alone)];
}

/** `<hex>.json`, `<hex>`, `sha256:<hex>` and `blobs/sha256/<hex>`. */
export function configDigestIn(path: string): string | undefined {
  const [, hex] = /^(?:blobs\/sha256\/|sha256:)?([0-9a-f]{64})(?:\.json)?$/.exec(path) ?? [];
  return hex === undefined ? undefined : `sha256:${hex}`;
}

function configFacts({ value }: JsonDocument): Pick<ArchivedImage, "diffIds" | "platform"> {
  const diffIds = listAt(value, "rootfs", "diff_ids").filter((digest) => typeof digest === "string");
  return { diffIds, platform: readPlatform(value) };
}

/** Of a descriptor in index.json. A `ref.name` that is only a tag names nothing. */
function namesOf(descriptor: unknown): readonly string[] {
  const annotations = objectAt(descriptor, "annotations");
  const name = textAt(annotations, "io.containerd.image.name");
  if (name !== "") return [name];
  const refName = textAt(annotations, "org.opencontainers.image.ref.name");
  return /[/:]/.test(refName) ? [refName] : [];
}

/** BuildKit's attestations stand beside images in an index, and are no images. */
export function isAttestation(descriptor: unknown): boolean {
  const type = textAt(descriptor, "annotations", "vnd.docker.reference.type");
  return type !== "" || textAt(descriptor, "platform", "os") === "unknown";
}

/** There may be a descriptor in index.json, or an entry in manifest.json, for every name of an image. */
function mergeEqual(images: readonly ArchivedImage[]): readonly ArchivedImage[] {
  const merged = new Map<string, ArchivedImage>();
  for (const image of images) {
    const key = [image.configDigest, image.manifestDigest, image.indexDigest].join(" ");
    const same = merged.get(key);
    merged.set(key, same === undefined ? image : { ...same, names: unitedNames(same.names, image.names) });
  }
  return [...merged.values()];
}

/** All names, each once, in the spelling that comes first. */
function unitedNames(names: readonly string[], more: readonly string[]): readonly string[] {
  const spellings = new Map<string, string>();
  for (const name of [...names, ...more]) {
    const full = archiveName(name);
    if (!spellings.has(full)) spellings.set(full, name);
  }
  return [...spellings.values()];
}

/** The members of a tar by name; of several with one name the last, as in every tar. */
export type ArchiveMembers = ReadonlyMap<string, TarEntry>;

/** The file of this name. Follows a link within the archive: Docker before 25 links equal layers. */
export function fileAt(name: string, members: ArchiveMembers): TarEntry | undefined {
  const entry = members.get(name);
  if (entry?.kind === "file") return entry;
  if (entry?.kind !== "symlink" && entry?.kind !== "link") return undefined;
  const base = entry.kind === "symlink" ? posix.dirname(name) : ".";
  const target = members.get(posix.join(base, entry.target));
  return target?.kind === "file" ? target : undefined;
}
