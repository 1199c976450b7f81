import assert from "node:assert/strict";
import type { SafePolicy } from "../../../provider/prune/args/policy.js";
import type { ClusterSnapshot } from "../../../provider/prune/snapshot.js";
import {
  image,
  index,
  item,
  minutesAgo,
  planOf,
  policy,
  snapshot,
  stream,
  strictPolicy,
} from "../../support/builders/snapshot.js";
import { digests } from "../clusters/universe.js";
import { forbiddenDeletions } from "./forbidden.js";

const [current = "", old = "", child = ""] = digests;
const signatureOf = (digest: string) => `${digest.replace(":", "-")}.sig`;

const safe = strictPolicy({ invalidRefs: "ignore" });

const images = [image(current), image(old, { repository: "shop/web" })];
const cluster = snapshot({
  images,
  streams: [stream("shop/web", { latest: [item(current), item(old)] })],
});

/** What the oracle says against the plan of `oc` that keeps one revision, or the number given. */
function objections(given: ClusterSnapshot, under: Partial<SafePolicy> = {}, keepTagRevisions = 1): string {
  const retention = { kind: "revisions" as const, keepYoungerThanSeconds: 3600, keepTagRevisions };
  const plan = { ...planOf(given, policy({ retention })), warnings: [] };
  return forbiddenDeletions(given, { ...safe, retention, ...under }, plan).join("\n");
}

describe("the oracle allows", () => {
  it("what is old, unused and not among the revisions to keep", () => {
    assert.equal(objections(cluster), "");
  });

  it("a signature whose subject is deleted", () => {
    const signature = stream("shop/sigs", { [signatureOf(old)]: [item(child)] });
    const signed = {
      ...cluster,
      images: [...images, image(child)],
      streams: [...cluster.streams, signature],
    };
    assert.equal(objections(signed, {}, 0).includes(signatureOf(old)), false);
  });
});

describe("the oracle forbids", () => {
  const bySituation: Readonly<Record<string, readonly [ClusterSnapshot, RegExp]>> = {
    "items of reference tags": [
      { ...cluster, streams: [stream("shop/web", { latest: [item(current)], ref: [item("")] })] },
      /no image of its own/,
    ],
    "a current item whose Image is missing": [
      { ...cluster, streams: [stream("shop/web", { latest: [item(current)], v1: [item(child)] })] },
      /dangling and current/,
    ],
    "items of a stream all of whose Images are missing": [
      { ...cluster, streams: [stream("shop/web", { latest: [item(child), item(child)] })] },
      /all of whose Images are missing/,
    ],
    "Images of a young index": [
      snapshot({ images: [index(old, child), image(child)].map((each, at) => young(each, at === 0)) }),
      /belongs to an index that stays/,
    ],
    "signed Images that nobody warns about": [
      snapshot({ images: [image(old, { isSigned: true })] }),
      /goes without a warning/,
    ],
  };
  for (const [name, [given, objection]] of Object.entries(bySituation)) {
    it(name, () => assert.match(objections(given), objection));
  }

  it("to empty a tag that would be imported again", () => {
    const from = { kind: "DockerImage", namespace: "", name: "quay.io/ext/tool:1" };
    const specTags = [{ name: "latest", from, isReference: false }];
    const streams = [stream("shop/web", { latest: [item(current)] }, { specTags })];
    assert.match(objections({ ...cluster, streams }, {}, 0), /would be imported again/);
  });

  it("signatures whose subject is kept", () => {
    const streams = [stream("shop/web", { [signatureOf(old)]: [item(current)] })];
    const young = { ...cluster, images: [image(current), image(old, { createdAt: minutesAgo(1) })] };
    assert.match(objections({ ...young, streams }, {}, 0), /reason that does not hold/);
  });

  const byPolicy: Readonly<Record<string, readonly [Partial<SafePolicy>, RegExp]>> = {
    "another namespace": [{ namespace: "other" }, /outside the policy's namespace/],
    "what is not selected": [{ select: { ...safe.select, streams: ["*/api"] } }, /is not selected/],
    "Images out of the selection's reach": [
      { select: { ...safe.select, tags: ["v*"] } },
      /out of the selection/,
    ],
    "what a keep list names": [{ keep: { ...safe.keep, tags: ["la*"] } }, /is kept by the policy/],
    "young items": [{ retention: { ...safe.retention, keepYoungerThanSeconds: 601 * 60 } }, /#1 .* is young/],
    "more revisions than allowed": [
      { retention: { kind: "revisions", keepYoungerThanSeconds: 3600, keepTagRevisions: 2 } },
      /reason that does not hold/,
    ],
    "Images that a stream listed lately": [
      { keepUnreferencedYoungerThanSeconds: 601 * 60 },
      /appeared only lately/,
    ],
    "deletions in the registry": [{ pruneRegistry: false }, /is not to be pruned/],
  };
  for (const [name, [under, objection]] of Object.entries(byPolicy)) {
    it(name, () => assert.match(objections(cluster, under), objection));
  }

  it("external images", () => {
    const external = { ...cluster, images: images.map((each) => ({ ...each, managed: false })) };
    assert.match(objections(external, { allImages: false }), /is external/);
  });

  it("blobs while an Image does not tell its content, and links of the stream that lists it", () => {
    const plan = planOf(cluster);
    const unreadable = images.map((each) =>
      each.digest === current ? image(current, { metadata: { kind: "absent" } }) : each,
    );
    const said = forbiddenDeletions({ ...cluster, images: unreadable }, safe, plan).join("\n");
    assert.match(said, /loses blobs although/);
    assert.match(said, /loses links of a stream/);
  });
});

function young<Value extends object>(value: Value, isYoung: boolean): Value {
  return isYoung ? { ...value, createdAt: minutesAgo(1) } : value;
}
