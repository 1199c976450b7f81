import assert from "node:assert/strict";
import type { ApiAnswer, KubeApi } from "../support/clients/kubeApi.js";
import { recording, structure } from "../support/recordings/okdApi.js";
import { describeContract, eventually, imageApi } from "../support/worlds/contract/scene.js";
import type { ContractTarget } from "../support/worlds/contract/target.js";

/** What a prune reads besides images; the groups of the lower half need not be served. */
const lists: readonly (readonly [string, string, string])[] = [
  ["/api/v1", "pods", "PodList"],
  ["/api/v1", "replicationcontrollers", "ReplicationControllerList"],
  ["/api/v1", "nodes", "NodeList"],
  ["/api/v1", "services", "ServiceList"],
  ["/api/v1", "limitranges", "LimitRangeList"],
  ["/apis/apps/v1", "daemonsets", "DaemonSetList"],
  ["/apis/apps/v1", "deployments", "DeploymentList"],
  ["/apis/apps/v1", "replicasets", "ReplicaSetList"],
  ["/apis/apps/v1", "statefulsets", "StatefulSetList"],
  ["/api/v1", "podtemplates", "PodTemplateList"],
  ["/apis/template.openshift.io/v1", "templates", "TemplateList"],
  ["/apis/config.openshift.io/v1", "imagedigestmirrorsets", "ImageDigestMirrorSetList"],
  ["/apis/config.openshift.io/v1", "imagetagmirrorsets", "ImageTagMirrorSetList"],
  ["/apis/config.openshift.io/v1", "imagecontentpolicies", "ImageContentPolicyList"],
  ["/apis/apps/v1", "controllerrevisions", "ControllerRevisionList"],
  ["/apis/batch/v1", "jobs", "JobList"],
  ["/apis/batch/v1", "cronjobs", "CronJobList"],
  ["/apis/coordination.k8s.io/v1", "leases", "LeaseList"],
  ["/apis/apiregistration.k8s.io/v1", "apiservices", "APIServiceList"],
  ["/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", "CustomResourceDefinitionList"],
  ["/apis/build.openshift.io/v1", "buildconfigs", "BuildConfigList"],
  ["/apis/build.openshift.io/v1", "builds", "BuildList"],
  ["/apis/apps.openshift.io/v1", "deploymentconfigs", "DeploymentConfigList"],
  ["/apis/route.openshift.io/v1", "routes", "RouteList"],
  ["/apis/config.openshift.io/v1", "clusterversions", "ClusterVersionList"],
  ["/apis/config.openshift.io/v1", "clusteroperators", "ClusterOperatorList"],
  ["/apis/imageregistry.operator.openshift.io/v1", "configs", "ConfigList"],
  ["/apis/imageregistry.operator.openshift.io/v1", "imagepruners", "ImagePrunerList"],
];

interface Resources {
  readonly resources?: readonly { readonly name: string }[];
}

describeContract("contract: the kinds that a prune reads", (scene) => {
  for (const [root, resource, kind] of lists) {
    it(`${resource} are listed with a resourceVersion where they are served, else 404`, async () => {
      const { admin } = scene().target;
      const discovered = await admin.get(root);
      const { resources = [] } = discovered.status === 200 ? (discovered.json as Resources) : {};
      const isServed = resources.some(({ name }) => name === resource);
      const answer = await admin.get(`${root}/${resource}?limit=1`);
      assert.equal(answer.status, isServed ? 200 : 404, answer.text);
      if (!isServed) return;
      assert.equal(answer.list.kind, kind);
      assert.match(answer.list.metadata.resourceVersion ?? "", /^\d+$/);
      assert.ok(Array.isArray(answer.list.items));
    });
  }
});

describeContract("contract: leases", (scene) => {
  const name = "pulumi-okd-images-prune";
  const path = (): string => `/apis/coordination.k8s.io/v1/namespaces/${scene().namespace}/leases`;
  const lease = (holderIdentity: string, metadata: object = { name }): unknown => ({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata,
    spec: { holderIdentity, leaseDurationSeconds: 60 },
  });

  it("are created once, as recorded, and updated only at the revision that was read", async () => {
    const { admin } = scene().target;
    const created = await admin.post(path(), lease("a"));
    assert.equal(created.status, 201, created.text);
    const again = await admin.post(path(), lease("b"));
    assert.equal(again.status, 409);
    assert.deepEqual(again.json, recording("status-409-lease-exists"));
    const { metadata } = created.object;
    assert.equal((await admin.put(`${path()}/${name}`, lease("c", metadata))).status, 200);
    const stale = await admin.put(`${path()}/${name}`, lease("d", metadata));
    assert.deepEqual([stale.status, stale.failure.reason], [409, "Conflict"]);
    assert.equal((await admin.delete(`${path()}/${name}`)).status, 200);
    assert.equal((await admin.get(`${path()}/${name}`)).status, 404);
  });
});

describeContract("contract: what one may do", (scene) => {
  const images = { group: "image.openshift.io", resource: "images", verb: "delete" };

  it("is answered to every user about himself", async () => {
    const { admin } = scene().target;
    const answer = await ask(admin, images);
    assert.equal(answer.status, 201, answer.text);
    assert.equal(allowedOf(answer), true);
    assert.deepEqual((answer.object["spec"] as { resourceAttributes: object }).resourceAttributes, images);
  });

  it("is denied to a user without rights for every right that a prune needs", async function () {
    const { user } = scene().target;
    if (user === undefined) return this.skip();
    const status = { group: "image.openshift.io", resource: "imagestreams", subresource: "status" };
    const pods = { group: "", resource: "pods", verb: "list" };
    for (const attributes of [images, { ...status, verb: "update" }, pods]) {
      const answer = await ask(user.api, attributes);
      assert.equal(answer.status, 201, answer.text);
      assert.equal(allowedOf(answer), false, JSON.stringify(attributes));
    }
  });

  function ask(api: KubeApi, resourceAttributes: object): Promise<ApiAnswer> {
    return api.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes },
    });
  }

  function allowedOf(answer: ApiAnswer): boolean {
    return (answer.object["status"] as { allowed: boolean }).allowed;
  }
});

describeContract("contract: the blobs of a stream's images", (scene) => {
  it("are listed with their sizes, and a deleted Image is named", async () => {
    const { admin, registryHost } = scene().target;
    const { digest, layerDigests, configDigest } = await scene().push("demo/blobs", "v1", "blobs", {
      layers: 2,
    });
    const other = await scene().push("demo/blobs", "v2", "blobs other");
    await scene().imported("blobs", [
      { from: `${registryHost}/demo/blobs:v1`, to: "v1" },
      { from: `${registryHost}/demo/blobs:v2`, to: "v2" },
    ]);
    assert.equal((await admin.delete(`${imageApi}/images/${other.digest}`)).status, 200);
    const { object, status, text } = await admin.get(scene().path("imagestreams/blobs/layers"));
    assert.equal(status, 200, text);
    const images = object["images"] as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    assert.deepEqual(images[digest]?.["layers"], layerDigests);
    assert.equal(images[digest]["config"], configDigest);
    assert.equal(images[other.digest]?.["imageMissing"], true);
    const blobs = object["blobs"] as Readonly<Record<string, { readonly size?: number | null }>>;
    for (const layer of layerDigests) assert.ok((blobs[layer]?.size ?? 0) > 0, layer);
  });

  it("tell the manifests of an index that was imported as it is", async () => {
    const { admin, registry, registryHost, run } = scene().target;
    const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
    const content = { content: `${run} blobs of an index` };
    const { digest, children } = await registry.index("demo/blobs", "multi", platforms, content);
    const from = `${registryHost}/demo/blobs:multi`;
    await scene().imported("multi", [{ from, to: "v1", importMode: "PreserveOriginal" }]);
    const { object, status, text } = await admin.get(scene().path("imagestreams/multi/layers"));
    assert.equal(status, 200, text);
    const images = object["images"] as Readonly<Record<string, { readonly manifests?: readonly string[] }>>;
    assert.deepEqual(images[digest]?.manifests?.toSorted(), children.map((child) => child.digest).toSorted());
  });
});

describeContract("contract: images whose metadata alone is read", (scene) => {
  const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

  it("are listed with uid, revision and age, and can be deleted by these as preconditions", async () => {
    const { admin, registryHost } = scene().target;
    const { digest } = await scene().push("demo/partial", "v1", "partial");
    await scene().imported("partial", [{ from: `${registryHost}/demo/partial:v1`, to: "v1" }]);
    const found = await findImage(scene().target, digest);
    assert.equal(found?.["dockerImageReference"], undefined);
    const { uid, resourceVersion, creationTimestamp } = found?.metadata ?? {};
    assert.ok(uid !== undefined && resourceVersion !== undefined && creationTimestamp !== undefined);
    const preconditions = { uid, resourceVersion };
    const path = `${imageApi}/images/${digest}`;
    assert.equal((await admin.delete(path, { preconditions, dryRun: ["All"] })).status, 200);
    assert.equal((await admin.get(path)).status, 200);
    assert.equal((await admin.delete(path, { preconditions })).status, 200);
    assert.equal((await admin.get(path)).status, 404);
  });

  async function findImage({ admin }: ContractTarget, digest: string) {
    for (let token: string | undefined = ""; token !== undefined;) {
      const query: string = token === "" ? "" : `&continue=${encodeURIComponent(token)}`;
      const { list } = await admin.get(`${imageApi}/images?limit=500${query}`, { accept });
      const found = list.items.find(({ metadata }) => metadata.name === digest);
      if (found !== undefined) return found;
      token = list.metadata.continue === "" ? undefined : list.metadata.continue;
    }
    return undefined;
  }
});

describeContract("contract: a group whose backend is gone", (scene) => {
  const group = "dead.pulumi-okd-images.test";
  const path = "/apis/apiregistration.k8s.io/v1/apiservices";

  it("answers 503 as text, and its APIService says so, as recorded", async () => {
    const { admin } = scene().target;
    const recorded = recording("apiservice-unavailable") as {
      readonly spec: object;
      readonly status: object;
    };
    const spec = { ...recorded.spec, group };
    const kind = { apiVersion: "apiregistration.k8s.io/v1", kind: "APIService" };
    const created = await admin.post(path, { ...kind, metadata: { name: `v1.${group}` }, spec });
    assert.equal(created.status, 201, created.text);
    try {
      const seen = await eventually(
        () => admin.get(`${path}/v1.${group}`),
        (answer) =>
          (answer.object["status"] as { conditions?: object } | undefined)?.conditions !== undefined,
      );
      assert.deepEqual(structure(seen.object["status"]), structure(recorded.status));
      const answer = await eventually(
        () => admin.get(`/apis/${group}/v1/things`),
        ({ status }) => status === 503,
      );
      assert.equal(answer.status, 503);
      assert.match(String(answer.headers["content-type"]), /^text\/plain/);
      assert.equal(answer.text.trim(), "service unavailable");
    } finally {
      await admin.delete(`${path}/v1.${group}`);
    }
  });
});
