import assert from "node:assert/strict";
import { askedWaitMs, type RepeatOptions, repeatedly } from "../../../provider/http/retry.js";
import { hasCode, ImageError } from "../../../provider/support/imageError.js";
import { never } from "../../support/clients/cluster.js";

const policy = { attempts: 3, baseDelayMs: 0, maxDelayMs: 0 };
const lost = new Error("lost");

/** Gives the answers in turn, the last one for good; an error is thrown. */
async function run(answers: readonly (number | Error)[], changes: Partial<RepeatOptions<number>> = {}) {
  let asked = 0;
  const attempt = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    if (answer instanceof Error) throw answer;
    return await Promise.resolve(answer ?? 0);
  };
  const result = await repeatedly(attempt, {
    ...{ policy, signal: never },
    waitAfterError: (error) => (error === lost ? 0 : undefined),
    waitAfterAnswer: (status) => (status === 503 ? { waitMs: 0, description: "HTTP 503" } : undefined),
    ...changes,
  });
  return { result, asked };
}

describe("repeatedly", () => {
  it("asks again after passing answers and failures, until an answer counts", async () => {
    assert.deepEqual(await run([503, lost, 200]), { result: 200, asked: 3 });
    assert.deepEqual(await run([404]), { result: 404, asked: 1 });
  });

  it("answers what is left after the last attempt, or throws it", async () => {
    assert.deepEqual(await run([503]), { result: 503, asked: 3 });
    await assert.rejects(run([503, 503, lost]), lost);
    const final = new Error("final");
    await assert.rejects(run([final, 200]), final);
  });

  it("stops when the signal fires, and says what had failed before", async () => {
    const stop = new AbortController();
    const passing = () => {
      stop.abort(new ImageError("DEADLINE_EXCEEDED", "the check took too long"));
      return { waitMs: 1000, description: "HTTP 503" };
    };
    const stopped = run([503], { signal: stop.signal, waitAfterAnswer: passing });
    await assert.rejects(stopped, /too long\. The last failure was: HTTP 503 \[DEADLINE_EXCEEDED\]/);
    await assert.rejects(run([200], { signal: stop.signal }), (error) => hasCode(error, "DEADLINE_EXCEEDED"));
  });
});

describe("askedWaitMs", () => {
  it("reads seconds and dates", () => {
    assert.equal(askedWaitMs("7"), 7000);
    assert.equal(askedWaitMs("soon"), undefined);
    assert.equal(askedWaitMs("Wed, 21 Oct 2015 07:28:00 GMT"), 0);
    assert.ok((askedWaitMs(new Date(Date.now() + 3_600_000).toUTCString()) ?? 0) > 3_000_000);
    assert.equal(askedWaitMs(undefined), undefined);
  });
});
