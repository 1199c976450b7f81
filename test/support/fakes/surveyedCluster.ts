import { loadSurvey } from "../../../provider/prune/survey/load.js";
import {
  digest,
  type FakeCluster,
  fakeObjects,
  rawImage,
  rawPod,
  rawStream,
  safeRequest,
  surveyOptions,
} from "./clusterObjects.js";

export const images = "images.image.openshift.io";
export const streams = "imagestreams.image.openshift.io";

export const shop: FakeCluster = {
  objects: {
    [images]: [rawImage("v1"), rawImage("v2")],
    [streams]: [rawStream("shop", "web", ["v2", "v1"]), rawStream("other", "db", [])],
    pods: [rawPod("shop", "web-1", `registry.svc:5000/shop/web@${digest("v1")}`)],
    "deployments.apps": [
      {
        metadata: { namespace: "shop", name: "web" },
        spec: { template: { spec: { containers: [{ name: "app", image: "quay.io/a/b:1" }] } } },
      },
    ],
    limitranges: [
      {
        metadata: { namespace: "shop", name: "limits" },
        spec: {
          limits: [
            { type: "openshift.io/Image", max: { storage: "1Gi" } },
            { type: "Pod", max: { cpu: "1" } },
          ],
        },
      },
    ],
  },
};

export const load = (cluster: FakeCluster, request = {}, options = {}) =>
  loadSurvey(fakeObjects(cluster), { ...safeRequest, ...request }, surveyOptions(options));

export const failing = (failures: Readonly<Record<string, Error>>): FakeCluster => ({
  ...shop,
  failing: failures,
});
