import { digestOf, UploadSessions } from "../registry/store.js";

interface Links {
  readonly layers: Set<string>;
  readonly manifests: Set<string>;
  /** Blobs that once were linked: the registry's cache still serves them. */
  readonly remembered: Set<string>;
}

/** The registry's disk: blobs by digest, manifests among them, and for each repository the links to its own. */
export class IntegratedStorage {
  readonly uploads = new UploadSessions();
  readonly #blobs = new Map<string, Buffer>();
  /** Blobs that are being pulled through. */
  readonly #coming = new Set<string>();
  readonly #repositories = new Map<string, Links>();

  /** Digests of all blobs. */
  digests(): ReadonlySet<string> {
    return new Set(this.#blobs.keys());
  }

  blob(digest: string): Buffer | undefined {
    return this.#blobs.get(digest);
  }

  /** False while the same blob is on its way already. */
  beginStoring(digest: string): boolean {
    if (this.#coming.has(digest)) return false;
    this.#coming.add(digest);
    return true;
  }

  endStoring(digest: string): void {
    this.#coming.delete(digest);
  }

  putBlob(repository: string, content: Buffer): string {
    const digest = digestOf(content);
    this.#blobs.set(digest, content);
    this.linkLayer(repository, digest);
    return digest;
  }

  putManifest(repository: string, content: Buffer): string {
    const digest = digestOf(content);
    this.#blobs.set(digest, content);
    this.#links(repository).manifests.add(digest);
    return digest;
  }

  deleteBlob(digest: string): boolean {
    return this.#blobs.delete(digest);
  }

  linkLayer(repository: string, digest: string): void {
    this.#links(repository).layers.add(digest);
    this.#links(repository).remembered.add(digest);
  }

  hasLayerLink(repository: string, digest: string): boolean {
    return this.#repositories.get(repository)?.layers.has(digest) ?? false;
  }

  hasManifestLink(repository: string, digest: string): boolean {
    return this.#repositories.get(repository)?.manifests.has(digest) ?? false;
  }

  remembers(repository: string, digest: string): boolean {
    return this.#repositories.get(repository)?.remembered.has(digest) ?? false;
  }

  unlinkLayer(repository: string, digest: string): boolean {
    return this.#repositories.get(repository)?.layers.delete(digest) ?? false;
  }

  unlinkManifest(repository: string, digest: string): boolean {
    return this.#repositories.get(repository)?.manifests.delete(digest) ?? false;
  }

  #links(repository: string): Links {
    const existing = this.#repositories.get(repository);
    if (existing !== undefined) return existing;
    const created: Links = { layers: new Set(), manifests: new Set(), remembered: new Set() };
    this.#repositories.set(repository, created);
    return created;
  }
}
