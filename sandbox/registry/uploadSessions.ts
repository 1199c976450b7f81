import { randomUUID } from "node:crypto";

/** Blobs on their way: what has arrived of each upload. */
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

  /** Answers how many bytes there are now. */
  append(id: string, chunk: Buffer): number {
    const grown = Buffer.concat([this.#uploads.get(id) ?? Buffer.alloc(0), chunk]);
    this.#uploads.set(id, grown);
    return grown.length;
  }

  end(id: string): void {
    this.#uploads.delete(id);
  }
}
