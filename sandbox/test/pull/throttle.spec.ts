import assert from "node:assert/strict";
import { ImportThrottle } from "okd-image-sandbox/internal/pull/throttle";

const { signal } = new AbortController();

describe("the throttle of imports", () => {
  it("lets three images through at once, then two a second", async () => {
    let now = 0;
    const waits: number[] = [];
    const sleep = (milliseconds: number): Promise<void> => {
      waits.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    };
    const throttle = new ImportThrottle(2, 3, { now: () => now, sleep });
    for (let image = 0; image < 12; image += 1) await throttle.take(signal);
    // 12 distinct images took 4.5 s (facts/importing.md 16).
    assert.equal(waits.length, 9);
    assert.equal(now, 4500);
  });

  it("lets every image through at once when it is switched off", async () => {
    const sleep = (): Promise<void> => Promise.reject(new Error("slept"));
    const throttle = new ImportThrottle(Infinity, 3, { now: () => 0, sleep });
    for (let image = 0; image < 12; image += 1) await throttle.take(signal);
  });
});
