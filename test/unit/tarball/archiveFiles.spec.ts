import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { ArchiveFiles, WriteOptions } from "../../../provider/archive/filePorts.js";
import { createArchiveFiles } from "../../../provider/tarball/archiveFiles.js";
import { type Disk, realDisk } from "../../../provider/tarball/file/atomic.js";
import { cleanUpNow } from "../../../provider/tarball/file/leftovers.js";
import { writeTar } from "../../../provider/tarball/tar/writer.js";
import { planLayout } from "../../../provider/tarball/write/layout.js";
import {
  buildImage,
  collect,
  named,
  neverAborted,
  sourceOf,
  tarOf,
} from "../../support/builders/builtImage.js";

async function* giving(...chunks: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    if (chunk instanceof Error) throw chunk;
    yield Buffer.from(chunk);
  }
}

async function* mebibytes(count: number): AsyncGenerator<Uint8Array> {
  for (let each = 0; each < count; each += 1) {
    await Promise.resolve();
    yield Buffer.alloc(1024 * 1024, each);
  }
}

const sha256 = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex");

describe("the file of an archive", () => {
  let folder: string;
  let path: string;
  const files: ArchiveFiles = createArchiveFiles();
  const plain: WriteOptions = {
    ...neverAborted,
    ...{ mode: 0o600, createDirectories: false, expectedBytes: undefined, compression: "none" },
  };

  beforeEach(async () => {
    folder = await fs.mkdtemp(join(tmpdir(), "archive-files-"));
    path = join(folder, "images.tar");
  });
  afterEach(async () => fs.rm(folder, { recursive: true }));

  const present = () => fs.readdir(folder);
  const text = () => fs.readFile(path, "utf8");

  /** The old file is there, and nothing else. */
  async function assertOld(): Promise<void> {
    assert.deepEqual([await present(), await text()], [["images.tar"], "old"]);
  }

  describe("written", () => {
    it("has the content and the permissions, and is described by its size and digest", async () => {
      const written = await files.write(path, giving("one ", "two"), { ...plain, mode: 0o640 });

      assert.equal(await text(), "one two");
      assert.equal((await fs.stat(path)).mode & 0o777, 0o640);
      assert.deepEqual(written, { ...(await files.stat(path)), sha256: sha256("one two") });
      assert.equal(written.size, 7);
      assert.deepEqual(await present(), ["images.tar"]);
      assert.equal(await files.hash(path, neverAborted), sha256("one two"));
    });

    it("replaces an old file by another one", async () => {
      const before = await files.write(path, giving("old"), plain);
      const after = await files.write(path, giving("new"), plain);
      assert.equal(await text(), "new");
      assert.notEqual(after.fileId, before.fileId);
    });

    it("is readable only by its owner while it is written", async () => {
      let mode = 0;
      const content = async function* () {
        const [unfinished = ""] = (await present()).filter((name) => name.endsWith(".partial"));
        mode = (await fs.stat(join(folder, unfinished))).mode & 0o777;
        yield Buffer.from("x");
      };
      await files.write(path, content(), { ...plain, mode: 0o644 });
      assert.equal(mode, 0o600);
    });

    for (const [compression, decompress] of [
      ["gzip", gunzipSync],
      ["zstd", zstdDecompressSync],
    ] as const) {
      it(`is compressed with ${compression}, always alike, and can be identified`, async () => {
        const image = await buildImage(["a"]);
        const members = planLayout([named(image, "x:1")], "docker-archive");
        const content = () => writeTar(members, [sourceOf(image)], neverAborted);

        const first = await files.write(path, content(), { ...plain, compression });
        const bytes = await fs.readFile(path);
        const second = await files.write(path, content(), { ...plain, compression });

        assert.deepEqual(decompress(bytes), await collect(content()));
        assert.deepEqual([first.sha256, first.size], [sha256(bytes), bytes.length]);
        assert.equal(second.sha256, first.sha256);
        const found = await files.identify(path, neverAborted);
        assert.ok(found.kind === "archive");
        assert.deepEqual([found.identity.images.length, found.compression], [1, compression]);
      });
    }

    it("creates folders where that is wanted, else names the argument", async () => {
      const below = join(folder, "a/b/images.tar");
      await assert.rejects(files.write(below, giving("x"), plain), /createDirectories: true.*ARCHIVE_PATH/);
      await files.write(below, giving("x"), { ...plain, createDirectories: true });
      assert.equal(await fs.readFile(below, "utf8"), "x");
    });

    it("works for the longest names", async () => {
      for (const name of ["n".repeat(255), "ü".repeat(127)]) {
        await files.write(join(folder, name), giving("x"), plain);
      }
      assert.equal((await present()).length, 2);
    });

    it("waits for its turn within one process", async () => {
      const alias = join(folder, "alias");
      await fs.symlink(folder, alias);
      const running: string[] = [];
      const content = async function* (name: string) {
        running.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        yield Buffer.from(name);
        running.push(`${name} ends`);
      };
      await Promise.all([
        files.write(path, content("a"), plain),
        files.write(join(alias, "images.tar"), content("b"), plain),
      ]);
      assert.equal(running.length, 4);
      assert.equal(running[0]!.slice(0, 1), running[1]!.slice(0, 1));
    });
  });

  describe("that cannot be written keeps the old one", () => {
    beforeEach(async () => fs.writeFile(path, "old"));

    it("when the content fails, whose message is kept", async () => {
      const failure = new TypeError("no more");
      for (const compression of ["none", "gzip", "zstd"] as const) {
        const writing = files.write(path, giving("new", failure), { ...plain, compression });
        await assert.rejects(writing, (error) => error === failure);
        await assertOld();
      }
    });

    it("when it is cancelled", async () => {
      const controller = new AbortController();
      const content = async function* () {
        yield Buffer.from("new");
        controller.abort();
        await new Promise((resolve) => setTimeout(resolve, 10));
        yield Buffer.from("more");
      };
      const writing = files.write(path, content(), { ...plain, signal: controller.signal });
      await assert.rejects(writing, /CANCELLED/);
      await assertOld();
      await assert.rejects(
        files.write(path, giving("x"), { ...plain, signal: controller.signal }),
        /CANCELLED/,
      );
    });

    it("when the disk has too little space, before anything is read", async () => {
      let asked = false;
      const content = async function* () {
        asked = true;
        await Promise.resolve();
        yield Buffer.from("new");
      };
      const small: Disk = { ...realDisk, statfs: () => Promise.resolve({ bavail: 10, bsize: 4096 }) };
      const writing = createArchiveFiles(small).write(path, content(), { ...plain, expectedBytes: 50_000 });
      await assert.rejects(writing, /needs 50 kB \(50000 bytes\).*only 41 kB free.*ARCHIVE_DISK_FULL/);
      assert.equal(asked, false);
      await assertOld();
    });

    for (const [code, expected] of [
      ["ENOSPC", /no space left.*ARCHIVE_DISK_FULL/],
      ["EDQUOT", /no space left.*ARCHIVE_DISK_FULL/],
      ["EIO", /Writing the archive .*images\.tar failed: EIO.*ARCHIVE_FILE/],
    ] as const) {
      for (const call of ["writev", "sync", "chmod"] as const) {
        it(`when ${call} says ${code}`, async () => {
          const writing = createArchiveFiles(failing(call, code)).write(path, mebibytes(3), plain);
          await assert.rejects(writing, expected);
          await assertOld();
        });
      }
    }

    it("unless a disk takes only a part at a time, which is no failure", async () => {
      const slow: Disk = {
        ...realDisk,
        open: async (...args) => {
          const file = await realDisk.open(...args);
          const writev = file.writev.bind(file);
          const writeOne = (chunks: readonly Uint8Array[]) =>
            writev([(chunks[0] ?? Buffer.of()).subarray(0, 1)]);
          return Object.assign(file, { writev: writeOne });
        },
      };
      const written = await createArchiveFiles(slow).write(path, giving("one", "two"), plain);
      assert.deepEqual([await text(), written.sha256], ["onetwo", sha256("onetwo")]);
    });

    function failing(call: "writev" | "sync" | "chmod", code: string): Disk {
      let calls = 0;
      return {
        ...realDisk,
        open: async (...args) => {
          const file = await realDisk.open(...args);
          const original = (file[call] as (...args: readonly unknown[]) => Promise<never>).bind(file);
          const fails = (...given: readonly unknown[]) => {
            calls += 1;
            if (call === "writev" && calls < 2) return original(...given);
            return Promise.reject(Object.assign(new Error(`${code}: it failed`), { code, syscall: call }));
          };
          return Object.assign(file, { [call]: fails });
        },
      };
    }
  });

  describe("on a file system that is really full", () => {
    let mounted = "";
    before(async function () {
      const folder = await fs.mkdtemp(join(tmpdir(), "archive-full-"));
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "ignore" });
        mounted = folder;
      } catch {
        // Only root may; the rows above show the same with a disk that says so.
        await fs.rmdir(folder);
        if (process.env.SKIP_REPORT !== undefined) {
          await fs.appendFile(
            process.env.SKIP_REPORT,
            "archives on a full file system\tthe right to mount\n",
          );
        }
        this.skip();
      }
    });
    after(async () => {
      if (mounted === "") return;
      execFileSync("umount", [mounted], { stdio: "ignore" });
      await fs.rmdir(mounted);
    });

    it("keeps the old one, and frees the space", async () => {
      const target = join(mounted, "images.tar");
      await files.write(target, giving("old"), plain);
      const free = (await fs.statfs(mounted)).bavail;
      const chunks = Array<string>(40).fill("x".repeat(65536));

      await assert.rejects(files.write(target, giving(...chunks), plain), /no space left.*ARCHIVE_DISK_FULL/);
      await assert.rejects(
        files.write(target, giving("x"), { ...plain, expectedBytes: 2e6 }),
        /needs 2 MB.*ARCHIVE_DISK_FULL/,
      );

      assert.deepEqual(await fs.readdir(mounted), ["images.tar"]);
      assert.equal(await fs.readFile(target, "utf8"), "old");
      assert.equal((await fs.statfs(mounted)).bavail, free);

      const old = (await files.stat(target))!;
      await assert.rejects(fs.writeFile(join(mounted, "other"), Buffer.alloc(2e6)), /ENOSPC/);
      assert.equal(await files.remove(target, old, neverAborted), "removed");
    });
  });

  describe("is refused", () => {
    const cases: Readonly<Record<string, () => Promise<unknown> | Buffer>> = {
      "a folder": () => fs.mkdir(path),
      "a symbolic link": async () => {
        await fs.writeFile(join(folder, "victim"), "precious");
        await fs.symlink("victim", path);
      },
      "a device, pipe or socket": () => execFileSync("mkfifo", [path]),
    };
    for (const [what, make] of Object.entries(cases)) {
      it(`where there is ${what}`, async () => {
        await make();
        const before = await present();
        const expected = { ...(await files.stat(path))!, sha256: "" };
        const refusal = new RegExp(`was refused: there is ${what}.*ARCHIVE_PATH`);
        await assert.rejects(files.write(path, giving("new"), plain), refusal);
        await assert.rejects(files.remove(path, expected, neverAborted), refusal);
        await assert.rejects(files.changeMode(path, 0o777), refusal);
        assert.equal((await files.identify(path, neverAborted)).kind, "none");
        assert.deepEqual(await present(), before);
        if (what === "a symbolic link") assert.equal(await fs.readFile(path, "utf8"), "precious");
      });
    }

    it("where a link appears while it is written", async () => {
      await fs.writeFile(join(folder, "victim"), "precious");
      const content = async function* () {
        await fs.symlink("victim", path);
        yield Buffer.from("new");
      };
      await assert.rejects(files.write(path, content(), plain), /symbolic link.*ARCHIVE_PATH/);
      assert.deepEqual((await present()).sort(), ["images.tar", "victim"]);
    });

    it("where its folder is a file", async () => {
      await fs.writeFile(join(folder, "file"), "");
      await assert.rejects(files.write(join(folder, "file/x.tar"), giving("x"), plain), /ARCHIVE_PATH/);
    });

    it("where its name holds a NUL", async () => {
      await assert.rejects(files.write(join(folder, "a\0b"), giving("x"), plain), /NUL.*ARCHIVE_PATH/);
    });
  });

  describe("locked", () => {
    const lock = () => join(folder, ".images.tar.lock");
    const owner = (change: object) =>
      JSON.stringify({
        pid: process.pid,
        host: hostname(),
        processStart: "",
        since: "2026-11-21T00:00:00Z",
        ...change,
      });

    it("by a living process is not written, and the message names it", async () => {
      await fs.writeFile(lock(), owner({ pid: process.ppid }));
      await assert.rejects(
        files.write(path, giving("x"), plain),
        new RegExp(`process ${process.ppid} on .* since 2026.*ARCHIVE_LOCKED`),
      );
      assert.deepEqual(await present(), [".images.tar.lock"]);
    });

    it("on another machine is not written", async () => {
      await fs.writeFile(lock(), owner({ host: "elsewhere" }));
      await assert.rejects(files.write(path, giving("x"), plain), /on elsewhere.*ARCHIVE_LOCKED/);
    });

    it("keeps a folder that is in the lock's place", async () => {
      await fs.mkdir(lock());
      await fs.utimes(lock(), 1, 1);
      await assert.rejects(files.write(path, giving("x"), plain), /a folder stands.*ARCHIVE_LOCKED/);
      assert.ok((await fs.stat(lock())).isDirectory());
      await fs.rmdir(lock());
    });

    const stale: Readonly<Record<string, () => string>> = {
      "that is gone": () => owner({ pid: 2 ** 30 }),
      "whose number another process has now": () => owner({ processStart: "1" }),
      "on another machine that has not been heard of for minutes": () => owner({ host: "elsewhere" }),
      "that was killed before it could say who it is": () => "",
    };
    for (const [what, content] of Object.entries(stale)) {
      it(`by a process ${what} is written, and the process's unfinished files are deleted`, async () => {
        await fs.writeFile(lock(), content());
        const long = new Date(Date.now() - 300_000);
        await fs.utimes(lock(), long, long);
        await fs.writeFile(join(folder, ".images.tar.0123456789abcdef.partial"), "half");
        await fs.writeFile(join(folder, ".images.tar.lock.0123456789abcdef"), "taken away");
        await fs.writeFile(join(folder, ".other.tar.0123456789abcdef.partial"), "not ours");
        const timing = { ownerlessMs: 2_000, heartbeatMs: 10_000, silenceMs: 120_000, watchedMs: 200 };
        await createArchiveFiles(realDisk, timing).write(path, giving("x"), plain);
        assert.deepEqual((await present()).sort(), [".other.tar.0123456789abcdef.partial", "images.tar"]);
      });
    }

    it("by a process that is just writing its name waits for it", async () => {
      await fs.writeFile(lock(), "");
      setTimeout(() => void fs.rm(lock()), 150);
      await files.write(path, giving("x"), plain);
      assert.equal(await text(), "x");
    });
  });

  it("that is unfinished is deleted with its lock when the process exits", async () => {
    await fs.writeFile(path, "old");
    const content = async function* () {
      yield Buffer.from("half");
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal((await present()).length, 3);
      cleanUpNow();
      assert.deepEqual(await present(), ["images.tar"]);
      throw new Error("ended");
    };
    await assert.rejects(files.write(path, content(), plain), /ended/);
    await assertOld();
  });

  describe("removed", () => {
    it("is the one that was written, and no other", async () => {
      const first = await files.write(path, giving("same"), plain);
      const second = await files.write(path, giving("same"), plain);
      assert.equal(await files.remove(path, first, neverAborted), "changed");
      assert.equal(await text(), "same");
      assert.equal(await files.remove(path, second, neverAborted), "removed");
      assert.equal(await files.remove(path, second, neverAborted), "absent");
      assert.equal(await files.remove(join(folder, "no/such/folder"), second, neverAborted), "absent");
      assert.deepEqual(await present(), []);
    });

    for (const [what, change] of [
      ["content", () => fs.writeFile(path, "else")],
      ["time", () => fs.utimes(path, 1, 1)],
      ["size", () => fs.appendFile(path, "!")],
    ] as const) {
      it(`is never one whose ${what} changed`, async () => {
        const written = await files.write(path, giving("same"), plain);
        await change();
        assert.equal(await files.remove(path, written, neverAborted), "changed");
        assert.deepEqual(await present(), ["images.tar"]);
      });
    }

    it("is never one that somebody else claimed", async () => {
      const written = await files.write(path, giving("same"), plain);
      const claimed = await files.claim(path, neverAborted);

      assert.deepEqual(claimed, { ...(await files.stat(path)), sha256: sha256("same") });
      assert.equal(await files.remove(path, written, neverAborted), "changed");
      assert.equal(await files.remove(path, claimed, neverAborted), "removed");
    });
  });

  it("gets new permissions, unless it is missing", async () => {
    await files.changeMode(path, 0o600);
    await files.write(path, giving("x"), plain);
    await files.changeMode(path, 0o644);
    assert.equal((await fs.stat(path)).mode & 0o777, 0o644);
  });

  describe("that cannot be read", () => {
    it("is not absent", async () => {
      await assert.rejects(files.hash(path, neverAborted), /Reading the archive .*ENOENT.*ARCHIVE_FILE/);
      assert.equal(await files.stat(path), undefined);
      assert.equal((await files.identify(path, neverAborted)).kind, "none");
      await assert.rejects(files.stat(join(folder, "n".repeat(300))), /ENAMETOOLONG.*ARCHIVE_PATH/);
    });

    it("stops when it is cancelled", async () => {
      await fs.writeFile(path, await tarOf({ a: "a" }));
      const signal = AbortSignal.abort();
      await assert.rejects(files.hash(path, { signal }), /CANCELLED/);
      await assert.rejects(files.identify(path, { signal }), /CANCELLED/);
    });
  });
});
