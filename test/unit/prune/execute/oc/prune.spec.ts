import assert from "node:assert/strict";
import { describePruneFailure } from "../../../../../provider/prune/execute/failure.js";
import { executePrune } from "../../../../../provider/prune/execute/oc/prune.js";
import type { PruneOutcome } from "../../../../../provider/prune/execute/outcome.js";
import type { PrunePorts } from "../../../../../provider/prune/ports.js";
import type { ClusterSnapshot } from "../../../../../provider/prune/snapshot.js";
import { ImageError } from "../../../../../provider/support/imageError.js";
import type { StreamFacts } from "../../../../../provider/usage/streamFacts.js";
import { image, item, planOf, policy, snapshot, stream } from "../../../../support/builders/snapshot.js";
import { FakeProgressClock } from "../../../../support/fakes/progressClock.js";
import { createRecordingPorts } from "../../../../support/fakes/recordingPorts.js";

const web = stream("shop/web", { latest: [item("b"), item("a", 700)] });
const given = snapshot({
  images: [image("a"), image("b")],
  streams: [web],
  layerBytes: new Map([["layer-a", 70]]),
});

function execute(
  cluster: ClusterSnapshot,
  ports: PrunePorts,
  signal = new AbortController().signal,
): Promise<PruneOutcome> {
  const order = { plan: planOf(cluster), snapshot: cluster, policy: policy() };
  return executePrune(order, ports, { workers: 2, signal, progress: () => undefined });
}

const nothing = {
  revisions: 0,
  streams: 0,
  layerLinks: 0,
  manifestLinks: 0,
  blobs: 0,
  images: 0,
  bytes: 0,
  trimmedStreams: [],
  deletedImages: [],
  failures: [],
  interrupted: false,
};

const imageGone = { blobs: 3, images: 1, bytes: 70, deletedImages: ["a"] };

/** Ports whose first look at the stream finds another one than the plan did. */
function portsFinding(fresh: StreamFacts | undefined): ReturnType<typeof createRecordingPorts> {
  const ports = createRecordingPorts(given);
  return { ...ports, streams: { ...ports.streams, readStream: () => Promise.resolve(fresh) } };
}

describe("executePrune", () => {
  it("deletes in oc's order: layer links, status, manifest links; all streams before the first blob and Image", async () => {
    const ports = createRecordingPorts(given);
    const outcome = await execute(given, ports);
    assert.deepEqual(ports.calls.inOrder, [
      ...["read", "layerLink", "layerLink", "trim", "manifestLink"],
      ...["blob", "blob", "blob", "image"],
    ]);
    assert.deepEqual(outcome, {
      ...nothing,
      ...{ revisions: 1, streams: 1, layerLinks: 2, manifestLinks: 1, blobs: 3, images: 1 },
      ...{
        bytes: 70,
        deletedImages: ["a"],
        trimmedStreams: [{ namespace: "shop", name: "web", revisions: 1 }],
      },
    });
  });

  it("keeps the Images of a stream that could not be written, other than oc", async () => {
    const ports = createRecordingPorts(given, { trimStream: "no" });
    const { failures, images } = await execute(given, ports);
    assert.deepEqual(failures.map(describePruneFailure), ["imagestream shop/web: no"]);
    assert.equal(images, 0);
    assert.deepEqual([...ports.calls.blobs], []);
  });

  it("keeps an Image that a stream came to list before it could not be written", async () => {
    const cluster = snapshot({ ...given, images: [...given.images, image("c")] });
    const ports = createRecordingPorts(cluster, { trimStream: "no" });
    const moved = stream("shop/web", { latest: [item("c", 1), item("b"), item("a", 700)] });
    const streams = { ...ports.streams, readStream: () => Promise.resolve(moved) };
    await execute(cluster, { ...ports, streams });
    assert.deepEqual([...ports.calls.images], []);
  });

  it("keeps a blob when the Image that shares it must stay after all", async () => {
    const shared = (digest: string) => image(digest, { layers: ["shared"] });
    const cluster = snapshot({ images: [shared("a"), image("b"), shared("c")], streams: [web] });
    const ports = createRecordingPorts(cluster, { readStream: "no" });
    await execute(cluster, ports);
    assert.deepEqual([...ports.calls.images], ["c"]);
    assert.deepEqual([...ports.calls.blobs].sort(), ["c", "config-c"]);
  });

  it("reads and decides again after a conflict, and deletes no link twice", async () => {
    const ports = createRecordingPorts(given);
    let conflicts = 2;
    const streams: PrunePorts["streams"] = {
      readStream: (...args) => ports.streams.readStream(...args),
      trimStream: (...args) => {
        if (conflicts === 0) return ports.streams.trimStream(...args);
        conflicts -= 1;
        return Promise.reject(new ImageError("API_CONFLICT", "the object has been modified"));
      },
    };
    const outcome = await execute(given, { ...ports, streams });
    assert.deepEqual(
      { layerLinks: outcome.layerLinks, failures: outcome.failures },
      { layerLinks: 2, failures: [] },
    );
    assert.equal(ports.calls.inOrder.filter((call) => call === "read").length, 3);
    assert.equal(ports.calls.inOrder.filter((call) => call === "layerLink").length, 2);
  });

  it("gives up after five conflicts", async () => {
    const ports = createRecordingPorts(given);
    const streams: PrunePorts["streams"] = {
      ...ports.streams,
      trimStream: () => Promise.reject(new ImageError("API_CONFLICT", "modified")),
    };
    const outcome = await execute(given, { ...ports, streams });
    assert.deepEqual(outcome.failures.map(describePruneFailure), [
      "imagestream shop/web: modified [API_CONFLICT]",
    ]);
    assert.equal(ports.calls.inOrder.filter((call) => call === "read").length, 5);
  });

  it("deletes the Images when a stream is gone", async () => {
    const ports = portsFinding(undefined);
    const outcome = await execute(given, ports);
    assert.deepEqual({ ...outcome, failures: [] }, { ...nothing, ...imageGone });
  });

  it("deletes no manifest link when the stream is deleted while it is written", async () => {
    const ports = createRecordingPorts(given);
    const streams: PrunePorts["streams"] = { ...ports.streams, trimStream: () => Promise.resolve("absent") };
    const outcome = await execute(given, { ...ports, streams });
    assert.deepEqual({ ...outcome, failures: [] }, { ...nothing, ...imageGone, layerLinks: 2 });
    assert.deepEqual([...ports.calls.manifestLinks], []);
  });

  it("cuts a planned item at its present position, and no other", async () => {
    const moved = stream("shop/web", { latest: [item("b", 1), item("b"), item("a", 700)] });
    const ports = portsFinding(moved);
    await execute(given, ports);
    assert.deepEqual([...ports.calls.streamUpdates], ["shop/web|latest|2|a"]);
    assert.deepEqual([...ports.calls.images], ["a"]);
  });

  it("keeps a planned item that has become the current one", async () => {
    const ports = portsFinding(stream("shop/web", { latest: [item("a", 700)] }));
    const outcome = await execute(given, ports);
    assert.deepEqual(outcome, nothing);
  });

  it("leaves a stream with an unknown image to the next run", async () => {
    const ports = portsFinding(stream("shop/web", { latest: [item("new", 0), item("b"), item("a", 700)] }));
    const outcome = await execute(given, ports);
    assert.deepEqual(outcome, nothing);
  });

  it("begins nothing more once the signal fires, and reports what was done", async () => {
    const abort = new AbortController();
    const ports = createRecordingPorts(given);
    const streams: PrunePorts["streams"] = {
      ...ports.streams,
      trimStream: (...args) => {
        abort.abort();
        return ports.streams.trimStream(...args);
      },
    };
    const outcome = await execute(given, { ...ports, streams }, abort.signal);
    assert.equal(outcome.interrupted, true);
    assert.equal(outcome.streams, 1);
    assert.deepEqual([...ports.calls.blobs, ...ports.calls.images], []);
  });

  it("deletes no Image when the signal fires among its blobs", async () => {
    const abort = new AbortController();
    const ports = createRecordingPorts(given);
    const blobs: PrunePorts["blobs"] = {
      deleteBlob: (...args) => {
        abort.abort();
        return ports.blobs.deleteBlob(...args);
      },
    };
    await execute(given, { ...ports, blobs }, abort.signal);
    assert.deepEqual([...ports.calls.images], []);
  });

  it("deletes the Image with the planned uid alone", async () => {
    const ports = createRecordingPorts(given);
    const asked: unknown[] = [];
    const images: PrunePorts["images"] = {
      deleteImage: (which, options) => {
        asked.push(which);
        return ports.images.deleteImage(which, options);
      },
    };
    await execute(given, { ...ports, images });
    assert.deepEqual(asked, [{ digest: "a", uid: "uid-a" }]);
  });

  it("reports progress from the second second on: streams, then images, speed and the present one", async () => {
    const digests = ["a", "c", "d"];
    const cluster = snapshot({
      images: [...digests, "b"].map((digest) => image(digest)),
      streams: [stream("shop/web", { latest: [item("b"), ...digests.map((digest) => item(digest, 700))] })],
    });
    const time = new FakeProgressClock();
    const lines: string[] = [];
    const ports = createRecordingPorts(cluster);
    const streams: PrunePorts["streams"] = {
      ...ports.streams,
      readStream: (key, options) => {
        time.pass(2_000);
        return ports.streams.readStream(key, options);
      },
    };
    const images: PrunePorts["images"] = {
      deleteImage: (which, options) => {
        time.pass(1_000);
        return ports.images.deleteImage(which, options);
      },
    };
    const order = { plan: planOf(cluster), snapshot: cluster, policy: policy() };
    const progress = (line: string) => void lines.push(line);
    const signal = new AbortController().signal;
    await executePrune(
      order,
      { ...ports, streams, images },
      { workers: 1, signal, progress, progressClock: time },
    );
    assert.deepEqual(lines, ["trimmed 0 of 1 image stream", "deleted 1 of 3 images, 0.3/s, c"]);
  });

  it("reports which Image blocked the second stage", async () => {
    const cluster = snapshot({
      images: [image("a"), image("b"), image("c", { metadata: { kind: "absent" } })],
      streams: [web],
    });
    const outcome = await execute(cluster, createRecordingPorts(cluster));
    assert.deepEqual(outcome.failures.map(describePruneFailure), [
      "image c: failed to read metadata for image c",
    ]);
    assert.deepEqual({ revisions: outcome.revisions, images: outcome.images }, { revisions: 1, images: 0 });
  });
});
