import assert from "node:assert/strict";
import { createExportProgress } from "../../../provider/archive/execute/progress.js";
import type { FoundImage } from "../../../provider/archive/filePorts.js";
import {
  byteRate,
  bytesOf,
  itemRate,
  progressLine,
  withProgress,
} from "../../../provider/support/progress.js";
import { FakeProgressClock } from "../../support/fakes/progressClock.js";

describe("progress of long work", () => {
  let clock: FakeProgressClock;
  let lines: string[];
  beforeEach(() => {
    clock = new FakeProgressClock();
    lines = [];
  });

  const during = (
    work: () => Promise<void>,
    line = (elapsedMs: number): string | undefined => `at ${elapsedMs}`,
  ) => withProgress({ report: (text) => lines.push(text), line, clock }, work);

  const passing = (milliseconds: number) => () => {
    clock.pass(milliseconds);
    return Promise.resolve();
  };

  it("reports nothing about work that ends within a second", async () => {
    await during(passing(1_000));
    clock.pass(60_000);
    assert.deepEqual(lines, []);
    assert.equal(clock.waiting, 0);
  });

  it("is reported from the second second on, every few seconds until the end", async () => {
    await during(passing(10_000));
    assert.deepEqual(lines, ["at 1500", "at 4000", "at 6500", "at 9000"]);
    assert.equal(clock.waiting, 0);
  });

  it("ends with work that fails", async () => {
    const failing = during(() => {
      clock.pass(2_000);
      return Promise.reject(new Error("no"));
    });
    await assert.rejects(failing, /no/);
    clock.pass(60_000);
    assert.deepEqual(lines, ["at 1500"]);
  });

  it("waits with a line until there is something to report", async () => {
    await during(passing(5_000), (elapsedMs) => (elapsedMs < 2_000 ? undefined : "now"));
    assert.deepEqual(lines, ["now"]);
  });

  it("has readable rates and sizes", () => {
    assert.deepEqual(
      [itemRate(12, 4_000), itemRate(0, 4_000), itemRate(5_000, 2_000), itemRate(1, 60_000), itemRate(1, 0)],
      ["3.0/s", undefined, "2,500/s", undefined, undefined],
    );
    assert.deepEqual(
      [byteRate(170e6, 2_000), byteRate(0, 2_000), byteRate(1, 0)],
      ["85 MB/s", undefined, undefined],
    );
    assert.deepEqual(
      [bytesOf(120e6, 940e6), bytesOf(512e3, 940e6), bytesOf(120e6, undefined), bytesOf(0, 940e6)],
      ["120 of 940 MB", "512 kB of 940 MB", "120 MB", "0 B of 940 MB"],
    );
    assert.equal(progressLine("a", undefined, "", "b"), "a, b");
  });

  it("of an export names the present image, its bytes and the speed", async () => {
    const progress = createExportProgress(2);
    assert.equal(progress.line(1_500), "2 images");
    const blob = { mediaType: "layer", digest: `sha256:${"a".repeat(64)}`, size: 40 };
    const chunks = async function* () {
      yield await Promise.resolve(Buffer.alloc(20e6));
      yield Buffer.alloc(20e6);
    };
    const found = { tree: {}, blobs: { read: chunks } } as unknown as FoundImage;
    const options = { signal: new AbortController().signal };
    const content = async function* () {
      for (const name of ["quay.io/acme/web:1", "quay.io/acme/web:2"])
        yield* progress.watched(name, found).blobs.read(blob, options);
    };
    const seen: string[] = [];
    const stream = { content: content(), size: 80e6, identity: () => ({}) as never };
    for await (const chunk of progress.counted(stream))
      seen.push(progress.line(chunk.length === 0 ? 0 : 2_000));

    assert.deepEqual(seen, [
      "2 images, 20 of 80 MB, 10 MB/s",
      "1 of 2 images, quay.io/acme/web:1, 40 of 80 MB, 20 MB/s",
      "1 of 2 images, quay.io/acme/web:1, 60 of 80 MB, 30 MB/s",
      "2 of 2 images, quay.io/acme/web:2, 80 of 80 MB, 40 MB/s",
    ]);
  });
});
