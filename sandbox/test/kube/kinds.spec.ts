import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import type { KubeObject } from "okd-image-sandbox";
import { Agent, request } from "undici";
import { type KubeApi, openKubeApi } from "../../../test/support/clients/kubeApi.js";
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

describe("sandbox: kinds that a cluster has besides images", () => {
  const open = withSandbox(() => ({ customKinds: [pipelines], plainHttp: true }));

  for (const [root, resource, kind] of kinds) {
    it(`serves ${kind}: discovered, seeded, listed, as metadata only`, async () => {
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

  it("shows every group in /apis, and its APIService is available", async () => {
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

  it("lists the definition of a custom kind", async () => {
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pipelines.tekton.dev";
    const { spec } = (await open().admin.get(path)).json as {
      spec: { names: { kind: string }; scope: string };
    };
    assert.deepEqual([spec.names.kind, spec.scope], ["Pipeline", "Namespaced"]);
  });

  it("drops the status of a create, keeps it in an update, and takes it through /status", async () => {
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

  it("compresses a long list for who asks", async () => {
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

describe("sandbox: groups that are not there", () => {
  const groups = ["apps.openshift.io", "build.openshift.io", "route.openshift.io", "batch"];
  const gone = [...groups, "dead.example.io"];
  const missing = withSandbox(() => ({ missingGroups: groups }));
  const unavailable = withSandbox(() => ({ unavailableGroups: gone }));

  it("missing: 404 as text, absent from /apis, without an APIService", async () => {
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

  it("unavailable: 503 as text, in /apis, with an APIService that is not available", async () => {
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

describe("sandbox: a group whose backend goes away and comes back", () => {
  const open = withSandbox();

  it("is answered, or not, as its APIService says", async () => {
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

describe("sandbox: seeded objects", () => {
  const open = withSandbox(() => ({
    objects: [{ apiVersion: "v1", kind: "Pod", metadata: { name: "first", namespace: "made" } }],
  }));
  const name = { apiVersion: "v1", kind: "Pod", metadata: { name: "old", namespace: "shop" } };
  const stored = (): KubeObject | undefined => open().sandbox.stored("pods", "old", "shop");

  it("are there at start, in a namespace that need not exist", async () => {
    assert.equal((await open().admin.get("/api/v1/namespaces/made/pods/first")).status, 200);
    assert.equal((await open().admin.get("/api/v1/namespaces/made")).status, 200);
  });

  it("can be older than everything, be replaced without losing who they are, patched and removed", () => {
    const { sandbox } = open();
    const first = sandbox.seed({ ...name, metadata: { ...name.metadata, creationTimestamp: null } });
    assert.equal(stored()?.metadata.creationTimestamp, null);
    const replaced = sandbox.seed({ ...name, spec: { containers: [] } });
    assert.equal(replaced.metadata.uid, first.metadata.uid);
    assert.equal(replaced.metadata.creationTimestamp, null);
    assert.notEqual(replaced.metadata.resourceVersion, first.metadata.resourceVersion);
    sandbox.patch({ ...name, status: { phase: "Running" } });
    assert.deepEqual(stored()?.["status"], { phase: "Running" });
    assert.deepEqual(stored()?.["spec"], { containers: [] });
    sandbox.remove(name);
    assert.equal(stored(), undefined);
    assert.throws(() => sandbox.remove(name), /has no Pod shop\/old/);
  });

  it("get what the server adds to a stream", async () => {
    const { sandbox, admin } = open();
    sandbox.seed({
      apiVersion: "image.openshift.io/v1",
      kind: "ImageStream",
      metadata: { name: "s", namespace: "shop" },
    });
    const { stream } = await admin.get("/apis/image.openshift.io/v1/namespaces/shop/imagestreams/s");
    assert.match(stream.status.dockerImageRepository, /^image-registry.*\/shop\/s$/);
  });

  it("come and go from another process", async () => {
    const { sandbox } = open();
    const url = `${sandbox.controlUrl}/sandbox/objects`;
    const put = await request(url, {
      method: "PUT",
      body: JSON.stringify([
        name,
        { kind: "List", items: [{ ...name, metadata: { ...name.metadata, name: "b" } }] },
      ]),
    });
    assert.equal(put.statusCode, 200);
    const { items } = (await put.body.json()) as { items: readonly KubeObject[] };
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ["old", "b"],
    );
    assert.notEqual(stored(), undefined);
    const removed = await request(url, { method: "DELETE", body: JSON.stringify(name) });
    assert.equal(removed.statusCode, 204);
    assert.equal(stored(), undefined);
    const wrong = await request(url, {
      method: "PUT",
      body: JSON.stringify({ kind: "Nothing", metadata: {} }),
    });
    assert.equal(wrong.statusCode, 400);
    assert.match(await wrong.body.text(), /an object: apiVersion is missing/);
  });
});

describe("sandbox: long lists", () => {
  const open = withSandbox();

  it("of 20,000 pods are read in pages of 500, of one namespace too", async () => {
    const { sandbox, admin } = open();
    for (let index = 0; index < 20_000; index += 1) {
      const namespace = index % 2 === 0 ? "even" : "odd-1";
      sandbox.seed({ apiVersion: "v1", kind: "Pod", metadata: { name: `p${index}`, namespace } });
    }
    assert.equal((await namesOf(admin, "/api/v1/pods")).size, 20_000);
    const odd = await namesOf(admin, "/api/v1/namespaces/odd-1/pods");
    assert.equal(odd.size, 10_000);
    assert.ok(odd.has("p1") && !odd.has("p2"));
  });
});

describe("sandbox: leases", () => {
  const open = withSandbox();
  const path = "/apis/coordination.k8s.io/v1/namespaces/shop/leases";

  it("are created once, and updated only from what they are", async () => {
    const { admin } = open();
    const created = await admin.post(path, { metadata: { name: "l" }, spec: { holderIdentity: "a" } });
    assert.equal(created.status, 201);
    const again = await admin.post(path, { metadata: { name: "l" }, spec: { holderIdentity: "b" } });
    assert.deepEqual([again.status, again.failure.reason], [409, "AlreadyExists"]);
    const renewed = await admin.put(`${path}/l`, { ...created.object, spec: { holderIdentity: "c" } });
    assert.equal(renewed.status, 200);
    const stale = await admin.put(`${path}/l`, { ...created.object, spec: { holderIdentity: "d" } });
    assert.deepEqual([stale.status, stale.failure.reason], [409, "Conflict"]);
    const blind = await admin.put(`${path}/l`, { metadata: { name: "l" }, spec: {} });
    assert.equal(blind.status, 422);
  });
});

describe("sandbox: what a user may ask about himself", () => {
  const open = withSandbox(() => ({
    plainHttp: true,
    users: [
      {
        name: "bob",
        rules: [{ verbs: ["update"], resources: ["imagestreams/status"], namespaces: ["shop"] }],
      },
    ],
    objects: [
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: "pruner" },
        roleRef: { kind: "ClusterRole", name: "system:image-pruner" },
        subjects: [{ kind: "ServiceAccount", name: "pruner", namespace: "shop" }],
      },
    ],
  }));
  const images = { group: "image.openshift.io", resource: "images" };
  const status = { group: "image.openshift.io", resource: "imagestreams", subresource: "status" };

  async function allowed(api: KubeApi, attributes: object): Promise<boolean> {
    const answer = await api.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
      spec: { resourceAttributes: attributes },
    });
    assert.equal(answer.status, 201, answer.text);
    return (answer.object["status"] as { allowed: boolean }).allowed;
  }

  it("is answered from the sandbox's own rules, for everybody", async () => {
    const { sandbox, admin } = open();
    const server = sandbox.httpUrl ?? "";
    const bob = openKubeApi({ server, token: sandbox.users[0]?.token });
    const token = sandbox.addToken("system:serviceaccount:shop:pruner");
    const pruner = openKubeApi({ server, token });
    assert.equal(await allowed(admin, { ...images, verb: "delete" }), true);
    assert.equal(await allowed(bob, { ...images, verb: "delete" }), false);
    assert.equal(await allowed(bob, { ...status, verb: "update", namespace: "shop" }), true);
    assert.equal(await allowed(bob, { ...status, verb: "update" }), false);
    assert.equal(await allowed(pruner, { ...images, verb: "delete" }), true);
    assert.equal(await allowed(pruner, { ...status, verb: "update" }), true);
    assert.equal(await allowed(pruner, { verb: "list", resource: "secrets" }), false);
    const self = await bob.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {});
    const { userInfo } = self.object["status"] as {
      userInfo: { username: string; groups: readonly string[] };
    };
    assert.deepEqual([userInfo.username, userInfo.groups], ["bob", ["system:authenticated"]]);
    assert.equal((await admin.get("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")).status, 405);
    await bob.close();
    await pruner.close();
  });
});

async function namesOf(admin: KubeApi, path: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (let token: string | undefined = ""; token !== undefined;) {
    const query: string = token === "" ? "" : `&continue=${encodeURIComponent(token)}`;
    const { list } = await admin.get(`${path}?limit=500${query}`);
    for (const item of list.items) names.add(item.metadata.name);
    token = list.metadata.continue;
  }
  return names;
}

function availabilityOf(service: KubeObject | undefined): string | undefined {
  const { conditions = [] } = (service?.["status"] ?? {}) as {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
  return conditions.find(({ type }) => type === "Available")?.status;
}
