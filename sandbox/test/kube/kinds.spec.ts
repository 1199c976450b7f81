import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import type { KubeObject } from "okd-image-sandbox";
import { Agent, request } from "undici";
import { withSandbox } from "../client.js";

const kinds: readonly (readonly [string, string, string])[] = [
  ["/api/v1", "pods", "Pod"],
  ["/api/v1", "replicationcontrollers", "ReplicationController"],
  ["/api/v1", "nodes", "Node"],
  ["/api/v1", "services", "Service"],
  ["/api/v1", "serviceaccounts", "ServiceAccount"],
  ["/apis/apps/v1", "daemonsets", "DaemonSet"],
  ["/apis/apps/v1", "deployments", "Deployment"],
  ["/apis/apps/v1", "replicasets", "ReplicaSet"],
  ["/apis/apps/v1", "statefulsets", "StatefulSet"],
  ["/api/v1", "podtemplates", "PodTemplate"],
  ["/apis/template.openshift.io/v1", "templates", "Template"],
  ["/apis/config.openshift.io/v1", "imagedigestmirrorsets", "ImageDigestMirrorSet"],
  ["/apis/config.openshift.io/v1", "imagetagmirrorsets", "ImageTagMirrorSet"],
  ["/apis/config.openshift.io/v1", "imagecontentpolicies", "ImageContentPolicy"],
  ["/apis/operator.openshift.io/v1alpha1", "imagecontentsourcepolicies", "ImageContentSourcePolicy"],
  ["/apis/apps/v1", "controllerrevisions", "ControllerRevision"],
  ["/apis/batch/v1", "jobs", "Job"],
  ["/apis/batch/v1", "cronjobs", "CronJob"],
  ["/apis/build.openshift.io/v1", "buildconfigs", "BuildConfig"],
  ["/apis/build.openshift.io/v1", "builds", "Build"],
  ["/apis/apps.openshift.io/v1", "deploymentconfigs", "DeploymentConfig"],
  ["/apis/route.openshift.io/v1", "routes", "Route"],
  ["/apis/coordination.k8s.io/v1", "leases", "Lease"],
  ["/apis/config.openshift.io/v1", "clusterversions", "ClusterVersion"],
  ["/apis/config.openshift.io/v1", "clusteroperators", "ClusterOperator"],
  ["/apis/config.openshift.io/v1", "images", "Image"],
  ["/apis/imageregistry.operator.openshift.io/v1", "configs", "Config"],
  ["/apis/imageregistry.operator.openshift.io/v1", "imagepruners", "ImagePruner"],
  ["/apis/apiregistration.k8s.io/v1", "apiservices", "APIService"],
  ["/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", "CustomResourceDefinition"],
  ["/apis/tekton.dev/v1", "pipelines", "Pipeline"],
];

interface Discovery {
  readonly groups: readonly { readonly name: string }[];
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
  }[];
}

const pipelines = {
  group: "tekton.dev",
  version: "v1",
  resource: "pipelines",
  kind: "Pipeline",
  namespaced: true,
};

describe("kinds besides images", () => {
  const open = withSandbox(() => ({ customKinds: [pipelines], plainHttp: true }));

  for (const [root, resource, kind] of kinds) {
    it(`${kind} is discovered, seeded, and listed whole or as metadata only`, async () => {
      const { admin, sandbox } = open();
      const discovered = ((await admin.get(root)).json as Discovery).resources.find(
        ({ name }) => name === resource,
      );
      assert.equal(discovered?.kind, kind);
      const namespace = discovered.namespaced ? { namespace: "shop" } : {};
      const apiVersion = root.replace(/^\/apis?\//, "");
      const creationTimestamp = "2020-02-02T02:02:02Z";
      const metadata = { name: "seeded", ...namespace, uid: "u-1", creationTimestamp, labels: { a: "b" } };
      sandbox.seed({ apiVersion, kind, metadata, status: { seen: true } });
      const { list } = await admin.get(`${root}/${resource}?labelSelector=a%3Db`);
      assert.equal(list.kind, `${kind}List`);
      const [item] = list.items;
      assert.deepEqual({ ...item?.metadata, resourceVersion: "" }, { ...metadata, resourceVersion: "" });
      assert.deepEqual(item?.["status"], { seen: true });
      const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
      const partial = (await admin.get(`${root}/${resource}?labelSelector=a%3Db`, { accept })).list;
      assert.equal(partial.kind, "PartialObjectMetadataList");
      assert.equal(partial.items[0]?.["status"], undefined);
    });
  }

  it("every group is in /apis, with an available APIService", async () => {
    const { admin } = open();
    const names = ((await admin.get("/apis")).json as Discovery).groups.map(({ name }) => name);
    const services = (await admin.get("/apis/apiregistration.k8s.io/v1/apiservices")).list.items;
    for (const [root] of kinds.filter(([path]) => path !== "/api/v1")) {
      const [, , group = "", version = ""] = root.split("/");
      assert.ok(names.includes(group), group);
      const service = services.find(({ metadata }) => metadata.name === `${version}.${group}`);
      assert.equal(availabilityOf(service), "True", group);
    }
  });

  it("a custom kind has a definition that can be listed", async () => {
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pipelines.tekton.dev";
    const { spec } = (await open().admin.get(path)).json as {
      spec: { names: { kind: string }; scope: string };
    };
    assert.deepEqual([spec.names.kind, spec.scope], ["Pipeline", "Namespaced"]);
  });

  it("a status is dropped from a create, kept by an update, and written through /status", async () => {
    const { admin } = open();
    const path = "/api/v1/namespaces/shop/pods";
    const spec = { containers: [{ name: "c", image: "i" }] };
    const created = await admin.post(path, { metadata: { name: "p" }, spec, status: { phase: "Running" } });
    assert.deepEqual(created.object["status"], { phase: "Pending" });
    const running = { ...created.object, status: { phase: "Running" } };
    assert.deepEqual((await admin.put(`${path}/p`, running)).object["status"], { phase: "Pending" });
    const written = await admin.put(`${path}/p/status`, running);
    assert.deepEqual(written.object["status"], { phase: "Running" });
  });

  it("a long list is compressed for clients that accept gzip", async () => {
    const { sandbox } = open();
    const dispatcher = new Agent();
    const { statusCode, headers, body } = await request(
      `${sandbox.httpUrl ?? ""}/apis/apiregistration.k8s.io/v1/apiservices`,
      {
        dispatcher,
        headers: { authorization: `Bearer ${sandbox.adminToken}`, "accept-encoding": "gzip" },
      },
    );
    const bytes = Buffer.from(await body.arrayBuffer());
    assert.equal(statusCode, 200);
    assert.equal(headers["content-encoding"], "gzip");
    assert.match(gunzipSync(bytes).toString("utf8"), /^\{"kind":"APIServiceList"/);
    await dispatcher.close();
  });
});

describe("API groups that are not served", () => {
  const groups = ["apps.openshift.io", "build.openshift.io", "route.openshift.io", "batch"];
  const gone = [...groups, "dead.example.io"];
  const missing = withSandbox(() => ({ missingGroups: groups }));
  const unavailable = withSandbox(() => ({ unavailableGroups: gone }));

  it("a missing group answers 404 as text, and neither /apis nor an APIService names it", async () => {
    const { admin } = missing();
    const names = ((await admin.get("/apis")).json as Discovery).groups.map(({ name }) => name);
    const services = (await admin.get("/apis/apiregistration.k8s.io/v1/apiservices")).list.items;
    for (const group of groups) {
      const answer = await admin.get(`/apis/${group}/v1/things`);
      assert.deepEqual([answer.status, answer.text], [404, "404 page not found\n"], group);
      assert.match(String(answer.headers["content-type"]), /^text\/plain/);
      assert.ok(!names.includes(group), group);
      assert.ok(!services.some(({ metadata }) => metadata.name === `v1.${group}`), group);
    }
  });

  it("an unavailable group answers 503 as text; /apis and an APIService that is not available name it", async () => {
    const { admin } = unavailable();
    const names = ((await admin.get("/apis")).json as Discovery).groups.map(({ name }) => name);
    for (const group of gone) {
      const answer = await admin.get(`/apis/${group}/v1/things`);
      assert.deepEqual([answer.status, answer.text], [503, "service unavailable\n"], group);
      assert.ok(names.includes(group), group);
      const service = await admin.get(`/apis/apiregistration.k8s.io/v1/apiservices/v1.${group}`);
      assert.equal(availabilityOf(service.object), "False", group);
    }
  });
});

describe("an API group whose backend stops and starts again", () => {
  const open = withSandbox();

  it("a group is answered while its APIService is available", async () => {
    const { sandbox, admin } = open();
    const metadata = { name: "v1.apps.openshift.io" };
    const set = (status: string) =>
      sandbox.patch({
        apiVersion: "apiregistration.k8s.io/v1",
        kind: "APIService",
        metadata,
        status: { conditions: [{ type: "Available", status }] },
      });
    const path = "/apis/apps.openshift.io/v1/deploymentconfigs";
    const statuses: number[] = [];
    for (const state of ["True", "False", "True"]) {
      set(state);
      statuses.push((await admin.get(path)).status);
    }
    assert.deepEqual(statuses, [200, 503, 200]);
  });
});

function availabilityOf(service: KubeObject | undefined): string | undefined {
  const { conditions = [] } = (service?.["status"] ?? {}) as {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
  return conditions.find(({ type }) => type === "Available")?.status;
}
