import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { hasCode } from "../../../../provider/support/imageError.js";
import {
  pods,
  builds,
  images,
  signal,
  pod,
  page,
  status,
  expired,
  useClusterObjects,
  listOf,
} from "../../../support/servers/objectRoutes.js";
import type { Answer, SeenRequest } from "../../../support/servers/scripted.js";

describe("clusterObjects", () => {
  const served = useClusterObjects();
  const { serve } = served;

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
        await served.server?.close();
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
      await served.server?.close();
      const silent = inPages(page([pod("a")], "1"), page([pod("b")]));
      assert.deepEqual((await listOf(await serve({ "/api/v1/pods": silent }))).names, ["a", "b"]);
    });

    it("holds no server to a promise for another revision, or from before the list had expired", async () => {
      const moving = inPages(counted([pod("a")], 9, "1", "5"), counted([pod("b")], 0, "", "6"));
      assert.deepEqual((await listOf(await serve({ "/api/v1/pods": moving }))).names, ["a", "b"]);
      await served.server?.close();
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
      assert.equal(served.server?.seen.length, 2);
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
});
