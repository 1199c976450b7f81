import assert from "node:assert/strict";
import type { SafePolicy } from "../../../provider/prune/args/policy.js";
import type { ClusterSnapshot } from "../../../provider/prune/snapshot.js";
import type { ImageSource, PodReferrer } from "../../../provider/usage/referrer.js";
import { minutesAgo, pod, snapshot, stream, strictPolicy } from "../../support/builders/snapshot.js";
import { digests } from "../clusters/universe.js";
import { itemReferences, type LiveReference, liveReferences } from "./liveReferences.js";

const [digest = ""] = digests;

const safe = strictPolicy({ invalidRefs: "ignore" });

function textOf(reference: LiveReference): string {
  switch (reference.kind) {
    case "digest":
      return reference.digest;
    case "config":
      return `config ${reference.hex}`;
    case "tag":
      return `${reference.repository}:${reference.tag}`;
    case "stream":
      return `all of ${reference.repository}`;
  }
}

function liveOf(parts: Partial<ClusterSnapshot>, under: Partial<SafePolicy> = {}): readonly string[] {
  return liveReferences(snapshot(parts), { ...safe, ...under }).map(textOf);
}

describe("what the oracle takes for a live reference", () => {
  const texts: readonly (readonly [string, readonly string[]])[] = [
    ["registry:5000/base/tool:v1", ["base/tool:v1"]],
    ["quay.io/base/tool", ["base/tool:latest"]],
    ["localhost/base/tool:v1", ["base/tool:v1"]],
    [" r.io/base/tool:v1 ", ["base/tool:v1"]],
    ["web:v1", ["shop/web:v1"]],
    ["web", ["shop/web:latest"]],
    [`web:v1@${digest}`, [digest]],
    [`r.io/a/b/c/d@${digest}`, [digest]],
    [`NOT A REFERENCE@${digest}`, [digest]],
    ["base/tool:v1", []],
    ["r.io/extra/base/tool:v1", []],
    ["", []],
    ["::", []],
  ];
  for (const [text, expected] of texts) {
    it(`"${text.replace(digest, "<digest>")}" in a pod of the namespace shop`, () => {
      assert.deepEqual(liveOf({ referrers: [pod(text)] }), expected);
    });
  }

  const sources: readonly (readonly [ImageSource, readonly string[]])[] = [
    [{ kind: "ImageStreamTag", namespace: "", name: "web:v1" }, ["shop/web:v1"]],
    [{ kind: "ImageStreamTag", namespace: "base", name: "tool:v1" }, ["base/tool:v1"]],
    [{ kind: "ImageStreamImage", namespace: "", name: `web@${digest}` }, [digest]],
    [{ kind: "DockerImage", namespace: "", name: "r.io/base/tool:v1" }, ["base/tool:v1"]],
    [{ kind: "Secret", namespace: "", name: "web:v1" }, []],
  ];
  for (const [from, expected] of sources) {
    it(`a build's source ${from.kind} ${from.name.replace(digest, "<digest>")}`, () => {
      const build = { kind: "build" as const, namespace: "shop", name: "web-1", from };
      assert.deepEqual(liveOf({ referrers: [build] }), expected);
    });
  }

  const pods: readonly (readonly [PodReferrer["phase"], number, boolean])[] = [
    ["Running", 9000, true],
    ["Pending", 9000, true],
    ["Unknown", 9000, true],
    ["Succeeded", 60, true],
    ["Succeeded", 61, false],
    ["Failed", Infinity, false],
  ];
  for (const [phase, age, expected] of pods) {
    it(`a pod of phase ${phase}, ${age} minutes old: ${expected ? "yes" : "no"}`, () => {
      const referrers = [pod("web", { phase, createdAt: minutesAgo(age) })];
      assert.equal(liveOf({ referrers }).length === 1, expected);
    });
  }

  it("every ended pod over the size limit, as with oc", () => {
    const referrers = [pod("web", { phase: "Failed" })];
    const retention = { kind: "over-size-limit" as const, keepYoungerThanSeconds: 3600 };
    assert.deepEqual(liveOf({ referrers }, { retention }), ["shop/web:latest"]);
  });

  it("the source of a spec tag, which may name a tag of its own stream alone", () => {
    const tag = (name: string, from: ImageSource) => ({ name, from, isReference: false });
    const specTags = [
      tag("alias", { kind: "ImageStreamTag", namespace: "", name: "v1" }),
      tag("copy", { kind: "ImageStreamTag", namespace: "base", name: "tool:v1" }),
      tag("pinned", { kind: "DockerImage", namespace: "", name: `r.io/base/tool@${digest}` }),
    ];
    const streams = [stream("shop/web", {}, { specTags })];
    assert.deepEqual(liveOf({ streams }), ["shop/web:v1", "base/tool:v1", digest]);
  });

  it("the pull spec of an item that points at another stream of the cluster", () => {
    const itemFrom = (pullSpec: string) => ({ digest: "", createdAt: minutesAgo(600), pullSpec });
    const streams = [
      stream("base/tool", {}),
      stream("shop/web", {
        other: [itemFrom("r.io/base/tool:v1"), itemFrom(`r.io/base/tool@${digest}`)],
        own: [itemFrom(`r.io/shop/web@${digest}`)],
        external: [itemFrom(`quay.io/ext/tool@${digest}`)],
      }),
    ];
    assert.deepEqual(itemReferences(streams).map(textOf), ["base/tool:v1", digest]);
  });
});
