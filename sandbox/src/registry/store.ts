import { createHash, randomUUID } from "node:crypto";

export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly content: Buffer;
}

interface Repository {
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, string>;
  /** Blobs that were pushed to, or mounted into, this repository. */
  readonly blobs: Set<string>;
}

export function digestOf(content: Buffer | string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** The content of a registry: blobs are shared, repositories link to them. */
export class RegistryStore {
  readonly uploads = new UploadSessions();
  readonly #blobs = new Map<string, Buffer>();
  readonly #repositories = new Map<string, Repository>();

  repositories(): readonly string[] {
    return [...this.#repositories.keys()].sort();
  }

  hasRepository(name: string): boolean {
    return this.#repositories.has(name);
  }

  tags(name: string): readonly string[] {
    return [...(this.#repositories.get(name)?.tags.keys() ?? [])].sort();
  }

  /** By tag or digest. */
  manifest(name: string, reference: string): StoredManifest | undefined {
    const repository = this.#repositories.get(name);
    const digest = reference.includes(":") ? reference : repository?.tags.get(reference);
    return digest === undefined ? undefined : repository?.manifests.get(digest);
  }

  putManifest(name: string, tag: string | undefined, mediaType: string, content: Buffer): StoredManifest {
    const manifest = { digest: digestOf(content), mediaType, content };
    const repository = this.#repository(name);
    repository.manifests.set(manifest.digest, manifest);
    if (tag !== undefined) repository.tags.set(tag, manifest.digest);
    return manifest;
  }

  /** Removes the manifest and the tags that point to it. */
  deleteManifest(name: string, digest: string): boolean {
    const repository = this.#repositories.get(name);
    if (repository === undefined || !repository.manifests.delete(digest)) return false;
    for (const [tag, target] of repository.tags) if (target === digest) repository.tags.delete(tag);
    return true;
  }

  deleteTag(name: string, tag: string): boolean {
    return this.#repositories.get(name)?.tags.delete(tag) ?? false;
  }

  blob(name: string, digest: string): Buffer | undefined {
    return this.#repositories.get(name)?.blobs.has(digest) === true ? this.#blobs.get(digest) : undefined;
  }

  putBlob(name: string, content: Buffer): string {
    const digest = digestOf(content);
    this.#blobs.set(digest, content);
    this.#repository(name).blobs.add(digest);
    return digest;
  }

  mountBlob(name: string, from: string, digest: string): boolean {
    if (this.blob(from, digest) === undefined) return false;
    this.#repository(name).blobs.add(digest);
    return true;
  }

  deleteBlob(name: string, digest: string): boolean {
    return this.#repositories.get(name)?.blobs.delete(digest) ?? false;
  }

  #repository(name: string): Repository {
    const existing = this.#repositories.get(name);
    if (existing !== undefined) return existing;
    const created: Repository = { manifests: new Map(), tags: new Map(), blobs: new Set() };
    this.#repositories.set(name, created);
    return created;
  }
}

/** Unfinished uploads, with the bytes that have arrived. */
export class UploadSessions {
  readonly #uploads = new Map<string, Buffer>();

  start(): string {
    const id = randomUUID();
    this.#uploads.set(id, Buffer.alloc(0));
    return id;
  }

  received(id: string): Buffer | undefined {
    return this.#uploads.get(id);
  }

  /** Answers the number of bytes so far. */
  append(id: string, chunk: Buffer): number {
    const grown = Buffer.concat([this.#uploads.get(id) ?? Buffer.alloc(0), chunk]);
    this.#uploads.set(id, grown);
    return grown.length;
  }

  end(id: string): void {
    this.#uploads.delete(id);
  }
}
