import assert from "node:assert/strict";
import type { SafePolicy } from "../../../provider/prune/args/policy.js";
import { planPrune } from "../../../provider/prune/plan/decide.js";
import type { ClusterSnapshot } from "../../../provider/prune/snapshot.js";
import type { Mentions, OtherReferrer, PodReferrer } from "../../../provider/usage/referrer.js";
import type { SpecTag } from "../../../provider/usage/streamFacts.js";
import {
  image,
  index,
  item,
  minutesAgo,
  pod,
  policy,
  snapshot,
  stream,
  strictPolicy,
} from "../../support/builders/snapshot.js";
import { configs, digests } from "../clusters/universe.js";
import { applySteps, stepsOf } from "../model/applyPlan.js";
import { itemReferences, liveReferences } from "../model/liveReferences.js";
import { createRegistry } from "../model/registry.js";
import { brokenReferences } from "./broken.js";

const [current = "", old = "", child = "", grandchild = "", unlisted = ""] = digests;
const [configId = ""] = configs;

const safe = strictPolicy({ invalidRefs: "ignore" });

const oldItem = { ...item(old), pullSpec: `registry:5000/shop/web@${old}` };

/** `shop/web:latest` is `current`, before that `old`; `base/tool` lists `old` as well, behind something newer. */
const cluster = snapshot({
  images: [
    image(current),
    image(old, { metadata: { kind: "known", configId, sizeBytes: 1 } }),
    image(child),
    image(grandchild),
    image(unlisted),
  ],
  streams: [
    stream("shop/web", { latest: [item(current), oldItem] }),
    stream("base/tool", { latest: [item(current), item(old)] }),
  ],
});

/** What the oracle says against the plan of `oc` for this cluster. */
function objections(given: ClusterSnapshot, under: SafePolicy = safe): readonly string[] {
  const result = planPrune(given, policy({ ignoreInvalidRefs: true }));
  assert.ok(result.ok);
  const before = createRegistry(given);
  const after = applySteps(before, stepsOf(result.plan));
  const live = [
    ...liveReferences(given, under),
    ...itemReferences([...after.streams.values()], given.mirrors),
  ];
  return brokenReferences(live, before, after);
}

function using(...referrers: ClusterSnapshot["referrers"]): ClusterSnapshot {
  return { ...cluster, referrers };
}

function mentioning(mentions: Partial<Mentions>): OtherReferrer {
  const nothing: Mentions = { pullSpecs: [], sources: [], digests: [], imageIds: [] };
  const name = { namespace: "shop", name: "x", objectKind: "controllerrevision" };
  return { kind: "other", ...name, mentions: { ...nothing, ...mentions } };
}

function withSpecTag(from: SpecTag["from"], isReference = false): ClusterSnapshot {
  const extra = stream("other/pins", {}, { specTags: [{ name: "pinned", from, isReference }] });
  return { ...cluster, streams: [...cluster.streams, extra] };
}

/** `shop/web:latest` is `current`, before that an index over an index over `grandchild`. */
function nested(used: string): ClusterSnapshot {
  return {
    ...cluster,
    images: [image(current), index(old, child), index(child, grandchild), image(grandchild)],
    referrers: [pod(`r.io/shop/web@${used}`)],
  };
}

const endedPod = (phase: PodReferrer["phase"], age: number) =>
  pod(`r.io/any/path@${old}`, { phase, createdAt: minutesAgo(age) });

describe("the oracle objects to the plan of oc when", () => {
  const traps: Readonly<Record<string, ClusterSnapshot>> = {
    "a digest is also in the history of another stream than the one named": using(
      pod(`registry:5000/shop/web@${old}`),
    ),
    "a digest is named below a mirror's path": using(pod(`mirror.example/deep/down/web@${old}`)),
    "a digest is named without a host": using(pod(`shop/web@${old}`)),
    "a digest is named without a namespace": using(pod(`web@${old}`)),
    "a digest stands in an annotation or a variable": using(mentioning({ digests: [old] })),
    "a container status has the manifest's digest": using(
      mentioning({ imageIds: [`docker-pullable://r.io/x/y@${old}`] }),
    ),
    "a container status has the config's ID": using(mentioning({ imageIds: [configId] })),
    "a container status has the bare ID of the config": using(
      mentioning({ imageIds: [configId.replace("sha256:", "")] }),
    ),
    "an ephemeral container or an image volume names it": using(
      mentioning({ pullSpecs: [{ field: "ephemeral container debug", text: `r.io/x/y@${old}` }] }),
    ),
    "a build's source image names it": using(
      mentioning({ sources: [{ kind: "ImageStreamImage", namespace: "", name: `web@${old}` }] }),
    ),
    "a spec tag retains it by an ImageStreamImage": withSpecTag({
      kind: "ImageStreamImage",
      namespace: "shop",
      name: `web@${old}`,
    }),
    "a spec tag retains it by the digest of a DockerImage": withSpecTag({
      kind: "DockerImage",
      namespace: "",
      name: `registry:5000/shop/web@${old}`,
    }),
    "a reference tag names it": withSpecTag(
      { kind: "DockerImage", namespace: "", name: `registry:5000/shop/web@${old}` },
      true,
    ),
    "a kept item of another stream is pulled from there": {
      ...cluster,
      streams: [...cluster.streams, stream("copy/web", { latest: [oldItem] })],
    },
    "the child of an old index runs": nested(child),
    "the grandchild of an old index runs": nested(grandchild),
    "an index runs that another stream lists": nested(old),
    "an image runs that no stream lists": using(pod(`r.io/shop/web@${unlisted}`)),
    "a pod of phase Unknown is old": using(endedPod("Unknown", 600)),
    "a pod that ended is young": using(endedPod("Succeeded", 60)),
    "a reference has blanks around it": using(pod(` r.io/x/y@${old} `)),
  };
  for (const [name, given] of Object.entries(traps)) {
    it(name, () => assert.notDeepEqual(objections(given), []));
  }

  it("an invalid reference is a wildcard", () => {
    const inNamespace = using(pod("::"));
    const byName = using(pod("see shop/web", { namespace: "elsewhere" }));
    for (const given of [inNamespace, byName]) {
      assert.notDeepEqual(objections(given, { ...safe, invalidRefs: "wildcard" }), []);
      assert.deepEqual(objections(given), []);
    }
  });

  it("the policy names the digest", () => {
    assert.notDeepEqual(objections(cluster, { ...safe, keep: { ...safe.keep, digests: [old] } }), []);
  });

  it("a dangling item is referenced", () => {
    const images = cluster.images.filter(({ digest }) => digest !== old);
    assert.notDeepEqual(objections({ ...using(pod(`r.io/x/y@${old}`)), images }), []);
  });
});

describe("the oracle has nothing against the plan of oc when", () => {
  const harmless: Readonly<Record<string, ClusterSnapshot>> = {
    "nobody uses anything": cluster,
    "a tag's current item is used, whatever the host": using(pod("quay.io/shop/web:latest")),
    "a pod that ended is old": using(endedPod("Failed", 601)),
    "an object names a digest that nobody has": using(mentioning({ digests: [digests[9] ?? ""] })),
    "a digest cannot be pulled anyway": {
      ...using(pod(`r.io/x/y@${old}`)),
      images: cluster.images.filter(({ digest }) => digest !== old),
      streams: [],
    },
  };
  for (const [name, given] of Object.entries(harmless)) {
    it(name, () => assert.deepEqual(objections(given), []));
  }
});
