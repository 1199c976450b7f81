import assert from "node:assert/strict";
import { summarisePrune } from "../../../provider/prune/summary.js";

const plan = {
  images: 41,
  revisions: 1096,
  streams: 12,
  frees: "7.2 GB",
  kept: { "a workload uses the digest": 2, "a workload uses the tag": 1, young: 9 },
};

describe("summary of a prune", () => {
  it("fits on the resource's row", () => {
    assert.equal(
      summarisePrune({ plan, planReport: "out/prune.html" }),
      "would prune 41 images, 1,096 revisions in 12 streams, frees 7.2 GB; spares 3 in use; out/prune.html",
    );
  });
  it("says that a report is only a report", () => {
    assert.match(summarisePrune({ plan, mode: "report" }), /^reports only: would prune 41 images/);
  });
  it("reports an empty plan, and one that is not known", () => {
    assert.equal(summarisePrune({ plan: { images: 0, revisions: 0 } }), "nothing to prune");
    assert.equal(summarisePrune({}), "what would be pruned is not known yet");
  });
  it("uses the singular for one", () => {
    const one = { images: 1, revisions: 1, streams: 1, frees: "5 MB" };
    assert.equal(summarisePrune({ plan: one }), "would prune 1 image, 1 revision in 1 stream, frees 5 MB");
  });
});
