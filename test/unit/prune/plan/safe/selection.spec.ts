import assert from "node:assert/strict";
import type { StreamSelection } from "../../../../../provider/prune/args/policy.js";
import { createKeptByName, createSelection } from "../../../../../provider/prune/plan/safe/selection.js";
import { stream } from "../../../../support/builders/snapshot.js";

const nothing: StreamSelection = { namespaces: [], streams: [], tags: [], labels: {} };
const web = stream("shop/web", {}, { labels: { team: "a", tier: "1" } });

describe("createSelection", () => {
  const selectionOf = (select: Partial<StreamSelection>, namespace?: string) =>
    createSelection({ namespace, select: { ...nothing, ...select } }, [web]);

  it("reaches everything when nothing is named", () => {
    const selection = selectionOf({});
    assert.deepEqual(
      [selection.isRestricted, selection.stream(web), selection.tag("x"), selection.repository("any/thing")],
      [false, true, true, true],
    );
  });

  for (const [select, namespace, expected] of [
    [{}, "shop", true],
    [{}, "other", false],
    [{ namespaces: ["sh*"] }, undefined, true],
    [{ namespaces: ["other", "sho?"] }, undefined, true],
    [{ namespaces: ["other"] }, undefined, false],
    [{ namespaces: ["shop"] }, "other", false],
    [{ streams: ["shop/w*"] }, undefined, true],
    [{ streams: ["*/web"] }, undefined, true],
    [{ streams: ["web"] }, undefined, false],
    [{ labels: { team: "a", tier: "1" } }, undefined, true],
    [{ labels: { team: "a", tier: "2" } }, undefined, false],
    [{ namespaces: ["shop"], streams: ["*/api"] }, undefined, false],
  ] as const) {
    it(`${expected ? "selects" : "excludes"} shop/web with ${JSON.stringify(select)} of ${namespace ?? "all namespaces"}`, () => {
      const selection = selectionOf(select, namespace);
      assert.deepEqual([selection.isRestricted, selection.stream(web)], [true, expected]);
      assert.equal(selection.repository("shop/web"), expected);
    });
  }

  it("selects tags by glob", () => {
    const selection = selectionOf({ tags: ["pr-*", "v1.*"] });
    const taken = ["pr-7", "v1.2", "v2", "xpr-7"].filter((tag) => selection.tag(tag));
    assert.deepEqual([selection.isRestricted, taken], [true, ["pr-7", "v1.2"]]);
  });

  for (const [select, namespace, expected] of [
    [{}, "shop", true],
    [{ namespaces: ["shop"] }, undefined, true],
    [{ streams: ["shop/*"] }, undefined, true],
    [{ streams: ["other/*"] }, undefined, false],
    [{ namespaces: ["shop"], tags: ["v*"] }, undefined, false],
    [{ namespaces: ["shop"], labels: { team: "a" } }, undefined, false],
  ] as const) {
    it(`${expected ? "selects" : "excludes"} a stream that is gone with ${JSON.stringify(select)}`, () =>
      assert.equal(selectionOf(select, namespace).repository("shop/gone"), expected));
  }
});

describe("createKeptByName", () => {
  for (const [keep, stays] of [
    [{}, false],
    [{ namespaces: ["shop"] }, true],
    [{ streams: ["*/web"] }, true],
    [{ labels: { team: "a" } }, true],
    [{ labels: { team: "a", tier: "2" } }, false],
    [{ namespaces: ["other"], streams: ["shop/web"] }, true],
    [{ tags: ["*"] }, false],
  ] as const) {
    it(`${stays ? "keeps" : "does not keep"} shop/web with ${JSON.stringify(keep)}`, () =>
      assert.equal(createKeptByName({ ...nothing, ...keep, digests: [] }, [web]).stream(web), stays));
  }

  it("keeps tags by glob", () => {
    const kept = createKeptByName({ ...nothing, tags: ["v*"], digests: [] }, [web]);
    assert.deepEqual([kept.tag("v1"), kept.tag("latest")], [true, false]);
  });
});
