import assert from "node:assert/strict";
import type { ImageContent, Platform, PublishedImage } from "okd-image-sandbox";
import { publishImage, publishIndex } from "okd-image-sandbox/internal/registry/publish";
import { RegistryStore } from "okd-image-sandbox/internal/registry/store";
import { Agent, request } from "undici";

export interface RegistryAccess {
  /** `host:port`, as in references. */
  readonly host: string;
  readonly url: string;
  readonly certificateAuthority?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

export interface RegistryPush {
  image(repository: string, tag: string, image: ImageContent): Promise<PublishedImage>;
  index(
    repository: string,
    tag: string,
    platforms: readonly Platform[],
    image: ImageContent,
  ): Promise<PublishedImage>;
  deleteManifest(repository: string, digest: string): Promise<void>;
  close(): Promise<void>;
}

/** Makes images in memory and pushes them as any client does, so that the suite can fill a registry it does not own. */
export function openRegistryPush(access: RegistryAccess): RegistryPush {
  const { certificateAuthority: ca, username } = access;
  const dispatcher = new Agent({ connect: ca === undefined ? {} : { ca } });
  const basic = Buffer.from(`${username ?? ""}:${access.password ?? ""}`).toString("base64");
  const authorization: Record<string, string> =
    username === undefined ? {} : { authorization: `Basic ${basic}` };
  const send = async (
    method: "POST" | "PUT" | "DELETE",
    url: string,
    body?: Buffer,
    type?: string,
  ): Promise<URL> => {
    const target = new URL(url, access.url);
    const answer = await request(target, {
      method,
      dispatcher,
      headers: { ...authorization, ...(type === undefined ? {} : { "content-type": type }) },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.body.text();
    assert.ok(answer.statusCode < 300, `${method} ${url}: ${answer.statusCode} ${text}`);
    return new URL(String(answer.headers.location ?? "/"), target);
  };
  const pushBlob = async (repository: string, digest: string, content: Buffer): Promise<void> => {
    const upload = await send("POST", `/v2/${repository}/blobs/uploads/`);
    upload.searchParams.set("digest", digest);
    await send("PUT", upload.href, content, "application/octet-stream");
  };
  const push = async (
    store: RegistryStore,
    repository: string,
    tag: string,
    image: PublishedImage,
  ): Promise<void> => {
    for (const child of image.children) await push(store, repository, child.digest, child);
    const blobs = [...image.layerDigests, ...(image.configDigest === undefined ? [] : [image.configDigest])];
    for (const digest of blobs)
      await pushBlob(repository, digest, store.blob(repository, digest) ?? Buffer.alloc(0));
    const { content } = store.manifest(repository, image.digest) ?? { content: Buffer.alloc(0) };
    await send("PUT", `/v2/${repository}/manifests/${tag}`, content, image.mediaType);
  };
  return {
    image: async (repository, tag, content) => {
      const store = new RegistryStore();
      const image = publishImage(store, repository, undefined, content);
      await push(store, repository, tag, image);
      return image;
    },
    index: async (repository, tag, platforms, content) => {
      const store = new RegistryStore();
      const index = publishIndex(store, repository, undefined, platforms, content);
      await push(store, repository, tag, index);
      return index;
    },
    deleteManifest: async (repository, digest) => {
      await send("DELETE", `/v2/${repository}/manifests/${digest}`);
    },
    close: () => dispatcher.close(),
  };
}
