import assert from "node:assert/strict";
import { type KubeObject, type Sandbox, type SandboxOptions, startSandbox } from "okd-image-sandbox";
import { createConnector } from "../../../provider/cluster/connection/open.js";
import { clusterObjects } from "../../../provider/cluster/lists/objects.js";
import { processMachine } from "../../../provider/http/machine.js";
import type { ClusterObjects } from "../../../provider/okd/objects.js";
import type { ClusterSnapshot } from "../../../provider/prune/snapshot.js";
import { loadSurvey } from "../../../provider/prune/survey/load.js";
import { refreshSnapshot } from "../../../provider/prune/survey/refresh.js";
import type { SurveyRequest } from "../../../provider/prune/survey/request.js";

const signal = new AbortController().signal;
const request: SurveyRequest = {
  rules: "safe",
  namespace: undefined,
  extraReferences: [],
  allowUnreadable: [],
  skipKinds: [],
};
const digestOf = (number: number) => `sha256:${number.toString(16).padStart(64, "0")}`;

function podOf(number: number): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: "shop", name: `web-${String(number).padStart(4, "0")}` },
    spec: { containers: [{ name: "app", image: `registry.svc:5000/shop/web@${digestOf(1)}` }] },
    status: { phase: "Running" },
  };
}

function imageOf(number: number): KubeObject {
  return {
    apiVersion: "image.openshift.io/v1",
    kind: "Image",
    metadata: { name: digestOf(number), annotations: { "openshift.io/image.managed": "true" } },
    dockerImageReference: `registry.svc:5000/shop/web@${digestOf(number)}`,
    dockerImageLayers: [{ name: digestOf(9), size: 5, mediaType: "x" }],
    dockerImageMetadata: { Id: digestOf(8), Size: 5 },
    dockerImageManifestMediaType: "application/vnd.oci.image.manifest.v1+json",
  };
}

describe("survey of a cluster", () => {
  let sandbox: Sandbox;
  afterEach(() => sandbox.close());

  async function start(options: SandboxOptions = {}, user = "admin"): Promise<ClusterObjects> {
    sandbox = await startSandbox({ namespaces: ["shop"], ...options });
    return await objectsAs(user);
  }

  async function objectsAs(user: string): Promise<ClusterObjects> {
    const connect = createConnector(processMachine);
    const inputs = { kubeconfig: sandbox.kubeconfig({ user }) };
    return clusterObjects((await connect({ inputs, config: () => undefined }, { signal })).client);
  }

  const survey = (objects: ClusterObjects, changes: Partial<SurveyRequest> = {}) =>
    loadSurvey(objects, { ...request, ...changes }, { signal, progress: () => undefined, now: Date.now });
  const podNames = ({ referrers }: ClusterSnapshot) =>
    referrers.filter(({ kind }) => kind === "pod").map(({ name }) => name);

  it("reads what a real list looks like, over several gzipped pages", async () => {
    const objects = await start();
    for (let number = 0; number < 1_100; number += 1) sandbox.seed(podOf(number));
    for (let number = 1; number <= 3; number += 1) sandbox.seed(imageOf(number));

    const { snapshot, coverage } = await survey(objects);

    assert.equal(new Set(podNames(snapshot)).size, 1_100);
    assert.equal(coverage.read["pods"], 1_100);
    assert.deepEqual(snapshot.images.map(({ digest }) => digest).sort(), [1, 2, 3].map(digestOf));
    assert.equal(snapshot.images[0]?.repository, "shop/web");
    assert.equal(sandbox.requests.matching({ path: /^\/api\/v1\/pods/ }).length, 3);
    const pods = snapshot.referrers.filter((referrer) => referrer.kind === "pod");
    assert.equal(
      new Set(pods.map(({ images }) => images)).size,
      1,
      "pods of one workload share their images",
    );
  });

  it("loses nothing when the continue token expires between two pages", async () => {
    const objects = await start();
    for (let number = 1; number <= 1_100; number += 1) sandbox.seed(podOf(number));
    sandbox.onRequest({ path: String.raw`^/api/v1/pods\?.*continue=` }, () => {
      sandbox.seed(podOf(0)); // sorts before everything that was listed
      sandbox.expireContinueTokens();
    });

    const { snapshot, coverage } = await survey(objects);

    assert.equal(podNames(snapshot).length, 1_101);
    assert.equal(new Set(podNames(snapshot)).size, 1_101);
    assert.ok(podNames(snapshot).includes("web-0000"));
    assert.equal(coverage.read["pods"], 1_101);
  });

  it("takes the server's clock and reports the skew", async () => {
    const objects = await start({ clockOffsetSeconds: 3_600 });
    const { snapshot, coverage } = await survey(objects);
    assert.ok(Math.abs(coverage.clockSkewSeconds - 3_600) <= 3, String(coverage.clockSkewSeconds));
    assert.equal(snapshot.takenAt % 600_000, 0);
    assert.ok(snapshot.takenAt > Date.now() + 2_900_000);
  });

  it("tells a group that is not served from one whose backend is down", async () => {
    const without = await start({ missingGroups: ["build.openshift.io", "apps.openshift.io"] });
    const { coverage } = await survey(without);
    assert.deepEqual(coverage.absent, {
      buildconfigs: "its API is not served",
      builds: "its API is not served",
      deploymentconfigs: "its API is not served",
    });
    await sandbox.close();

    const down = await start({ unavailableGroups: ["build.openshift.io"] });
    await assert.rejects(survey(down), /build\.openshift\.io.*503.*\[API_ERROR\]/);
    const allowed = await survey(down, { allowUnreadable: ["builds", "buildconfigs"] });
    assert.deepEqual(Object.keys(allowed.coverage.absent), ["buildconfigs", "builds"]);
  });

  it("names the list that is forbidden, and the right to grant", async () => {
    await start();
    await assert.rejects(
      survey(await objectsAs("alice")),
      /Cannot list imagestreams\.image\.openshift\.io in all namespaces: .*User "alice".*resources: \["imagestreams"\], verbs: \["list"\].*\[API_FORBIDDEN\]/,
    );
    for (const [apiGroup, resource] of [
      ["image.openshift.io", "imagestreams"],
      ["image.openshift.io", "images"],
    ]) {
      sandbox.grant("alice", { apiGroups: [apiGroup!], resources: [resource!], verbs: ["list"] });
    }
    await assert.rejects(survey(await objectsAs("alice")), /Cannot list \w+.*\[API_FORBIDDEN\]/);
  });

  it("reads custom objects by JSONPath", async () => {
    const widget = {
      group: "example.io",
      version: "v1",
      kind: "Widget",
      resource: "widgets",
      namespaced: true,
    };
    const objects = await start({ customKinds: [widget] });
    sandbox.seed({
      apiVersion: "example.io/v1",
      kind: "Widget",
      metadata: { namespace: "shop", name: "w" },
      spec: { parts: [{ image: "r.io/shop/web:1" }] },
    });
    const extraReferences = [
      { apiVersion: "example.io/v1", kind: "Widget", jsonPath: "$.spec.parts[*].image" },
    ];

    const { snapshot } = await survey(objects, { extraReferences });

    const other = snapshot.referrers.find(({ name }) => name === "w");
    assert.deepEqual(other?.mentions?.pullSpecs, [
      { field: "$.spec.parts[*].image", text: "r.io/shop/web:1" },
    ]);
    await assert.rejects(
      survey(objects, { extraReferences: [{ ...extraReferences[0]!, kind: "Gadget" }] }),
      /extraReferences\[0\].*Gadget.*\[API_NOT_FOUND\]/,
    );
  });

  it("refreshes with the metadata of known images alone", async () => {
    const objects = await start();
    for (const number of [1, 2]) sandbox.seed(imageOf(number));
    const { snapshot } = await survey(objects);
    sandbox.seed(imageOf(3));
    sandbox.remove({ apiVersion: "image.openshift.io/v1", kind: "Image", metadata: { name: digestOf(1) } });
    sandbox.requests.clear();

    const fresh = await refreshSnapshot(objects, snapshot, request, {
      signal,
      progress: () => undefined,
      now: Date.now,
    });

    assert.deepEqual(fresh.images.map(({ digest }) => digest).sort(), [2, 3].map(digestOf));
    assert.equal(fresh.images.find(({ digest }) => digest === digestOf(3))?.repository, "shop/web");
    assert.equal(fresh.takenAt, snapshot.takenAt);
    const wholeImages = sandbox.requests.matching({ path: /\/images\/sha256/ });
    assert.equal(wholeImages.length, 1);
  });
});
