import assert from "node:assert/strict";
import type { ObjectChanges, WatchEvent } from "../../../../../provider/okd/objects.js";
import { createFollowedKinds } from "../../../../../provider/prune/survey/lists/followed.js";
import { ImageError } from "../../../../../provider/support/imageError.js";

const pods = { resource: { group: "", version: "v1", resource: "pods" } };
const never = new AbortController().signal;

interface Pod {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly image: string;
}

/** One kind of a cluster. What a watch tells, and how far, is told it by the test. */
class World {
  readonly pods = new Map<string, Pod>();
  readonly calls: string[] = [];
  version = 10;
  bytes = 1_000_000;
  listVersion: string | undefined;
  failList: Error | undefined;
  failVersion: Error | undefined;
  failWatch: Error | undefined;
  /** Events after this version are not told, nor is a bookmark beyond it. */
  toldUpTo = Infinity;
  forgottenUpTo = 0;
  bookmarks = true;
  readonly #events: (WatchEvent & { readonly resourceVersion: string })[] = [];
  readonly kinds = createFollowedKinds(this.#changes(), { smallBytes: 1000, patienceMs: 60 });

  put(name: string, image: string): void {
    const object = { metadata: { namespace: "shop", name }, image };
    this.version += 1;
    this.pods.set(name, object);
    this.#events.push({ kind: "present", object, resourceVersion: String(this.version) });
  }

  remove(name: string): void {
    const object = this.pods.get(name);
    this.version += 1;
    this.pods.delete(name);
    this.#events.push({ kind: "absent", object, resourceVersion: String(this.version) });
  }

  /** Something else in the cluster is written. */
  pass(): void {
    this.version += 1;
  }

  /** Images in use, sorted. */
  async look(signal: AbortSignal = never): Promise<readonly string[]> {
    const images = await this.kinds.collect(
      pods,
      (object) => [(object as Pod).image].filter((image) => image !== ""),
      (onObject) => {
        this.calls.push("list");
        if (this.failList !== undefined) return Promise.reject(this.failList);
        for (const pod of this.pods.values()) onObject(pod);
        const resourceVersion = this.listVersion ?? String(this.version);
        const facts = { count: this.pods.size, bytes: this.bytes, serverTime: 0 };
        return Promise.resolve(resourceVersion === "" ? facts : { ...facts, resourceVersion });
      },
      { signal },
    );
    return images.toSorted();
  }

  #changes(): ObjectChanges {
    return {
      version: () => {
        this.calls.push("version");
        return this.failVersion === undefined
          ? Promise.resolve(String(this.version))
          : Promise.reject(this.failVersion);
      },
      watch: (_, { resourceVersion, signal }) => {
        this.calls.push(`watch ${resourceVersion}`);
        return this.failWatch === undefined
          ? Promise.resolve(this.#tell(Number(resourceVersion), signal))
          : Promise.reject(this.failWatch);
      },
    };
  }

  async *#tell(since: number, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    if (since < this.forgottenUpTo) {
      yield { kind: "expired" };
      return;
    }
    for (const event of this.#events) {
      const version = Number(event.resourceVersion);
      if (version > since && version <= this.toldUpTo) yield event;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    signal.throwIfAborted();
    if (this.bookmarks) {
      yield { kind: "mark", resourceVersion: String(Math.min(this.version, this.toldUpTo)) };
    }
  }
}

describe("createFollowedKinds", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.put("web", "a");
    world.put("api", "b");
  });
  const listsSince = (from: number) => world.calls.slice(from).filter((call) => call === "list").length;

  it("lists a big kind once, and follows its changes by a watch", async () => {
    assert.deepEqual(await world.look(), ["a", "b"]);
    world.put("late", "c");
    world.put("api", "d");
    world.remove("web");
    assert.deepEqual(await world.look(), ["c", "d"]);
    world.put("late", "");
    assert.deepEqual(await world.look(), ["d"]);
    assert.equal(listsSince(0), 1);
    assert.deepEqual(world.calls, ["list", "version", "watch 12", "version", "watch 15"]);
  });

  it("is current without a watch where nothing at all was written", async () => {
    await world.look();
    await world.look();
    assert.deepEqual(world.calls, ["list", "version"]);
  });

  it("waits for a bookmark where only something else was written", async () => {
    await world.look();
    world.pass();
    assert.deepEqual(await world.look(), ["a", "b"]);
    assert.deepEqual(world.calls, ["list", "version", "watch 12"]);
  });

  it("lists a small kind each time", async () => {
    world.bytes = 10;
    await world.look();
    world.put("late", "c");
    assert.deepEqual(await world.look(), ["a", "b", "c"]);
    assert.deepEqual(world.calls, ["list", "list"]);
  });

  it("lists where a watch is behind", async () => {
    await world.look();
    world.toldUpTo = 12;
    world.put("late", "c");
    assert.deepEqual(await world.look(), ["a", "b", "c"]);
  });

  it("lists for the rest of the run where a watch never sends a bookmark", async () => {
    world.bookmarks = false;
    await world.look();
    world.pass();
    assert.deepEqual(await world.look(), ["a", "b"]);
    const before = world.calls.length;
    world.put("late", "c");
    assert.deepEqual(await world.look(), ["a", "b", "c"]);
    assert.deepEqual(world.calls.slice(before), ["list"]);
  });

  it("lists, and watches from there, when the server has forgotten the changes", async () => {
    await world.look();
    world.put("late", "c");
    world.forgottenUpTo = 13;
    assert.deepEqual(await world.look(), ["a", "b", "c"]);
    world.put("later", "d");
    const before = world.calls.length;
    assert.deepEqual(await world.look(), ["a", "b", "c", "d"]);
    assert.equal(listsSince(before), 0);
  });

  it("lists where watching is refused, and does not ask again", async () => {
    world.failWatch = new ImageError("API_FORBIDDEN", "no watch");
    await world.look();
    world.put("late", "c");
    assert.deepEqual(await world.look(), ["a", "b", "c"]);
    const before = world.calls.length;
    await world.look();
    assert.deepEqual(world.calls.slice(before), ["list"]);
  });

  it("lists when the connection is lost, and watches again the next time", async () => {
    await world.look();
    world.failWatch = new ImageError("API_UNREACHABLE", "lost");
    world.put("late", "c");
    assert.deepEqual(await world.look(), ["a", "b", "c"]);
    world.failWatch = undefined;
    world.put("later", "d");
    const before = world.calls.length;
    assert.deepEqual(await world.look(), ["a", "b", "c", "d"]);
    assert.equal(listsSince(before), 0);
  });

  it("fails with the list's reason when the kind may not be read any more", async () => {
    await world.look();
    world.failVersion = new ImageError("API_FORBIDDEN", "no version");
    world.failList = new ImageError("API_FORBIDDEN", "no list");
    await assert.rejects(world.look(), /no list/);
  });

  it("lists where versions do not compare, or a list has none of its own", async () => {
    for (const version of ["abc", "", "0"]) {
      world.listVersion = version;
      await world.look();
      const before = world.calls.length;
      await world.look();
      assert.deepEqual(world.calls.slice(before), ["list"]);
    }
  });

  it("lists everything after forget", async () => {
    await world.look();
    world.kinds.forget();
    const before = world.calls.length;
    await world.look();
    assert.deepEqual(world.calls.slice(before), ["list"]);
  });

  it("lists anew after the storage was restored to an earlier version", async () => {
    const world = new World();
    world.version = 50;
    world.put("web", "a");
    await world.look();
    world.version = 20;
    world.pods.clear();
    world.put("api", "b");
    assert.deepEqual(await world.look(), ["b"]);
  });

  it("ends with the signal's reason", async () => {
    await world.look();
    world.pass();
    const abort = new AbortController();
    world.bookmarks = false;
    setTimeout(() => abort.abort(new ImageError("DEADLINE_EXCEEDED", "too long")), 10);
    await assert.rejects(world.look(abort.signal), /too long/);
  });
});
