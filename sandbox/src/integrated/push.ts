import { gzipped, layerTar } from "../registry/layerTar.js";
import { defaultPlatform, dockerTypes, noise, ociTypes, type Platform } from "../registry/publish.js";
import { digestOf } from "../registry/store.js";
import type { RegistryParts } from "./parts.js";
import { recordPush } from "./recordPush.js";

/** Layers with the same content are the same blob, in whatever image. */
export type LayerContent =
  | string
  | {
      readonly content: string;
      /** Incompressible bytes besides, for a layer of some size. */
      readonly bytes: number;
    };

interface ContentOptions {
  /** Docker's media types instead of OCI's. */
  readonly docker?: boolean;
  /** Further fields of the manifest or index: annotations, `subject`, `artifactType`. */
  readonly manifest?: Readonly<Record<string, unknown>>;
}

export interface SingleImageContent extends ContentOptions {
  readonly layers: readonly LayerContent[];
  /** Merged over the config that is made of platform and layers; images with equal ones share the blob. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Default linux/amd64. */
  readonly platform?: Platform;
}

export interface IndexContent extends ContentOptions {
  /** Images, or indexes again. */
  readonly children: readonly PushContent[];
}

export type PushContent = SingleImageContent | IndexContent;

export interface ImagePush {
  readonly namespace: string;
  /** Of the stream, which is created if it is missing. */
  readonly name: string;
  /** Absent: pushed by digest, so that no stream lists it. */
  readonly tag?: string;
  readonly image: PushContent;
  /** RFC 3339; creation time of the Images, the item and the stream, where they are new; default now. */
  readonly createdAt?: string;
  /** `signatures` of the Image. */
  readonly signatures?: readonly object[];
}

export interface PushedImage {
  readonly digest: string;
  /** By the registry's internal name and the digest. */
  readonly reference: string;
  /** Absent for an index. */
  readonly configDigest?: string;
  readonly layerDigests: readonly string[];
  readonly children: readonly PushedImage[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: Platform;
}

interface Stored extends Omit<PushedImage, "reference" | "children"> {
  readonly descriptor: Descriptor;
  readonly content: Buffer;
  readonly config: string;
  readonly children: readonly Stored[];
}

/** A push without HTTP, with the same effects; the same content gives the same digest. */
export function pushImage(parts: RegistryParts, push: ImagePush, internalHost: string): PushedImage {
  const { namespace, name, tag, createdAt = parts.store.timestamp(), signatures } = push;
  const repository = `${namespace}/${name}`;
  const record = (stored: Stored, tagged: string | undefined): PushedImage => {
    const children = stored.children.map((child) => record(child, undefined));
    const { digest, layerDigests, configDigest, content, config } = stored;
    recordPush(parts.store, {
      repository,
      tag: tagged,
      digest,
      mediaType: stored.descriptor.mediaType,
      content,
      config,
      at: createdAt,
      signatures: stored === top ? signatures : undefined,
    });
    const reference = `${internalHost}/${repository}@${digest}`;
    return {
      digest,
      reference,
      layerDigests,
      children,
      ...(configDigest === undefined ? {} : { configDigest }),
    };
  };
  const top = store(parts, repository, push.image);
  return record(top, tag);
}

function store(parts: RegistryParts, repository: string, image: PushContent): Stored {
  return "children" in image ? storeIndex(parts, repository, image) : storeImage(parts, repository, image);
}

function storeImage({ storage }: RegistryParts, repository: string, image: SingleImageContent): Stored {
  const types = image.docker === true ? dockerTypes : ociTypes;
  const tars = image.layers.map(tarOf);
  const layers = tars.map(gzipped).map((blob) => ({
    mediaType: types.layer,
    digest: storage.putBlob(repository, blob),
    size: blob.length,
  }));
  const platform = image.platform ?? defaultPlatform;
  const rootfs = { type: "layers", diff_ids: tars.map(digestOf) };
  const config = JSON.stringify({ created: "2024-01-01T00:00:00Z", ...platform, rootfs, ...image.config });
  const configDigest = storage.putBlob(repository, Buffer.from(config));
  const manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: configDigest, size: Buffer.byteLength(config) },
    layers,
    ...image.manifest,
  };
  const { descriptor, content } = storeManifest(storage, repository, types.manifest, manifest);
  return {
    descriptor: { ...descriptor, platform },
    digest: descriptor.digest,
    content,
    config,
    configDigest,
    layerDigests: layers.map((layer) => layer.digest),
    children: [],
  };
}

function storeIndex(parts: RegistryParts, repository: string, image: IndexContent): Stored {
  const types = image.docker === true ? dockerTypes : ociTypes;
  const children = image.children.map((child) => store(parts, repository, child));
  const index = {
    schemaVersion: 2,
    mediaType: types.index,
    manifests: children.map((child) => child.descriptor),
    ...image.manifest,
  };
  const { descriptor, content } = storeManifest(parts.storage, repository, types.index, index);
  return { descriptor, digest: descriptor.digest, content, config: "{}", layerDigests: [], children };
}

function storeManifest(
  storage: RegistryParts["storage"],
  repository: string,
  mediaType: string,
  manifest: object,
): { readonly descriptor: Descriptor; readonly content: Buffer } {
  const content = Buffer.from(JSON.stringify(manifest));
  const digest = storage.putManifest(repository, content);
  return { descriptor: { mediaType, digest, size: content.length }, content };
}

function tarOf(layer: LayerContent): Buffer {
  const { content, bytes } = typeof layer === "string" ? { content: layer, bytes: 0 } : layer;
  return layerTar({ "content.txt": content, ...(bytes === 0 ? {} : { "noise.bin": noise(content, bytes) }) });
}
