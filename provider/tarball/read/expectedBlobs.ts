import type { ArchiveIdentity } from "../../archive/filePorts.js";
import { listAt, textAt } from "../../support/json.js";
import { quoted } from "../../support/text/visible.js";
import { TarFormatError } from "../tar/header.js";
import type { TarEntry } from "../tar/parser.js";
import { blobPath } from "../write/layout.js";
import { type ArchiveContents, type ArchiveMembers, configDigestIn, fileAt } from "./identity.js";

/** The digests that a member must have; at most one of each algorithm. */
export interface ExpectedBlob {
  readonly entry: TarEntry;
  /** Of its bytes. */
  readonly digests: readonly ExpectedDigest[];
  /** Digests of its decompressed content, or of its bytes if it is not compressed; without those in `digests`. */
  readonly diffIds: readonly ExpectedDigest[];
}

export interface ExpectedDigest {
  readonly algorithm: string;
  /** With its algorithm: `sha256:…`. */
  readonly digest: string;
}

/**
 * What an archive's names and documents say about bytes, in the order of the tar: every blob is what it is called, every
 * config what manifest.json calls it, and every layer what the config of its image says, as engines check it when they load
 * it. The last is known of the layers of the manifests, or of indexes over them, in `known`.
 * @throws TarFormatError two of these cannot both be true
 */
export function expectedBlobs(
  { documents, members }: ArchiveContents,
  { images }: ArchiveIdentity,
  known: ReadonlySet<string>,
): readonly ExpectedBlob[] {
  const expectations = createExpectations(members);
  for (const name of members.keys()) {
    const [, algorithm, hex] = /^blobs\/(sha256|sha384|sha512)\/([0-9a-f]+)$/.exec(name) ?? [];
    if (algorithm !== undefined && hex !== undefined) expectations.addBytes(name, `${algorithm}:${hex}`);
  }
  const proven = new Set<string>();
  for (const { manifestDigest = "", indexDigest = "", configDigest, diffIds } of images) {
    const manifest = documents.get(blobPath(manifestDigest))?.value;
    const layers = listAt(manifest, "layers").map((layer) => blobPath(textAt(layer, "digest")));
    const isKnown = known.has(manifestDigest) || known.has(indexDigest);
    if (isKnown) proven.add(JSON.stringify([configDigest, layers]));
    // Docker 25.0 leaves them out of its manifests.
    else if (layers.length === diffIds.length) expectations.addLayers(layers, diffIds);
  }
  for (const entry of listAt(documents.get("manifest.json")?.value)) {
    const [path, layers] = [textAt(entry, "Config"), listAt(entry, "Layers")];
    const configDigest = configDigestIn(path);
    if (configDigest !== undefined) expectations.addBytes(path, configDigest);
    const image = images.find((each) => each.configDigest === configDigest);
    if (image === undefined || proven.has(JSON.stringify([configDigest, layers]))) continue;
    if (layers.length !== image.diffIds.length) {
      const count = `${quoted(path)} has ${image.diffIds.length} layers`;
      throw new TarFormatError(`${count}, and manifest.json ${layers.length}`);
    }
    expectations.addLayers(layers.map(String), image.diffIds);
  }
  return expectations.all();
}

interface Expectation {
  /** By algorithm. */
  readonly digests: Map<string, string>;
  readonly diffIds: Map<string, string>;
}

function createExpectations(members: ArchiveMembers) {
  const expected = new Map<TarEntry, Expectation>();
  const add = (name: string, of: keyof Expectation, digest: string) => {
    const entry = fileAt(name, members);
    if (entry === undefined) return;
    const expectation: Expectation = expected.get(entry) ?? { digests: new Map(), diffIds: new Map() };
    expected.set(entry, expectation);
    const [, algorithm] = /^(sha256|sha384|sha512):/.exec(digest) ?? [];
    if (algorithm === undefined) throw new TarFormatError(`${JSON.stringify(digest)} is no digest`);
    const before = expectation[of].get(algorithm) ?? digest;
    if (before !== digest)
      throw new TarFormatError(`${quoted(entry.name)} cannot be both ${before} and ${digest}`);
    expectation[of].set(algorithm, digest);
  };
  return {
    addBytes: (name: string, digest: string) => add(name, "digests", digest),
    addLayers: (names: readonly string[], diffIds: readonly string[]) =>
      names.forEach((name, at) => add(name, "diffIds", diffIds[at] ?? "")),
    all: (): readonly ExpectedBlob[] =>
      [...expected].map(toBlob).sort((a, b) => a.entry.offset - b.entry.offset),
  };
}

function toBlob([entry, { digests, diffIds }]: readonly [TarEntry, Expectation]): ExpectedBlob {
  const listed = (found: Expectation["digests"]) =>
    [...found].map(([algorithm, digest]) => ({ algorithm, digest }));
  const isFurther = ({ algorithm, digest }: ExpectedDigest) => digests.get(algorithm) !== digest;
  return { entry, digests: listed(digests), diffIds: listed(diffIds).filter(isFurther) };
}
