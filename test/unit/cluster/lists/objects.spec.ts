import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { clusterObjects } from "../../../../provider/cluster/lists/objects.js";
import type { ApiResource, ListFacts } from "../../../../provider/okd/objects.js";
import { hasCode } from "../../../../provider/support/imageError.js";
import { textAt } from "../../../../provider/support/json.js";
import { clientFor, never } from "../../../support/clients/cluster.js";
import {
  type Answer,
  type SeenRequest,
  startServer,
  type TestServer,
} from "../../../support/servers/scripted.js";

const pods: ApiResource = { group: "", version: "v1", resource: "pods" };
const builds: ApiResource = { group: "build.openshift.io", version: "v1", resource: "builds" };
const images: ApiResource = { group: "image.openshift.io", version: "v1", resource: "images" };
const signal = never;

type Routes = Readonly<Record<string, (request: SeenRequest, url: URL) => Answer>>;

function pod(name: string, image = `r.io/a/${name}`): object {
  return { metadata: { name, namespace: "shop", uid: `uid-${name}` }, spec: { containers: [{ image }] } };
}

function page(items: readonly object[], next = ""): Answer {
  return {
    body: {
      kind: "PodList",
      apiVersion: "v1",
      metadata: { resourceVersion: "1", ...(next === "" ? {} : { continue: next }) },
      items,
    },
  };
}

function status(code: number, reason: string, message: string, more: object = {}): Answer {
  return { status: code, body: { kind: "Status", status: "Failure", reason, message, code, ...more } };
}

const expired = (next: string): Answer =>
  status(410, "Expired", "The provided continue parameter is too old", { metadata: { continue: next } });

describe("clusterObjects", () => {
  let server: TestServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  /** Answers by path; what is not there is a plain 404, as for a group that is not served. */
  async function serve(routes: Routes): Promise<ReturnType<typeof clusterObjects>> {
    server = await startServer((request) => {
      const url = new URL(request.url, "http://x");
      return routes[url.pathname]?.(request, url) ?? { status: 404, body: "404 page not found" };
    });
    return clusterObjects(clientFor(server.url));
  }

  async function listOf(
    objects: ReturnType<typeof clusterObjects>,
    resource = pods,
    options: { readonly namespace?: string; readonly metadataOnly?: boolean } = {},
  ): Promise<{ readonly names: readonly string[]; readonly facts: ListFacts; readonly pages: number }> {
    const names: string[] = [];
    let pages = 0;
    const facts = await objects.list(resource, {
      signal,
      ...options,
      onPage: (found) => {
        pages += 1;
        names.push(...found.map((object) => textAt(object, "metadata", "name")));
      },
    });
    return { names, facts, pages };
  }

  describe("lists", () => {
    it("reads page by page, each object once, and tells the server's time", async () => {
      const objects = await serve({
        "/api/v1/pods": (_, { searchParams }) => {
          assert.equal(searchParams.get("limit"), "500");
          return {
            ...(searchParams.get("continue") === "t1" ? page([pod("c")]) : page([pod("a"), pod("b")], "t1")),
            headers: { date: "Sat, 21 Nov 2026 08:00:05 GMT" },
          };
        },
      });

      const { names, facts, pages } = await listOf(objects);

      assert.deepEqual(names, ["a", "b", "c"]);
      const serverTime = Date.parse("2026-11-21T08:00:05Z");
      assert.deepEqual(
        { ...facts, bytes: facts.bytes > 300 && facts.bytes < 600 },
        { count: 3, bytes: true, serverTime, resourceVersion: "1" },
      );
      assert.equal(pages, 2);
    });

    it("asks for Images in pages of a thousand, gzipped, and reads them so", async () => {
      const objects = await serve({
        "/apis/image.openshift.io/v1/images": ({ headers }, { searchParams }) => {
          assert.equal(searchParams.get("limit"), "1000");
          assert.match(headers["accept-encoding"] ?? "", /gzip/);
          const body = gzipSync(JSON.stringify(page([{ metadata: { name: "sha256:1" } }]).body));
          return { body, headers: { "content-encoding": "gzip" } };
        },
      });
      assert.deepEqual((await listOf(objects, images)).names, ["sha256:1"]);
    });

    it("fails on an answer whose gzip is damaged or cut short", async () => {
      const whole = gzipSync(JSON.stringify(page([pod("a")]).body));
      const damaged = Buffer.from(whole).fill(0, 20, 30);
      for (const body of [damaged, whole.subarray(0, -12)]) {
        const headers = { "content-encoding": "gzip" };
        const objects = await serve({ "/api/v1/pods": () => ({ body, headers }) });
        await assert.rejects(listOf(objects), /list pods in all namespaces: .*gzip \[API_ERROR\]/);
        await server?.close();
      }
    });

    it("returns an empty list, whose items may be null", async () => {
      const objects = await serve({
        "/api/v1/pods": () => ({ body: { kind: "PodList", metadata: {}, items: null } }),
      });
      const { names, facts, pages } = await listOf(objects);
      assert.deepEqual([names, facts.count, pages], [[], 0, 1]);
    });

    it("lists one namespace, and metadata alone", async () => {
      const objects = await serve({
        "/api/v1/namespaces/shop/pods": ({ headers }) => {
          assert.match(headers.accept ?? "", /as=PartialObjectMetadataList;g=meta.k8s.io;v=v1/);
          return page([pod("a")]);
        },
      });
      const options = { namespace: "shop", metadataOnly: true };
      assert.deepEqual((await listOf(objects, pods, options)).names, ["a"]);
    });

    const list = (body: object): Answer => ({ body: { kind: "PodList", metadata: {}, ...body } });
    for (const [name, answer, says] of [
      ["something else", { body: {} }, /answered an object of nothing, which is no list/],
      ["one object", { body: { kind: "Pod", metadata: {} } }, /answered a Pod, which is no list/],
      [
        "a list of no kind",
        { body: { metadata: {}, items: [] } },
        /an object of metadata, items, which is no list/,
      ],
      [
        "a Status of success",
        { body: { kind: "Status", status: "Success" } },
        /answered a Status, which is no list/,
      ],
      ["a text", { body: "[]" }, /answered no object, which is no list/],
      [
        "a page of a console",
        { body: "<!doctype html><p>Log in</p>" },
        /answered something that is not JSON/,
      ],
      ["a list without items", list({}), /answered a PodList without items/],
      [
        "null without metadata",
        { body: { kind: "PodList", items: null } },
        /a PodList whose items are no list/,
      ],
      ["items that are no list", list({ items: {} }), /a PodList whose items are no list/],
      ["items that are no objects", list({ items: [null] }), /a PodList with an item that is no object/],
      ["items without names", list({ items: [{}, {}] }), /an item that has no name/],
      [
        "a list that ends too early",
        list({ metadata: { remainingItemCount: 7 }, items: [] }),
        /a list that ends although 7 of its items are still to come/,
      ],
    ] as const) {
      it(`does not take ${name} for an empty list`, async () => {
        const objects = await serve({ "/api/v1/pods": () => answer });
        await assert.rejects(listOf(objects), (error) => {
          assert.ok(hasCode(error, "API_ERROR"));
          assert.match(error.message, /Cannot list pods in all namespaces: /);
          assert.match(error.message, says);
          return true;
        });
      });
    }

    const counted = (
      items: readonly object[],
      remainingItemCount: number,
      next = "",
      resourceVersion = "1",
    ): Answer => ({
      body: { kind: "PodList", metadata: { resourceVersion, continue: next, remainingItemCount }, items },
    });
    const inPages =
      (...pages: readonly Answer[]) =>
      (_: SeenRequest, { searchParams }: URL) =>
        pages[Number(searchParams.get("continue") ?? "0")] ?? { status: 500 };

    it("fails when fewer objects come than the server has promised", async () => {
      const short = inPages(counted([pod("a")], 3, "1"), counted([pod("b")], 0, "2"), page([pod("c")]));
      const objects = await serve({ "/api/v1/pods": short });
      await assert.rejects(listOf(objects), /promised 4 of them and sent 3.*\[API_ERROR\]/);
    });

    it("returns all the objects that were promised, and those of a server that promises nothing", async () => {
      const whole = inPages(counted([pod("a")], 2, "1"), counted([pod("b")], 1, "2"), counted([pod("c")], 0));
      assert.deepEqual((await listOf(await serve({ "/api/v1/pods": whole }))).names, ["a", "b", "c"]);
      await server?.close();
      const silent = inPages(page([pod("a")], "1"), page([pod("b")]));
      assert.deepEqual((await listOf(await serve({ "/api/v1/pods": silent }))).names, ["a", "b"]);
    });

    it("holds no server to a promise for another revision, or from before the list had expired", async () => {
      const moving = inPages(counted([pod("a")], 9, "1", "5"), counted([pod("b")], 0, "", "6"));
      assert.deepEqual((await listOf(await serve({ "/api/v1/pods": moving }))).names, ["a", "b"]);
      await server?.close();
      let passes = 0;
      const objects = await serve({
        "/api/v1/pods": ({ headers }, { searchParams }) => {
          if (headers.accept?.includes("PartialObjectMetadataList")) return page([pod("a"), pod("b")]);
          if (searchParams.get("continue") === "fresh") return page([pod("b")]);
          passes += 1;
          return passes === 1 ? counted([pod("a")], 9, "old") : expired("fresh");
        },
      });
      assert.deepEqual((await listOf(objects)).names, ["a", "b"]);
    });

    it("names the right to grant when a list is forbidden", async () => {
      const message = 'pods is forbidden: User "ann" cannot list resource "pods"';
      const objects = await serve({
        "/apis/build.openshift.io/v1/builds": () => status(403, "Forbidden", message),
        "/apis/build.openshift.io/v1/namespaces/shop/builds": () => status(403, "Forbidden", message),
      });
      const rule = '{apiGroups: ["build.openshift.io"], resources: ["builds"], verbs: ["list"]}';
      await assert.rejects(listOf(objects, builds), (error: Error) => {
        assert.ok(hasCode(error, "API_FORBIDDEN"));
        assert.ok(error.message.includes("Cannot list builds.build.openshift.io in all namespaces"));
        assert.ok(error.message.includes(message));
        assert.ok(error.message.includes(`${rule} by a ClusterRoleBinding`), error.message);
        return true;
      });
      await assert.rejects(
        listOf(objects, builds, { namespace: "shop" }),
        /in namespace shop: .* by a RoleBinding in shop/,
      );
    });

    it("gives up on a server that repeats a continue token", async () => {
      const objects = await serve({ "/api/v1/pods": () => page([pod("a")], "same") });
      await assert.rejects(listOf(objects), /repeats a continue token.*\[API_ERROR\]/);
      assert.equal(server?.seen.length, 2);
    });
  });

  describe("lists whose continue token expires", () => {
    /** Pods a, b | c; between the pages the token expires, and "aa" appears where the list has been already. */
    function expiring(metadataPages: (attempt: number, token: string | null) => Answer): Routes {
      let attempt = 0;
      return {
        "/api/v1/pods": ({ headers }, { searchParams }) => {
          const token = searchParams.get("continue");
          if (headers.accept?.includes("PartialObjectMetadataList") === true) {
            if (token === null) attempt += 1;
            return metadataPages(attempt, token);
          }
          if (token === null) return page([pod("a"), pod("b")], "old");
          if (token === "old") return expired("fresh");
          return page([pod("c")]);
        },
        "/api/v1/namespaces/shop/pods/aa": () => ({ body: pod("aa", "r.io/a/late") }),
      };
    }

    it("goes on with the fresh token, then fetches what it has missed", async () => {
      const objects = await serve(
        expiring((_, token) => (token === null ? page([pod("a"), pod("aa")], "m") : page([pod("c")]))),
      );
      const { names, facts } = await listOf(objects);
      assert.deepEqual(names, ["a", "b", "c", "aa"]);
      assert.equal(facts.count, 4);
      const fetched = server?.seen.filter(({ url }) => url.includes("/pods/"));
      assert.deepEqual(
        fetched?.map(({ url }) => url),
        ["/api/v1/namespaces/shop/pods/aa"],
      );
    });

    it("leaves out what is gone again when it is fetched", async () => {
      const objects = await serve({
        ...expiring(() => page([pod("a"), pod("gone")])),
        "/api/v1/namespaces/shop/pods/gone": () => status(404, "NotFound", 'pods "gone" not found'),
      });
      assert.deepEqual((await listOf(objects)).names, ["a", "b", "c"]);
    });

    it("repeats the second pass when that expires too", async () => {
      const objects = await serve(
        expiring((attempt, token) => {
          if (attempt < 3) return token === null ? page([pod("a")], `m${attempt}`) : expired("more");
          return page([pod("a"), pod("aa")]);
        }),
      );
      assert.deepEqual((await listOf(objects)).names, ["a", "b", "c", "aa"]);
    });

    it("gives up after the third pass that expires", async () => {
      const passes: number[] = [];
      const objects = await serve(
        expiring((attempt, token) => {
          if (token !== null) return expired("more");
          passes.push(attempt);
          return page([pod("a")], "m");
        }),
      );
      await assert.rejects(listOf(objects), /3 times in a row \(HTTP 410\).*\[API_ERROR\]/);
      assert.deepEqual(passes, [1, 2, 3]);
    });

    it("does not go on for ever when the fresh token expires at once", async () => {
      const objects = await serve({
        "/api/v1/pods": (_, { searchParams }) =>
          searchParams.get("continue") === null ? page([pod("a")], "old") : expired("fresh"),
      });
      await assert.rejects(listOf(objects), /repeats a continue token/);
    });

    it("fails when the 410 carries no token", async () => {
      const objects = await serve({
        "/api/v1/pods": (_, { searchParams }) =>
          searchParams.get("continue") === null ? page([pod("a")], "old") : expired(""),
      });
      await assert.rejects(listOf(objects), /too old.*HTTP 410.*\[API_ERROR\]/);
    });

    it("reports the metadata itself when that was asked for", async () => {
      let isFirst = true;
      const objects = await serve({
        "/api/v1/pods": (_, { searchParams }) => {
          const token = searchParams.get("continue");
          if (token === "old") return expired("fresh");
          if (token === "fresh") return page([pod("c")]);
          const answer = isFirst ? page([pod("a")], "old") : page([pod("a"), pod("aa"), pod("c")]);
          isFirst = false;
          return answer;
        },
      });
      assert.deepEqual((await listOf(objects, pods, { metadataOnly: true })).names, ["a", "c", "aa"]);
    });
  });

  describe("objects", () => {
    it("are undefined only when a Status says that they are not found", async () => {
      const objects = await serve({
        "/api/v1/nodes/gone": () => status(404, "NotFound", 'nodes "gone" not found'),
        "/api/v1/nodes/hidden": () => status(403, "Forbidden", "no"),
        "/api/v1/nodes/there": () => ({ body: { metadata: { name: "there" } } }),
      });
      const nodes = { ...pods, resource: "nodes" };
      assert.deepEqual(await objects.get(nodes, "there", { signal }), { metadata: { name: "there" } });
      assert.equal(await objects.get(nodes, "gone", { signal }), undefined);
      await assert.rejects(
        objects.get(nodes, "hidden", { signal }),
        /read nodes hidden: .*\[API_FORBIDDEN\]/,
      );
      await assert.rejects(objects.get(nodes, "router", { signal }), /\[API_NOT_FOUND\]/);
    });
  });

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
    assert.equal(server?.seen.filter(({ url }) => url === "/apis").length, 2);
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
