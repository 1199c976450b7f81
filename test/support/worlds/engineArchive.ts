import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineFault, EngineVersion, SandboxEngine } from "okd-image-sandbox";
import { type Disk, realDisk, type WritableFile } from "../../../provider/tarball/file/atomic.js";
import { archiveIdentity } from "../archiveIdentity.js";
import { type ArchiveWorld, startArchiveWorld } from "./archive.js";

export const amd64 = { os: "linux", architecture: "amd64" };
export const arm64 = { os: "linux", architecture: "arm64" };
const gigabyte = 1e9;

/** A disk that gets full after some bytes of each file; before, it says how much is free. */
class SmallDisk implements Disk {
  room = Infinity;
  free = 1000 * gigabyte;

  async open(path: string, flags: number, mode: number): Promise<WritableFile> {
    const file = await realDisk.open(path, flags, mode);
    let left = this.room;
    return {
      chmod: file.chmod.bind(file),
      sync: file.sync.bind(file),
      stat: file.stat.bind(file),
      close: file.close.bind(file),
      datasync: file.datasync.bind(file),
      writev: (chunks) => {
        for (const { length } of chunks) left -= length;
        if (left >= 0) return file.writev(chunks);
        return Promise.reject(
          Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" }),
        );
      },
    };
  }

  statfs() {
    return Promise.resolve({ bavail: this.free, bsize: 1 });
  }
}

export type Engine = ReturnType<ArchiveWorld["pulumi"]>;

/** A container engine with `acme/web:v1`, and what tests do to an archive of it; fresh for every test. */
export class EngineArchive {
  readonly disk = new SmallDisk();
  world!: ArchiveWorld;
  container!: SandboxEngine;
  /** ID of `acme/web:v1`. */
  id = "";

  async open(): Promise<void> {
    Object.assign(this.disk, new SmallDisk());
    this.world = await startArchiveWorld({ disk: this.disk });
    await this.use("docker-28");
  }

  async use(version: EngineVersion): Promise<void> {
    this.container = await this.world.container(version);
    this.id = this.container.images.add(["acme/web:v1"], { content: "one", layerBytes: 20_000 });
  }

  file(name = "web.tar"): string {
    return join(this.world.folder, name);
  }

  sha256(name?: string): string {
    return createHash("sha256")
      .update(readFileSync(this.file(name)))
      .digest("hex");
  }

  identity(name?: string) {
    return archiveIdentity(this.file(name));
  }

  archive(more: object = {}) {
    return {
      path: "web.tar",
      images: [{ engine: "acme/web:v1" }],
      engine: { host: this.container.host },
      ...more,
    };
  }

  images(...references: readonly string[]) {
    return this.archive({ images: references.map((engine) => ({ engine })) });
  }

  exports(): number {
    return this.container.requests.filter((request) => /\/get(?:\?|$)/.test(request)).length;
  }

  moveTag(): string {
    return this.container.images.add(["acme/web:v1"], { content: "two", layerBytes: 20_000 });
  }

  fault(each: EngineFault): void {
    this.container.faults.add(each);
  }

  /** A good archive is there, and its image has moved, so that the next run writes. */
  async written(args = this.archive()): Promise<Engine> {
    const pulumi = this.world.pulumi();
    await pulumi.up(args);
    this.moveTag();
    return pulumi;
  }

  /** The next run fails like this, leaves the old file and nothing else, and the one after it succeeds. */
  async failsWithoutLoss(pulumi: Engine, message: RegExp, more: object = {}): Promise<void> {
    const before = this.sha256();
    await assert.rejects(pulumi.up(this.archive(more)), message);
    assert.equal(this.sha256(), before);
    assert.deepEqual(readdirSync(this.world.folder), ["web.tar"]);

    Object.assign(this.disk, new SmallDisk());
    await pulumi.up(this.archive());
    assert.notEqual(this.sha256(), before);
    assert.ok((await this.identity()) !== undefined);
    assert.equal((await pulumi.preview(this.archive())).step, "same");
  }

  /** A second run finds nothing to do and exports nothing. */
  async isQuiet(args: object): Promise<void> {
    const pulumi = this.world.pulumi();
    await pulumi.up(args);
    const before = this.exports();
    assert.equal((await pulumi.preview(args)).step, "same");
    assert.equal((await pulumi.up(args)).step, "same");
    assert.equal(this.exports(), before);
  }
}

/** For the body of a suite. */
export function useEngineArchive(): EngineArchive {
  const scene = new EngineArchive();
  beforeEach(() => scene.open());
  afterEach(() => scene.world.close());
  return scene;
}
