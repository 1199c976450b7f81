import { gzipped, layerTar } from "./layerTar.js";
import { dockerListType } from "./manifests.js";
import { digestOf, type RegistryStore } from "./store.js";

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

export interface ImageContent {
  /** The content of its layers, which distinguishes it from other images. Default: the repository and tag. */
  readonly content?: string;
  /** Default 1. */
  readonly layers?: number;
  /** Bytes of incompressible data in each layer, for images of some size. */
  readonly layerBytes?: number;
  readonly platform?: Platform;
  readonly env?: readonly string[];
  readonly cmd?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** RFC 3339; default the first second of 2024. */
  readonly created?: string;
  /** Docker's media types instead of OCI's. */
  readonly docker?: boolean;
}

export interface PublishedImage {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  /** Absent for an index. */
  readonly configDigest?: string;
  readonly layerDigests: readonly string[];
  /** Of an index, in the order of its platforms. */
  readonly children: readonly PublishedImage[];
}

export const ociTypes = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
};

export const dockerTypes = {
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  index: dockerListType,
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
};

export const defaultPlatform: Platform = { os: "linux", architecture: "amd64" };

/** Puts a small image under a tag (or, without one, only under its digest). The same arguments give the same digest. */
export function publishImage(
  store: RegistryStore,
  repository: string,
  tag: string | undefined,
  image: ImageContent = {},
): PublishedImage {
  const types = image.docker === true ? dockerTypes : ociTypes;
  const content = image.content ?? `${repository}:${tag ?? ""}`;
  const { architecture } = image.platform ?? defaultPlatform;
  const tars = Array.from({ length: image.layers ?? 1 }, (_, index) =>
    layerTar({
      [`data/${architecture}-${index}.txt`]: `${content} ${architecture} layer ${index}\n`,
      ...(image.layerBytes === undefined
        ? {}
        : { [`data/${index}.bin`]: noise(`${content}${architecture}${index}`, image.layerBytes) }),
    }),
  );
  const layers = tars.map((tar) => {
    const blob = gzipped(tar);
    return { mediaType: types.layer, digest: store.putBlob(repository, blob), size: blob.length };
  });
  const config = Buffer.from(JSON.stringify(configOf(image, tars)));
  const configDescriptor = {
    mediaType: types.config,
    digest: store.putBlob(repository, config),
    size: config.length,
  };
  const manifest = { schemaVersion: 2, mediaType: types.manifest, config: configDescriptor, layers };
  return {
    ...putJson(store, repository, tag, types.manifest, manifest),
    configDigest: configDescriptor.digest,
    layerDigests: layers.map((layer) => layer.digest),
    children: [],
  };
}

/** Puts an index with one image for each platform. */
export function publishIndex(
  store: RegistryStore,
  repository: string,
  tag: string | undefined,
  platforms: readonly Platform[],
  image: ImageContent = {},
): PublishedImage {
  const types = image.docker === true ? dockerTypes : ociTypes;
  const content = image.content ?? `${repository}:${tag ?? ""}`;
  const children = platforms.map((platform) =>
    publishImage(store, repository, undefined, { ...image, content, platform }),
  );
  const manifests = children.map(({ mediaType, digest, size }, index) => ({
    mediaType,
    digest,
    size,
    platform: platforms[index],
  }));
  const index = { schemaVersion: 2, mediaType: types.index, manifests };
  return { ...putJson(store, repository, tag, types.index, index), layerDigests: [], children };
}

/** Points a tag to another image of the repository, given by tag or digest. */
export function moveTag(store: RegistryStore, repository: string, tag: string, target: string): void {
  const manifest = store.manifest(repository, target);
  if (manifest === undefined) throw new Error(`${repository} has no ${target} that ${tag} could be moved to`);
  store.putManifest(repository, tag, manifest.mediaType, manifest.content);
}

function putJson(
  store: RegistryStore,
  repository: string,
  tag: string | undefined,
  mediaType: string,
  value: unknown,
): { readonly digest: string; readonly mediaType: string; readonly size: number } {
  const content = Buffer.from(JSON.stringify(value));
  const { digest } = store.putManifest(repository, tag, mediaType, content);
  return { digest, mediaType, size: content.length };
}

function configOf(image: ImageContent, tars: readonly Buffer[]): unknown {
  const created = image.created ?? "2024-01-01T00:00:00Z";
  return {
    created,
    ...(image.platform ?? defaultPlatform),
    config: {
      Cmd: image.cmd ?? ["/x"],
      Env: image.env ?? ["A=b"],
      ...(image.labels === undefined ? {} : { Labels: image.labels }),
    },
    rootfs: { type: "layers", diff_ids: tars.map(digestOf) },
    history: tars.map((_, index) => ({ created, created_by: `layer ${index}` })),
  };
}

/** Bytes that look random and are the same for the same seed. */
export function noise(seed: string, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let block = digestOf(seed), filled = 0; filled < length; filled += 32, block = digestOf(block)) {
    blocks.push(Buffer.from(block.slice("sha256:".length), "hex"));
  }
  return Buffer.concat(blocks).subarray(0, length);
}
