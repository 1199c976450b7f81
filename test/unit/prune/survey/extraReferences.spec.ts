import assert from "node:assert/strict";
import type { ApiResource } from "../../../../provider/okd/objects.js";
import { digest, type FakeCluster } from "../../../support/fakes/clusterObjects.js";
import { shop, load } from "../../../support/fakes/surveyedCluster.js";

describe("loadSurvey", () => {
  describe("extraReferences", () => {
    const widgets: ApiResource = { group: "example.io", version: "v1", resource: "widgets" };
    const cluster: FakeCluster = {
      ...shop,
      kinds: { "example.io/v1 Widget": widgets },
      objects: {
        ...shop.objects,
        "widgets.example.io": [
          {
            metadata: { namespace: "shop", name: "w" },
            spec: { main: "r.io/shop/web:a", more: ["r.io/shop/web:b", 7, "", { image: "no" }] },
            status: { used: digest("v2") },
          },
        ],
      },
    };
    const extra = (...jsonPaths: readonly string[]) => ({
      extraReferences: jsonPaths.map((jsonPath) => ({
        apiVersion: "example.io/v1",
        kind: "Widget",
        jsonPath,
      })),
    });

    it("are read once, with all their paths", async () => {
      const { snapshot, coverage } = await load(cluster, extra("$.spec.main", "$.spec.more[*]"));
      assert.deepEqual(snapshot.referrers.at(-1), {
        kind: "other",
        objectKind: "widget.example.io",
        namespace: "shop",
        name: "w",
        mentions: {
          pullSpecs: [
            { field: "$.spec.main", text: "r.io/shop/web:a" },
            { field: "$.spec.more[*]", text: "r.io/shop/web:b" },
          ],
          sources: [],
          digests: [digest("v2")],
          imageIds: [],
          possibleSpecs: ["no:latest"],
        },
      });
      assert.equal(coverage.read["widgets.example.io"], 1);
    });

    it("name the argument when the kind is not served", async () => {
      await assert.rejects(
        load({ ...cluster, kinds: {} }, extra("$.spec.main")),
        /extraReferences\[0\] names: the cluster serves no kind Widget of example.io\/v1.*\[API_NOT_FOUND\]/,
      );
    });

    it("name the argument when a path is wrong", async () => {
      await assert.rejects(
        load(cluster, extra("$.spec.main", "$.spec[")),
        /extraReferences\[1\]\.jsonPath \(\$\.spec\[\).*\[ARGUMENT_INVALID\]/,
      );
    });

    it("are searched as a whole without a path", async () => {
      const { snapshot } = await load(cluster, {
        extraReferences: [{ apiVersion: "example.io/v1", kind: "Widget" }],
      });
      assert.deepEqual(snapshot.referrers.at(-1)?.mentions?.digests, [digest("v2")]);
    });
  });
});
