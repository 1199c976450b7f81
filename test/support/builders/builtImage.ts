import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { BlobSource } from "../../../provider/archive/filePorts.js";
import type { Descriptor, ImageTree, SingleImage, StoredDocument } from "../../../provider/oci/content.js";
import type { Platform } from "../../../provider/oci/platform.js";
import type { RequestOptions } from "../../../provider/okd/requestOptions.js";
import { writeTar } from "../../../provider/tarball/tar/writer.js";
import type { NamedTree } from "../../../provider/tarball/write/layout.js";

export const manifestType = "application/vnd.oci.image.manifest.v1+json";
export const indexType = "application/vnd.oci.image.index.v1+json";
export const amd64: Platform = { os: "linux", architecture: "amd64" };
export const arm64: Platform = { os: "linux", architecture: "arm64" };

/** Images with their blobs, all in memory. */
export interface BuiltImage {
  readonly tree: ImageTree;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** An image whose layers are tars with one file each, gzipped, and that have these texts. */
export async function buildImage(layers: readonly string[], platform = amd64): Promise<BuiltImage> {
  const blobs = new Map<string, Uint8Array>();
  const store = (mediaType: string, bytes: Uint8Array): Descriptor => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const tars = await Promise.all(layers.map((text) => layerTar(text)));
  const diffIds = tars.map(digestOf);
  const { osVersion, ...rest } = platform;
  const config = store(
    "application/vnd.oci.image.config.v1+json",
    json({
      ...rest,
      ...(osVersion === undefined ? {} : { "os.version": osVersion }),
      config: {},
      rootfs: { type: "layers", diff_ids: diffIds },
      history: [],
    }),
  );
  const descriptors = tars.map((tar) => store("application/vnd.oci.image.layer.v1.tar+gzip", gzipSync(tar)));
  const manifest = json({ schemaVersion: 2, mediaType: manifestType, config, layers: descriptors });
  const descriptor = { mediaType: manifestType, digest: digestOf(manifest), size: manifest.length };
  const image: SingleImage = {
    ...{ descriptor, bytes: manifest, platform, config, layers: descriptors, diffIds, created: undefined },
  };
  return { tree: { root: descriptor, indexes: [], images: [image] }, blobs };
}

/** An index of images; of indexes where it is given those. */
export function buildIndex(children: readonly BuiltImage[]): BuiltImage {
  const manifests = children.map(({ tree: { root, indexes, images } }) =>
    indexes.length > 0 ? root : { ...root, platform: images[0]?.platform },
  );
  const bytes = json({ schemaVersion: 2, mediaType: indexType, manifests });
  const index: StoredDocument = {
    descriptor: { mediaType: indexType, digest: digestOf(bytes), size: bytes.length },
    bytes,
  };
  return {
    tree: {
      root: index.descriptor,
      indexes: [index, ...children.flatMap(({ tree }) => tree.indexes)],
      images: children.flatMap(({ tree }) => tree.images),
    },
    blobs: new Map(children.flatMap(({ blobs }) => [...blobs])),
  };
}

export function named(image: BuiltImage, ...names: readonly string[]): NamedTree {
  return { names, tree: image.tree };
}

/** Yields blobs in pieces of odd sizes. */
export function sourceOf({ blobs }: Pick<BuiltImage, "blobs">): BlobSource {
  return {
    async *read({ digest }) {
      const bytes = blobs.get(digest);
      if (bytes === undefined) throw new Error(`no blob ${digest}`);
      for (let at = 0; at < bytes.length; at += 1000) {
        await Promise.resolve();
        yield bytes.subarray(at, at + 1000);
      }
    },
  };
}

export async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A tar of files with these contents. */
export async function tarOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  const members = Object.entries(files).map(([name, content]) => {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    return { name, size: bytes.length, content: { kind: "bytes", bytes } } as const;
  });
  return await collect(writeTar(members, [], neverAborted));
}

export const neverAborted: RequestOptions = { signal: new AbortController().signal };

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

async function layerTar(text: string): Promise<Buffer> {
  return await tarOf({ [`${text.slice(0, 40).replaceAll(/\W/g, "_")}.txt`]: text });
}
