import assert from "node:assert/strict";
import fc from "fast-check";
import { planPrune } from "../../provider/prune/plan/decide.js";
import type { ClusterSnapshot } from "../../provider/prune/snapshot.js";
import { loadSurvey } from "../../provider/prune/survey/load.js";
import type { Referrer } from "../../provider/usage/referrer.js";
import { type CustomResource, customResources } from "../oracle/clusters/customResources.js";
import { policies } from "../oracle/clusters/policies.js";
import { clusters } from "../oracle/clusters/snapshots.js";
import { applySteps, stepsOf } from "../oracle/model/applyPlan.js";
import { liveReferences } from "../oracle/model/liveReferences.js";
import { createRegistry } from "../oracle/model/registry.js";
import { brokenReferences } from "../oracle/verdict/broken.js";
import { storyOf } from "../oracle/verdict/story.js";
import { fakeObjects, safeRequest, surveyOptions } from "../support/fakes/clusterObjects.js";

const some = fc.uniqueArray(customResources, {
  selector: ({ resource }) => resource,
  minLength: 1,
  maxLength: 3,
});

/** What a survey finds on a cluster with nothing but these. */
async function foundIn(resources: readonly CustomResource[]): Promise<readonly Referrer[]> {
  const objects = fakeObjects({
    objects: {
      "customresourcedefinitions.apiextensions.k8s.io": resources.map(({ definition }) => definition),
      ...Object.fromEntries(resources.map(({ resource, object }) => [resource, [object]])),
    },
  });
  return (await loadSurvey(objects, safeRequest, surveyOptions())).snapshot.referrers;
}

describe("custom resources of any shape", function () {
  this.timeout(120_000);

  it("are each found as users by a survey of the cluster", async () => {
    await fc.assert(
      fc.asyncProperty(some, async (resources) => {
        const found = (await foundIn(resources)).map((each) =>
          each.kind === "other" ? each.objectKind : "",
        );
        assert.deepEqual(found.toSorted(), resources.map(({ truth }) => truth.objectKind).toSorted());
      }),
      { numRuns: 2_000 },
    );
  });

  it("keep everything pullable that they use, whatever the policy", async () => {
    await fc.assert(
      fc.asyncProperty(clusters, policies, some, async (cluster, policy, resources) => {
        const seen: ClusterSnapshot = {
          ...cluster,
          referrers: [...cluster.referrers, ...(await foundIn(resources))],
        };
        const truth = { ...cluster, referrers: resources.map(({ truth: user }) => user) };
        const result = planPrune(seen, policy);
        if (!result.ok) return;
        const before = createRegistry(cluster);
        const after = applySteps(before, stepsOf(result.plan));
        const lost = brokenReferences(liveReferences(truth, policy), before, after);
        assert.deepEqual(lost, [], `${lost.join("\n")}\n${storyOf(seen, policy, result.plan)}`);
      }),
      { numRuns: 3_000 },
    );
  });
});
