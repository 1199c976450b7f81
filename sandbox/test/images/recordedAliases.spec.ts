import assert from "node:assert/strict";
import { type ImageStream, latestEvent, tagHistory } from "okd-image-sandbox";
import { tagsOf } from "../../../test/support/recordings/tagExchanges.js";
import { withRecordedStreams } from "./recordedStreams.js";

/** A stream without some of its tags, as it was before a request brought them. */
function before({ spec, ...rest }: ImageStream, ...added: readonly string[]): ImageStream {
  const tags = (spec.tags ?? []).filter(({ name }) => !added.includes(name));
  return { ...rest, spec: { ...spec, tags } };
}

describe("aliases within a stream, as recorded", () => {
  const recorded = withRecordedStreams();

  const requested = (name: string): ImageStream =>
    recorded().recordings.exchange(name).request.body as ImageStream;
  const after = (name: string): ImageStream => recorded().recordings.stream(name);

  it("an alias takes its target's item in the write that brings it, and the target's item its generation", async () => {
    recorded().seed(before(requested("alias-same-stream"), "stable"));
    await recorded().replay("alias-same-stream");
  });

  it("an alias moves in the import of its target; copies in other streams do not", async () => {
    recorded().seed(
      after("alias-same-stream.after"),
      after("alias-same-stream-full-name.after"),
      after("alias-other-namespace.after"),
    );
    const stream = await recorded().import("base", "v1", "v2");
    assert.deepEqual(tagsOf(stream), tagsOf(after("alias-target-moved.base")));
    recorded().assertStored("full", "tk1", after("alias-target-moved.other-stream"));
    recorded().assertStored("cross", "tk2", after("alias-target-moved.cross"));
  });

  it("a chain of three in one write: only the hop whose target had an item gets one", async () => {
    recorded().seed(after("alias-target-moved.base"));
    await recorded().replay("alias-chain-3");
  });

  it("the upper hop of a chain is empty after each kind of second write", async () => {
    recorded().seed(before(requested("chain-write-1"), "a", "b"));
    await recorded().replay("chain-write-1");
    await recorded().replay("chain-write-2-unchanged");
    await recorded().replay("chain-write-3-generation-0");
  });

  it("the upper hop of a chain is empty after an import that moves the lower one", async () => {
    recorded().seed(after("chain-write-3-generation-0.after"));
    const stream = await recorded().import("chain", "v1", "v2");
    assert.deepEqual(tagsOf(stream), tagsOf(after("chain-target-moved")));
  });

  it("an alias that a write points elsewhere has the new item; one that follows it has not", async () => {
    recorded().seed(after("chain-target-moved"), after("isi-to-alias.after"));
    await recorded().replay("alias-retargeted");
  });

  it("PUT of an ImageStreamTag adds an alias", async () => {
    recorded().seed(after("alias-retargeted.after"));
    await recorded().replay("istag-put-alias");
  });

  it("an alias of an alias that has an item gets one", async () => {
    recorded().seed(before(requested("chain-added-later"), "a2"));
    await recorded().replay("chain-added-later");
  });

  for (const name of ["alias-cycle-2", "alias-missing-tag"]) {
    it(`${name}: accepted, and without an item`, async () => {
      recorded().seed();
      await recorded().replay(name);
    });
  }

  it("an alias of itself: accepted, and without an item", async () => {
    recorded().seed();
    await recorded().replay("alias-self", "noAfter");
  });

  it("an import to an alias makes it a tag of its own", async () => {
    recorded().seed(after("alias-chain-3.after"));
    const answer = await recorded().send("isi-to-alias");
    assert.equal(answer.status, 201, answer.text);
    recorded().assertStored("base", "tk1", after("isi-to-alias.after"));
  });

  it("an alias outlives its target in the spec, and in the history", async () => {
    recorded().seed(after("isi-to-alias.after"));
    await recorded().replay("remove-target-keep-alias");
    await recorded().replay("delete-istag-target");
  });

  it("an alias has the time of the item that it copies, an ImageStreamImage its own", async () => {
    recorded().seed(before(requested("alias-same-stream"), "stable"));
    await recorded().send("alias-same-stream");
    const base = recorded().stored("base");
    assert.ok(base !== undefined);
    assert.equal(latestEvent(base, "stable")?.created, latestEvent(base, "v1")?.created);
    const { stream } = await recorded().send("isimage-full");
    assert.notEqual(latestEvent(stream, "x")?.created, latestEvent(base, "v1")?.created);
  });

  it("a push moves the aliases of its tag, and not the aliases of those", async () => {
    recorded().seed(after("chain-added-later.after"));
    const digest = tagHistory(after("isi-to-alias.after"), "v3")?.items?.[0]?.image ?? "";
    const mapping = { metadata: { name: "chain" }, tag: "v1", image: { metadata: { name: digest } } };
    const path = "/apis/image.openshift.io/v1/namespaces/tk1/imagestreammappings";
    const answer = await recorded().admin.post(path, mapping);
    assert.equal(answer.status, 201, answer.text);
    const stream = recorded().stored("chain");
    assert.ok(stream !== undefined);
    assert.equal(latestEvent(stream, "viaput")?.image, digest);
    assert.notEqual(latestEvent(stream, "a2")?.image, digest);
  });
});

describe("a chain of aliases with all its hops, as recorded", () => {
  const recorded = withRecordedStreams({ aliasChains: "allHops" });

  it("moves as a whole with its target", async () => {
    const { recordings } = recorded();
    recorded().seed(recordings.stream("chain-added-later.after"));
    const stream = await recorded().import("chain", "v1", "v3");
    assert.deepEqual(tagsOf(stream), tagsOf(recordings.stream("chain-added-later.target-moved")));
  });

  it("that is written at once gets its items at once", async () => {
    const { recordings, admin } = recorded();
    recorded().seed(recordings.stream("isi-to-alias.after"));
    const tags = ["a", "b", "c"].map((name, index) => ({
      name,
      from: { kind: "ImageStreamTag", name: ["b", "c", "base:v3"][index] },
    }));
    const path = "/apis/image.openshift.io/v1/namespaces/tk1/imagestreams";
    const { stream } = await admin.post(path, { metadata: { name: "chain" }, spec: { tags } });
    const images = new Set(["a", "b", "c"].map((tag) => latestEvent(stream, tag)?.image));
    assert.equal(images.size, 1);
    assert.ok(!images.has(undefined));
  });
});
