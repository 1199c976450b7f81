import assert from "node:assert/strict";
import { importBody, shop, withSandbox } from "../client.js";
import { ImportThrottle } from "okd-image-sandbox/internal/pull/throttle";

const { signal } = new AbortController();

describe("imports with the throttle of a real server", () => {
  const open = withSandbox(() => ({ throttleImports: true }));

  it("take a second more for each two tags of a repository beyond three, and none for one tag named often", async () => {
    const { sandbox, admin } = open();
    const registry = sandbox.registry();
    for (const tag of ["a", "b", "c", "d", "e"]) registry.publishImage("demo/slow", tag);
    const from = `${registry.host}/demo/slow`;
    const timed = async (body: unknown): Promise<number> => {
      const begun = performance.now();
      const answer = await admin.post(`${shop}/imagestreamimports`, body);
      assert.equal(answer.status, 201, answer.text);
      return performance.now() - begun;
    };
    const often = Object.fromEntries(["v", "w", "x", "y", "z"].map((tag) => [tag, `${from}:a`]));
    assert.ok((await timed(importBody("often", often, { storing: false }))) < 900);
    const repository = { from: { kind: "DockerImage", name: from }, importPolicy: { insecure: true } };
    const spec = { import: false, repository };
    assert.ok((await timed({ metadata: { name: "all" }, spec })) >= 900);
  });
});

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
