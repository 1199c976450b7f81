import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import fc from "fast-check";
import { hasCode } from "../../../../../provider/support/imageError.js";
import { createArchiveFiles } from "../../../../../provider/tarball/archiveFiles.js";
import { realDisk } from "../../../../../provider/tarball/file/atomic.js";
import { cleanUpNow } from "../../../../../provider/tarball/file/leftovers.js";
import { type LockTiming, withLock } from "../../../../../provider/tarball/file/lock/hold.js";
import {
  breakLock,
  createLock,
  findLock,
  type FoundLock,
  type HeldLock,
  isHeld,
  releaseLock,
} from "../../../../../provider/tarball/file/lock/marker.js";
import { repositoryRoot } from "../../../../support/repositoryRoot.js";

const { signal } = new AbortController();
const timing: LockTiming = { ownerlessMs: 50, heartbeatMs: 10, silenceMs: 1_000, watchedMs: 200 };
const gone = 2 ** 30;

describe("The lock of an archive", () => {
  let folder: string;
  let path: string;
  let lock: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lock-"));
    path = join(folder, "web.tar");
    lock = join(folder, ".web.tar.lock");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const target = () => ({ path, folder, stem: ".web.tar" });
  const run = <Result>(work: (mustHold: () => void) => Promise<Result>) =>
    withLock(target(), { attempt: "Writing the archive", signal, timing }, work);
  const foreign = (change: object = {}) =>
    JSON.stringify({
      pid: process.ppid,
      host: hostname(),
      token: "foreign",
      since: "2026-11-21T00:00:00Z",
      ...change,
    });
  /** Like another process that takes this one for dead. */
  const takeOver = (content = foreign()) => {
    unlinkSync(lock);
    writeFileSync(lock, content);
  };

  it("is released by its owner, and no file is left", async () => {
    await run(async () => {
      assert.ok(existsSync(lock));
      await Promise.resolve();
    });
    assert.deepEqual(readdirSync(folder), []);
  });

  for (const [what, content] of [
    ["another process has taken", foreign()],
    ["another process has taken and not signed yet", ""],
  ] as const) {
    it(`is kept when ${what} it meanwhile`, async () => {
      await run(async () => {
        takeOver(content);
        await Promise.resolve();
      });
      assert.equal(readFileSync(lock, "utf8"), content);
      assert.deepEqual(readdirSync(folder), [".web.tar.lock"]);
    });

    it(`is kept when ${what} it and this process exits`, async () => {
      await run(async () => {
        takeOver(content);
        cleanUpNow();
        await Promise.resolve();
      });
      assert.equal(readFileSync(lock, "utf8"), content);
    });
  }

  it("is not kept alive by a process that has lost it", async () => {
    await run(async () => {
      takeOver();
      utimesSync(lock, 1, 1);
      await wait(60);
      assert.equal(statSync(lock).mtimeMs, 1000);
    });
  });

  it("is kept alive by its owner", async () => {
    await run(async () => {
      utimesSync(lock, 1, 1);
      await wait(60);
      assert.notEqual(statSync(lock).mtimeMs, 1000);
    });
  });

  for (const [what, change] of [
    ["written", (files: Files) => files.write(path, swapping(), plain)],
    ["claimed", (files: Files) => files.claim(path, { signal: swappingSignal() })],
  ] as const) {
    it(`is needed to the end: an archive is not ${what} by a process that has lost it`, async () => {
      writeFileSync(path, "old");
      utimesSync(path, 1, 1);
      const files = createArchiveFiles(realDisk, timing);
      await assert.rejects(
        change(files),
        (error) => hasCode(error, "ARCHIVE_LOCKED") && /took its lock/.test(error.message),
      );
      assert.deepEqual([readFileSync(path, "utf8"), statSync(path).mtimeMs], ["old", 1000]);
      assert.equal(readFileSync(lock, "utf8"), foreign());
    });
  }

  type Files = ReturnType<typeof createArchiveFiles>;
  const plain = {
    signal,
    mode: 0o600,
    compression: "none",
    createDirectories: false,
    expectedBytes: undefined,
  } as const;
  async function* swapping() {
    yield Buffer.from("half");
    takeOver();
    await Promise.resolve();
    yield Buffer.from("whole");
  }
  /** The lock is lost while the file is read. */
  function swappingSignal(): AbortSignal {
    const watched = new AbortController().signal;
    let isSwapped = false;
    return new Proxy(watched, {
      get(signalOf, key) {
        if (!isSwapped && existsSync(lock)) {
          isSwapped = true;
          takeOver();
        }
        const value: unknown = Reflect.get(signalOf, key, signalOf);
        return typeof value === "function" ? (value as () => unknown).bind(signalOf) : value;
      },
    });
  }

  const silent = { host: "elsewhere" };
  const isBusy = (error: unknown) => hasCode(error, "ARCHIVE_LOCKED");
  const longAgo = () => utimesSync(lock, 1, 1);

  it("of a process that is gone is taken over", async () => {
    writeFileSync(lock, foreign({ pid: gone }));
    await run(() => Promise.resolve());
    assert.deepEqual(readdirSync(folder), []);
  });

  it("of another container, with other process numbers, is not taken over", async () => {
    writeFileSync(lock, foreign({ pid: gone, realm: "another" }));
    await assert.rejects(
      run(() => Promise.resolve()),
      isBusy,
    );
    assert.ok(existsSync(lock));
  });

  for (const [where, owner] of [
    ["another machine", silent],
    ["another container", { pid: gone, realm: "another" }],
  ] as const) {
    it(`of ${where} that is silent is taken over`, async () => {
      writeFileSync(lock, foreign(owner));
      longAgo();
      await run(() => Promise.resolve());
      assert.deepEqual(readdirSync(folder), []);
    });

    it(`of ${where} whose clock is hours behind is not taken over while it shows that it lives`, async () => {
      writeFileSync(lock, foreign(owner));
      longAgo();
      let beats = 1;
      const heart = setInterval(() => utimesSync(lock, (beats += 1), beats), 30);
      try {
        await assert.rejects(
          run(() => Promise.resolve()),
          isBusy,
        );
      } finally {
        clearInterval(heart);
      }
      assert.equal(readFileSync(lock, "utf8"), foreign(owner));
    });
  }

  it("is not broken again by a process that has checked it before another one has taken it", () => {
    writeFileSync(lock, foreign({ pid: gone }));
    const seen = findLock(lock) as FoundLock;
    assert.equal(breakLock(lock, seen, 1_000), true);
    const held = createLock(lock) as HeldLock;
    breakLock(lock, seen, 1_000);
    assert.ok(isHeld(held));
    releaseLock(held);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is broken by one of several at a time, and by the next when that one was killed", async () => {
    writeFileSync(lock, foreign({ pid: gone }));
    const seen = findLock(lock) as FoundLock;
    const claim = `${lock}.${createHash("sha256").update(seen.state).digest("hex").slice(0, 16)}`;
    writeFileSync(claim, "");
    assert.equal(breakLock(lock, seen, 10_000), false);
    assert.ok(existsSync(lock));
    utimesSync(claim, 1, 1);
    await run(() => Promise.resolve());
    assert.deepEqual(readdirSync(folder), []);
  });

  it("has one owner at any time, however checks, breaks, takes and releases follow each other", () => {
    const actor = fc.nat({ max: 3 });
    const step = fc.record({ actor, act: fc.constantFrom("look", "break", "take", "release", "die") });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        rmSync(folder, { recursive: true, force: true });
        folder = mkdtempSync(join(tmpdir(), "lock-"));
        lock = join(folder, ".web.tar.lock");
        const seen: (FoundLock | undefined)[] = [];
        const held: (HeldLock | undefined)[] = [];
        const dead = new Set<string>();
        const alive = () => held.filter((each) => each !== undefined);
        for (const { actor: who, act } of steps) {
          const mine = held[who];
          if (act === "look") seen[who] = findLock(lock);
          const { owner } = seen[who] ?? {};
          if (act === "break" && seen[who] !== undefined && owner !== undefined && dead.has(owner.token)) {
            breakLock(lock, seen[who], 60_000);
          }
          if (act === "take" && mine === undefined) held[who] = createLock(lock);
          if (act === "release" && mine !== undefined) {
            releaseLock(mine);
            held[who] = undefined;
          }
          if (act === "die" && mine !== undefined) {
            dead.add(mine.token);
            held[who] = undefined;
          }
          assert.ok(alive().length <= 1, "two owners");
          assert.ok(alive().every(isHeld), "an owner has lost its lock");
        }
        alive().forEach(releaseLock);
      }),
      { numRuns: 300 },
    );
  });

  it("separates processes that write, are killed and take over", async () => {
    const script = `
      const { withLock } = require(${JSON.stringify(join(repositoryRoot, "dist/provider/tarball/file/lock/hold.js"))});
      const { openSync, closeSync, unlinkSync } = require("node:fs");
      const [folder, count] = [process.argv[1], Number(process.argv[2])];
      const target = { path: folder + "/web.tar", folder, stem: ".web.tar" };
      const inside = folder + "/inside";
      (async () => {
        for (let done = 0; done < count; ) {
          try {
            await withLock(target, { attempt: "x", signal: new AbortController().signal }, async () => {
              closeSync(openSync(inside, "wx"));
              await new Promise((resolve) => setTimeout(resolve, 2));
              unlinkSync(inside);
              done += 1;
              if (done === count && process.argv[3] === "die") process.kill(process.pid, "SIGKILL");
            });
          } catch (error) {
            if (!/ARCHIVE_LOCKED/.test(error.message)) { console.error(error.stack); process.exit(1); }
            await new Promise((resolve) => setTimeout(resolve, 3));
          }
        }
      })();`;
    const ends = [10, 10, 30, 30].map((count, index) => {
      const how = index < 2 ? "die" : "live";
      const child = spawn(process.execPath, ["-e", script, folder, String(count), how], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
      return new Promise((resolve) => child.once("close", (code, by) => resolve([said, code ?? by])));
    });
    assert.deepEqual(await Promise.all(ends), [
      ["", "SIGKILL"],
      ["", "SIGKILL"],
      ["", 0],
      ["", 0],
    ]);
    await run(() => Promise.resolve()); // whoever was killed last has left its lock to the next
    assert.deepEqual(readdirSync(folder), []);
  });
});
