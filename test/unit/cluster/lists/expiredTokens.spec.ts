import assert from "node:assert/strict";
import {
  pods,
  pod,
  page,
  status,
  expired,
  useClusterObjects,
  listOf,
  type Routes,
} from "../../../support/servers/objectRoutes.js";
import type { Answer } from "../../../support/servers/scripted.js";

describe("clusterObjects", () => {
  const served = useClusterObjects();
  const { serve } = served;

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
      const fetched = served.server?.seen.filter(({ url }) => url.includes("/pods/"));
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
});
