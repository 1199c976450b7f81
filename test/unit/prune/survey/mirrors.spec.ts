import assert from "node:assert/strict";
import { refreshSnapshot } from "../../../../provider/prune/survey/refresh.js";
import { ImageError } from "../../../../provider/support/imageError.js";
import {
  type FakeCluster,
  fakeObjects,
  safeRequest,
  surveyOptions,
} from "../../../support/fakes/clusterObjects.js";
import { shop, load } from "../../../support/fakes/surveyedCluster.js";

describe("loadSurvey", () => {
  describe("sets of mirrors", () => {
    const rule = { source: "quay.io/org", mirrors: ["r.io/mirror"] };
    const mirrored: FakeCluster = {
      ...shop,
      objects: {
        ...shop.objects,
        "imagedigestmirrorsets.config.openshift.io": [
          { metadata: { name: "a" }, spec: { imageDigestMirrors: [rule] } },
        ],
        "imagetagmirrorsets.config.openshift.io": [
          { metadata: { name: "b" }, spec: { imageTagMirrors: [rule] } },
        ],
        "imagecontentsourcepolicies.operator.openshift.io": [
          { metadata: { name: "c" }, spec: { repositoryDigestMirrors: [rule] } },
        ],
        "imagecontentpolicies.config.openshift.io": [
          { metadata: { name: "d" }, spec: { repositoryDigestMirrors: [rule] } },
        ],
      },
    };
    const forbidden = {
      ...mirrored,
      failing: {
        "imagetagmirrorsets.config.openshift.io": new ImageError(
          "API_FORBIDDEN",
          "may not list imagetagmirrorsets",
        ),
      },
    };

    it("are read, in a refresh too", async () => {
      const { snapshot } = await load(mirrored);
      assert.deepEqual(snapshot.mirrors, [rule, rule, rule, rule]);
      const again = await refreshSnapshot(fakeObjects(mirrored), snapshot, safeRequest, surveyOptions());
      assert.deepEqual(again.mirrors, snapshot.mirrors);
    });

    it("are absent where their API is not served", async () => {
      const { snapshot, coverage } = await load({
        ...mirrored,
        unserved: ["imagecontentsourcepolicies.operator.openshift.io"],
      });
      assert.deepEqual(snapshot.mirrors, [rule, rule, rule]);
      assert.equal(coverage.absent["imagecontentsourcepolicies"], "its API is not served");
    });

    it("stop the prune when they may not be read, unless allowUnreadable names them", async () => {
      await assert.rejects(load(forbidden), /may not list imagetagmirrorsets \[API_FORBIDDEN\]/);
      const { snapshot, coverage } = await load(forbidden, { allowUnreadable: ["imagetagmirrorsets"] });
      assert.deepEqual(snapshot.mirrors, [rule, rule, rule]);
      assert.match(coverage.absent["imagetagmirrorsets"] ?? "", /allowed to be unreadable/);
    });

    it("stop the prune, as workloads do, where only a glob of allowUnreadable matches them", async () => {
      for (const allowUnreadable of [["*"], ["image*"], ["*.openshift.io"]]) {
        await assert.rejects(load(forbidden, { allowUnreadable }), /may not list imagetagmirrorsets/);
      }
      const failing = { pods: new ImageError("API_ERROR", "503 Service Unavailable") };
      await assert.rejects(load({ ...shop, failing }, { allowUnreadable: ["*"] }), /503 Service Unavailable/);
    });

    it("are not read under oc's rules", async () => {
      const { snapshot, coverage } = await load(mirrored, { rules: "oc" });
      assert.deepEqual(snapshot.mirrors, []);
      assert.equal("imagedigestmirrorsets" in coverage.read, false);
    });
  });
});
