import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { SandboxEngine } from "okd-image-sandbox";
import { type Disk, realDisk, type WritableFile } from "../../provider/tarball/file/atomic.js";
import { type ArchiveWorld, startArchiveWorld } from "../support/worlds/archive.js";

/** fast-check prints the seed of a failure. */
const moments = { numRuns: 20, endOnFailure: true };
/** Of what is written, evenly: doubles would crowd around 0. */
const share = fc.noBias(fc.nat(899)).map((thousandths) => thousandths / 1000);
/** Of the mapping and the checksum, at least. */
const bytesBeside = 500;
const layerBytes = 150_000;
const names = ["web.tar", "web.tar.json", "web.tar.sha256"];

/** sha256 by name. */
type Files = Readonly<Record<string, string>>;

/** A disk on which so many bytes fit, over all files; as on a real one, the write that meets the end is cut short. */
class FillingDisk implements Disk {
  room = Infinity;
  /** Some file systems find out when they are synced that there is no room. */
  tellsAtSync = false;
  written = 0;
  opened = 0;
  onOpen: () => void = () => undefined;
  onWrite: () => void = () => undefined;

  async open(path: string, flags: number, mode: number): Promise<WritableFile> {
    this.opened += 1;
    this.onOpen();
    if (this.room <= 0) throw noSpace();
    const file = await realDisk.open(path, flags, mode);
    return {
      chmod: file.chmod.bind(file),
      stat: file.stat.bind(file),
      close: file.close.bind(file),
      datasync: () => this.#synced(() => file.datasync()),
      sync: () => this.#synced(() => file.sync()),
      writev: async (chunks) => {
        this.onWrite();
        const all = Buffer.concat(chunks);
        const fitting = this.tellsAtSync ? all : all.subarray(0, Math.max(0, this.room));
        if (fitting.length === 0 && all.length > 0) throw noSpace();
        const { bytesWritten } = await file.writev([fitting]);
        this.room -= bytesWritten;
        this.written += bytesWritten;
        return { bytesWritten };
      },
    };
  }

  statfs() {
    return Promise.resolve({ bavail: Number.MAX_SAFE_INTEGER, bsize: 1 });
  }

  async #synced(sync: () => Promise<void>): Promise<void> {
    if (this.room <= 0) throw noSpace();
    await sync();
  }
}

function noSpace(): Error {
  return Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
}

/** What is read from a registry and from an engine, put aside, written, and described beside it. */
describe("an archive on a disk that gets full", function () {
  this.timeout(120_000);
  let disk: FillingDisk;
  let world: ArchiveWorld;
  let container: SandboxEngine;
  let generation = 0;

  beforeEach(async () => {
    disk = new FillingDisk();
    world = await startArchiveWorld({ disk });
    container = await world.container("docker-28");
  });
  afterEach(() => world.close());

  const archive = (folder: string, compression = "none") => ({
    path: join(folder, "web.tar"),
    images: [`${world.host}/acme/web:v1`, { engine: "acme/app:v1" }],
    engine: { host: container.host },
    manifest: true,
    compression,
  });

  function publishNext(): void {
    generation += 1;
    world.publish("v1", `${generation} ${"x".repeat(2000)}`);
    container.images.add(["acme/app:v1"], { content: `${generation}`, layerBytes });
  }

  /** Everything that a run leaves, without anything in its way. */
  async function undisturbed(compression: string): Promise<Files> {
    const folder = mkdtempSync(join(tmpdir(), "archive-undisturbed-"));
    try {
      await world.pulumi("undisturbed").up(archive(folder, compression));
      return filesIn(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** A run is disturbed: every file is the old or the new one, whole. The next run makes them all new, and leaves nothing else. */
  async function survives(
    folder: string,
    { isFirst, compression }: { readonly isFirst: boolean; readonly compression: string },
    disturbed: (run: () => Promise<unknown>, bytes: number) => Promise<void>,
  ): Promise<void> {
    const pulumi = world.pulumi(folder);
    const args = archive(folder, compression);
    publishNext();
    if (!isFirst) await pulumi.up(args);
    const before = filesIn(folder);
    publishNext();
    const written = disk.written;
    const after = await undisturbed(compression);
    const bytes = disk.written - written;
    assert.notEqual(before["web.tar"], after["web.tar"]);

    const run = () => assert.rejects(pulumi.up(args), /no space left.*ARCHIVE_DISK_FULL/);
    await disturbed(run, bytes);
    const left = filesIn(folder);
    for (const name of new Set([...names, ...Object.keys(left)])) {
      const isWhole = left[name] === before[name] || left[name] === after[name];
      assert.ok(isWhole && names.includes(name), `${name} is neither old nor new`);
    }

    await pulumi.up(args);
    assert.deepEqual(filesIn(folder), after);
    assert.equal((await pulumi.preview(args)).step, "same");
  }

  it("leaves the whole old or new archive at 20 random moments, and the next run nothing else", async () => {
    let run = 0;
    const moment = fc.record({
      isFirst: fc.boolean(),
      tellsAtSync: fc.boolean(),
      isBeside: fc.boolean(),
      compression: fc.constantFrom("none", "gzip"),
      at: share,
    });
    const property = fc.asyncProperty(moment, async ({ at, tellsAtSync, isBeside, ...how }) => {
      const folder = join(world.folder, `${(run += 1)}`);
      mkdirSync(folder);
      await survives(folder, how, async (run, bytes) => {
        const room = isBeside ? bytes - 1 - at * bytesBeside : at * bytes;
        Object.assign(disk, { room: Math.floor(room), tellsAtSync });
        await run();
        Object.assign(disk, { room: Infinity, tellsAtSync: false });
      });
    });
    await fc.assert(property, moments);
  });

  describe("that is a real one", () => {
    let mounted = "";
    before(function () {
      const folder = mkdtempSync(join(tmpdir(), "archive-tmpfs-"));
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], { stdio: "ignore" });
        mounted = folder;
      } catch {
        rmdirSync(folder); // only root may
        const line = "archives on a file system that gets full\tthe right to mount\n";
        if (process.env.SKIP_REPORT !== undefined) appendFileSync(process.env.SKIP_REPORT, line);
        this.skip();
      }
    });
    after(() => {
      if (mounted === "") return;
      execFileSync("umount", [mounted], { stdio: "ignore" });
      rmdirSync(mounted);
    });

    it("keeps a whole archive at 20 random moments of the export, the archive, and the sidecar files", async () => {
      let run = 0;
      const moment = fc.record({
        isFirst: fc.boolean(),
        compression: fc.constantFrom("none", "gzip"),
        phase: fc.constantFrom("export", "write", "beside"),
        /** Of what the phase writes. */
        at: share,
      });
      const property = fc.asyncProperty(moment, async ({ phase, at, ...how }) => {
        const folder = join(mounted, `${(run += 1)}`);
        mkdirSync(folder);
        const ballast = join(mounted, "ballast");
        const fill = (free: number) => existsSync(ballast) || fillUp(ballast, free);
        await survives(folder, how, async (run, bytes) => {
          disk.opened = 0;
          if (phase === "export") {
            const happens = () => void fill(at * layerBytes);
            container.faults.add({ on: "export", kind: "meanwhile", happens });
          } else if (phase === "write") disk.onWrite = () => fill(at * bytes);
          else disk.onOpen = () => disk.opened > 1 && fill(0);
          await run();
          Object.assign(disk, { onWrite: () => undefined, onOpen: () => undefined });
          rmSync(ballast);
        });
        rmSync(folder, { recursive: true });
        assert.deepEqual(readdirSync(mounted), []);
      });
      await fc.assert(property, moments);
    });
  });
});

function filesIn(folder: string): Files {
  const hash = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
  return Object.fromEntries(readdirSync(folder).map((name) => [name, hash(name)]));
}

/** Takes all space but so many bytes, in pages. */
function fillUp(path: string, free: number): void {
  const file = openSync(path, "w");
  const page = Buffer.alloc(4096);
  try {
    for (;;) writeSync(file, page);
  } catch (error) {
    assert.match(String(error), /ENOSPC/);
  } finally {
    closeSync(file);
  }
  truncateSync(path, Math.max(0, statSync(path).size - Math.ceil(free / page.length) * page.length));
}
