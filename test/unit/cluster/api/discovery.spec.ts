import assert from "node:assert/strict";
import type { ApiResource } from "../../../../provider/okd/objects.js";
import { hasCode } from "../../../../provider/support/imageError.js";
import {
  pods,
  builds,
  images,
  signal,
  status,
  useClusterObjects,
  type Routes,
} from "../../../support/servers/objectRoutes.js";
import type { Answer } from "../../../support/servers/scripted.js";

describe("clusterObjects", () => {
  const served = useClusterObjects();
  const { serve } = served;

  const classic: Routes = {
    "/api": () => ({ body: { kind: "APIVersions", versions: ["v1"] } }),
    "/apis": () => ({
      body: {
        kind: "APIGroupList",
        groups: [
          group("apps", ["v1"]),
          group("build.openshift.io", ["v1"]),
          group("dead.example.io", ["v1"]),
          group("tekton.dev", ["v1beta1", "v1"], "v1"),
        ],
      },
    }),
    "/api/v1": () => resources({ pods: "Pod", "pods/status": "Pod", nodes: "Node" }),
    "/apis/apps/v1": () => resources({ deployments: "Deployment" }),
    "/apis/build.openshift.io/v1": () => resources({ builds: "Build" }),
    "/apis/dead.example.io/v1": () => ({ status: 503, body: "service unavailable" }),
    "/apis/tekton.dev/v1": () => resources({ tasks: "Task" }),
    "/apis/tekton.dev/v1beta1": () => resources({ tasks: "Task", clustertasks: "ClusterTask" }),
  };
  const aggregated: Routes = {
    "/api": () => groupList([aggregatedGroup("", { v1: { pods: "Pod", nodes: "Node" } })]),
    "/apis": () =>
      groupList([
        aggregatedGroup("apps", { v1: { deployments: "Deployment" } }),
        aggregatedGroup("build.openshift.io", { v1: { builds: "Build" } }),
        aggregatedGroup("dead.example.io", { v1: {} }, "Stale"),
        aggregatedGroup("tekton.dev", {
          v1: { tasks: "Task" },
          v1beta1: { tasks: "Task", clustertasks: "ClusterTask" },
        }),
      ]),
    "/apis/dead.example.io/v1": () => ({ status: 503, body: "service unavailable" }),
  };

  for (const [name, routes] of Object.entries({ classic, aggregated })) {
    describe(`${name} discovery`, () => {
      it("tells served resources from those that are not", async () => {
        const objects = await serve(routes);
        const serves = (resource: ApiResource) => objects.serves(resource, { signal });
        assert.equal(await serves(pods), true);
        assert.equal(await serves(builds), true);
        assert.equal(await serves({ ...builds, resource: "buildconfigs" }), false);
        assert.equal(await serves(images), false);
      });

      it("fails for a group whose backend is down, whatever is asked of it", async () => {
        const objects = await serve(routes);
        const dead = { group: "dead.example.io", version: "v1", resource: "widgets" };
        await assert.rejects(
          objects.serves(dead, { signal }),
          /discover what dead.example.io\/v1 serves.*503.*\[API_ERROR\]/,
        );
      });

      it("fails for a resource that is served in another version only", async () => {
        const objects = await serve(routes);
        const task = { group: "tekton.dev", version: "v1alpha1", resource: "tasks" };
        await assert.rejects(
          objects.serves(task, { signal }),
          /tasks.tekton.dev as v1alpha1: .* as v1 only \[API_ERROR\]/,
        );
      });

      it("lists every resource in its preferred version, and groups that are down as *", async () => {
        const objects = await serve(routes);
        const served = await objects.servedKinds({ signal });
        assert.deepEqual(
          served.map(({ group: of, version, resource }) => `${of}/${version}/${resource}`).sort(),
          [
            "/v1/nodes",
            "/v1/pods",
            "apps/v1/deployments",
            "build.openshift.io/v1/builds",
            "dead.example.io/v1/*",
            "tekton.dev/v1/tasks",
            "tekton.dev/v1beta1/clustertasks",
          ],
        );
      });

      it("finds the resource of a kind", async () => {
        const objects = await serve(routes);
        const find = (apiVersion: string, kind: string) =>
          objects.resourceOfKind({ apiVersion, kind }, { signal });
        assert.deepEqual(await find("v1", "Pod"), pods);
        assert.deepEqual(await find("tekton.dev/v1beta1", "ClusterTask"), {
          group: "tekton.dev",
          version: "v1beta1",
          resource: "clustertasks",
        });
        assert.equal(await find("tekton.dev/v1", "ClusterTask"), undefined);
        assert.equal(await find("kubevirt.io/v1", "VirtualMachine"), undefined);
      });
    });
  }

  for (const path of ["/api", "/apis"]) {
    it(`does not take ${path} without content for a cluster without APIs`, async () => {
      const objects = await serve({ ...classic, [path]: () => ({ body: {} }) });
      await assert.rejects(objects.serves(pods, { signal }), /does not list them.*\[API_ERROR\]/);
    });
  }

  for (const [name, path, body, says] of [
    [
      "groups without items",
      "/apis",
      { kind: "APIGroupDiscoveryList" },
      /APIGroupDiscoveryList without items/,
    ],
    ["groups of another kind", "/apis", { kind: "APIGroupList", items: [] }, /APIGroupList without groups/],
    [
      "a group without resources",
      "/apis/build.openshift.io/v1",
      { kind: "APIResourceList" },
      /no list of resources/,
    ],
  ] as const) {
    it(`does not take ${name} for a part of the cluster where nothing is served`, async () => {
      const objects = await serve({ ...classic, [path]: () => ({ body }) });
      await assert.rejects(objects.serves(builds, { signal }), (error) => {
        assert.ok(hasCode(error, "API_ERROR"));
        assert.match(error.message, says);
        return true;
      });
    });
  }

  it("discovers once, and again after a failure", async () => {
    let failures = 1;
    const objects = await serve({
      ...aggregated,
      "/apis": (request, url) => {
        failures -= 1;
        return failures === 0 ? status(403, "Forbidden", "not yet") : aggregated["/apis"]!(request, url);
      },
    });
    await assert.rejects(objects.serves(pods, { signal }), /discover the cluster's APIs.*\[API_FORBIDDEN\]/);
    await Promise.all([objects.serves(pods, { signal }), objects.serves(builds, { signal })]);
    await objects.servedKinds({ signal }).catch(() => undefined);
    assert.equal(served.server?.seen.filter(({ url }) => url === "/apis").length, 2);
  });
});

function group(name: string, versions: readonly string[], preferred = versions[0]): object {
  return {
    name,
    versions: versions.map((version) => ({ groupVersion: `${name}/${version}`, version })),
    preferredVersion: { groupVersion: `${name}/${preferred}`, version: preferred },
  };
}

function resources(kinds: Readonly<Record<string, string>>): Answer {
  const list = Object.entries(kinds).map(([name, kind]) => ({ name, kind, verbs: ["get", "list"] }));
  return { body: { kind: "APIResourceList", resources: list } };
}

function groupList(items: readonly object[]): Answer {
  return { body: { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", items } };
}

function aggregatedGroup(
  name: string,
  versions: Readonly<Record<string, Readonly<Record<string, string>>>>,
  freshness = "Current",
): object {
  return {
    metadata: { name },
    versions: Object.entries(versions).map(([version, kinds]) => ({
      version,
      freshness,
      resources: Object.entries(kinds).map(([resource, kind]) => ({
        resource,
        responseKind: { group: name, version, kind },
        scope: "Namespaced",
        verbs: ["get", "list"],
      })),
    })),
  };
}
