import assert from "node:assert/strict";
import { abortable, abortReason, sleep, withDeadline } from "../../../../provider/support/async/abortable.js";
import { retry } from "../../../../provider/support/async/attempts.js";
import { createTurns, mapConcurrently } from "../../../../provider/support/async/concurrency.js";
import { hasCode, ImageError } from "../../../../provider/support/imageError.js";
import { formatByteSize, parseDuration } from "../../../../provider/support/text/units.js";
import { nameList } from "../../../../provider/support/text/wording.js";

const never = new AbortController().signal;

describe("parseDuration", () => {
  const durations: readonly (readonly [string | number, number | undefined])[] = [
    ["30s", 30],
    ["10m", 600],
    ["720h", 2_592_000],
    ["30d", 2_592_000],
    ["1h30m", 5400],
    ["1.5s", 1.5],
    ["0s", 0],
    [90, 90],
    [0, 0],
    [-1, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    ["", undefined],
    ["90", undefined],
    ["30m1h", undefined],
    ["-5m", undefined],
    [" 5m", undefined],
    ["5 m", undefined],
    ["5M", undefined],
    ["9".repeat(5000) + "s", undefined],
  ];
  for (const [text, seconds] of durations) {
    const shown = String(text).slice(0, 20);
    it(`${JSON.stringify(shown)} is ${seconds === undefined ? "no duration" : `${seconds} s`}`, () => {
      assert.equal(parseDuration(text), seconds);
    });
  }
});

describe("formatByteSize", () => {
  const sizes: readonly (readonly [number, string])[] = [
    [0, "0 B"],
    [512, "512 B"],
    [999, "999 B"],
    [1000, "1 kB"],
    [1500, "1.5 kB"],
    [9_960_000, "10 MB"],
    [71_300_000, "71 MB"],
    [999_600, "1 MB"],
    [1_234_567_890, "1.2 GB"],
    [5e15, "5 PB"],
    [5e18, "5000 PB"],
  ];
  for (const [bytes, text] of sizes) {
    it(`${bytes} is ${text}`, () => assert.equal(formatByteSize(bytes), text));
  }
});

describe("mapConcurrently", () => {
  it("keeps the order and the limit", async () => {
    let running = 0;
    let most = 0;
    const results = await mapConcurrently([30, 5, 20, 1], 2, async (ms, index) => {
      running += 1;
      most = Math.max(most, running);
      await sleep(ms, never);
      running -= 1;
      return `${index}:${ms}`;
    });
    assert.deepEqual(results, ["0:30", "1:5", "2:20", "3:1"]);
    assert.equal(most, 2);
  });

  it("starts nothing after a failure and waits for what runs", async () => {
    const started: number[] = [];
    let ended = 0;
    const work = mapConcurrently([0, 1, 2, 3], 2, async (item) => {
      started.push(item);
      await sleep(item === 0 ? 1 : 20, never);
      ended += 1;
      if (item === 0) throw new Error("first");
    });
    await assert.rejects(work, /first/);
    assert.deepEqual(started, [0, 1]);
    assert.equal(ended, 2);
  });
});

describe("retry", () => {
  const options = { attempts: 3, baseDelayMs: 1, maxDelayMs: 2, signal: never, waitBeforeRetry: () => 0 };

  it("answers the first success", async () => {
    let count = 0;
    const attempt = () => (++count < 3 ? Promise.reject(new Error("no")) : Promise.resolve(count));
    assert.equal(await retry(attempt, options), 3);
  });

  it("rejects with the last failure when the attempts are used up", async () => {
    let count = 0;
    await assert.rejects(
      retry(() => Promise.reject(new Error(`failure ${++count}`)), options),
      /failure 3/,
    );
  });

  it("gives up at once when trying again cannot help", async () => {
    let count = 0;
    const attempt = () => Promise.reject(new Error(`failure ${++count}`));
    await assert.rejects(retry(attempt, { ...options, waitBeforeRetry: () => undefined }), /failure 1/);
    await assert.rejects(retry(attempt, { ...options, waitBeforeRetry: () => 60_000 }), /failure 2/);
  });

  it("waits at least as long as asked", async () => {
    const from = performance.now();
    let count = 0;
    const attempt = () => (++count < 2 ? Promise.reject(new Error("no")) : Promise.resolve());
    await retry(attempt, { ...options, waitBeforeRetry: () => 30 });
    assert.ok(performance.now() - from >= 29);
  });

  it("reports why it stopped waiting and what had failed", async () => {
    const signal = withDeadline(never, 20, "the check");
    const work = retry(() => Promise.reject(new Error("refused")), {
      ...options,
      signal,
      waitBeforeRetry: () => 5000,
    });
    await assert.rejects(work, (error) => {
      assert.ok(hasCode(error, "DEADLINE_EXCEEDED"));
      assert.match(
        error.message,
        /^the check took longer than 0.02 s\. The last failure was: refused \[DEADLINE_EXCEEDED\]$/,
      );
      return true;
    });
  });
});

describe("abortable", () => {
  it("settles like the work", async () => {
    assert.equal(await abortable(Promise.resolve(1), never), 1);
    await assert.rejects(abortable(Promise.reject(new Error("own")), never), /own/);
  });

  it("rejects with the signal's reason, also when it had fired before", async () => {
    const stop = new AbortController();
    const work = abortable(new Promise(() => undefined), stop.signal);
    stop.abort(new ImageError("DEADLINE_EXCEEDED", "too late"));
    await assert.rejects(work, /too late/);
    await assert.rejects(abortable(new Promise(() => undefined), stop.signal), /too late/);
    await assert.rejects(sleep(1, stop.signal), /too late/);
  });

  it("names other reasons CANCELLED", () => {
    assert.equal(abortReason(AbortSignal.abort()).code, "CANCELLED");
  });

  it("ends with its parent before the deadline", () => {
    const parent = new AbortController();
    const signal = withDeadline(parent.signal, 60_000, "the check");
    parent.abort(new ImageError("CANCELLED", "stop"));
    assert.equal(abortReason(signal).code, "CANCELLED");
    assert.match(abortReason(signal).message, /stop/);
  });

  it("accepts deadlines that no timer can wait for", async () => {
    const signals = [30 * 86_400_000, 1e300].map((ms) => withDeadline(never, ms, "the check"));
    await sleep(20, never);
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false, false],
    );
  });
});

describe("nameList", () => {
  it("names all entries, up to the limit", () => {
    assert.equal(nameList([], 2), "");
    assert.equal(nameList(["b", "a"], 2), "b, a");
    assert.equal(nameList(["a", "b", "c", "d"], 2), "a, b and 2 more");
  });
});

describe("createTurns", () => {
  it("begins a work when the one before has ended, however it ends", async () => {
    const inTurn = createTurns();
    const steps: string[] = [];
    const work = (name: string, error?: Error) =>
      inTurn(async () => {
        steps.push(`${name} begins`);
        await sleep(1, never);
        steps.push(`${name} ends`);
        if (error !== undefined) throw error;
        return name;
      });

    const [first, second] = await Promise.allSettled([work("a", new Error("boom")), work("b")]);

    assert.deepEqual(steps, ["a begins", "a ends", "b begins", "b ends"]);
    assert.equal(first.status, "rejected");
    assert.deepEqual(second, { status: "fulfilled", value: "b" });
  });
});
