import assert from "node:assert/strict";
import { createKnownStreams } from "../../../provider/imports/memory.js";
import type { Cluster, ImageStreams } from "../../../provider/imports/ports.js";
import type { ImageStream } from "../../../provider/okd/imageStream.js";
import { imageStream } from "../../support/builders/imageStream.js";

const options = { signal: new AbortController().signal };

/** A namespace with the streams `a` to `c`; `lists` answers the lists one after another. */
function world(list: () => readonly ImageStream[] | undefined) {
  const asked: string[] = [];
  let now = 1_000;
  const streams: Pick<ImageStreams, "getStream" | "listStreams"> = {
    getStream: ({ name }) => {
      asked.push(name);
      return Promise.resolve(undefined);
    },
    listStreams: () => {
      asked.push("list");
      return Promise.resolve(list());
    },
  };
  const cluster = { streams } as Cluster;
  const known = createKnownStreams(() => now);
  const get = (name: string) => known.snapshot(cluster, { namespace: "shop", name }, options);
  return {
    asked,
    get,
    drop: (name: string) => known.drop(cluster, { namespace: "shop", name }),
    wait: (ms: number) => void (now += ms),
  };
}

const named = (name: string): ImageStream => {
  const stream = imageStream([]);
  return { ...stream, metadata: { ...stream.metadata, name } };
};

describe("snapshots of streams", () => {
  it("come from a GET for the first stream, and from one list for all others", async () => {
    const { asked, get } = world(() => [named("b")]);
    await get("a");

    assert.equal((await get("b"))?.metadata.name, "b");
    assert.equal(await get("c"), undefined);
    await get("a");
    assert.deepEqual(asked, ["a", "list"]);
  });

  it("come from a new list after ten seconds", async () => {
    let lists = 0;
    const { asked, get, wait } = world(() => (lists++ === 0 ? [] : [named("c")]));
    await get("a");
    await get("b");
    wait(10_000);

    assert.equal((await get("c"))?.metadata.name, "c");
    assert.deepEqual(asked, ["a", "list", "list"]);
  });

  it("come from GETs where there are too many streams, or no list is allowed", async () => {
    const { asked, get } = world(() => undefined);
    for (const name of ["a", "b", "c"]) await get(name);

    assert.deepEqual(asked, ["a", "list", "b", "c"]);
  });

  it("come from GETs for streams that were written by this process", async () => {
    const { asked, get, drop } = world(() => [named("b")]);
    for (const name of ["a", "b"]) await get(name);
    drop("b");

    assert.equal(await get("b"), undefined);
    assert.deepEqual(asked, ["a", "list", "b"]);
  });
});
