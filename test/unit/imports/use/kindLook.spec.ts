import assert from "node:assert/strict";
import { createKindLook, type KindLook } from "../../../../provider/imports/use/kindLook.js";
import { userKinds } from "../../../../provider/imports/use/kinds.js";
import type { ObjectWatches, WatchEvent } from "../../../../provider/okd/objects.js";
import { ImageError } from "../../../../provider/support/imageError.js";
import { digest } from "../../../support/builders/imageStream.js";

const a = digest("a");
const vanishing = { namespace: "shop", name: "web", tags: ["v1"], digests: [a], upstreams: [] };
const pods = userKinds.find(({ resource }) => resource.resource === "pods")!;
const never = new AbortController().signal;

function pod(name: string) {
  return { metadata: { name, namespace: "shop" }, spec: { containers: [{ image: `r/shop/web@${a}` }] } };
}

/** A cluster with one kind; its clock stands still unless it is told. */
class World {
  now = 1_000_000;
  lists = 0;
  readonly watchedFrom: string[] = [];
  readonly objects = new Map<string, object>();
  isRefused = false;
  isListBroken = false;
  canWatch = true;
  hasForgotten = false;
  /** Held back until it is called. */
  answerList: (() => void) | undefined;
  #version = 100;
  readonly #history: (WatchEvent & { readonly kind: "present" | "absent" })[] = [];
  #sendOpen: ((event: WatchEvent | undefined) => void) | undefined;
  readonly look: KindLook = createKindLook(pods, undefined, {
    now: () => this.now,
    onChange: () => undefined,
    listing: (work) => work(),
    watches: { watch: (_, options) => this.#watch(options) },
    objects: {
      list: async (_, { onPage, signal }) => {
        this.lists += 1;
        const seen = [...this.objects.values()];
        const resourceVersion = String(this.#version);
        if (this.answerList !== undefined) {
          await new Promise<void>((resolve, reject) => {
            this.answerList = resolve;
            signal.addEventListener("abort", () => reject(signal.reason as Error));
          });
        }
        if (this.isListBroken) throw new ImageError("API_ERROR", "down");
        if (this.isRefused) throw new ImageError("API_FORBIDDEN", "no");
        onPage(seen);
        return { count: seen.length, bytes: 0, serverTime: 0, resourceVersion };
      },
    },
  });

  put(name: string): void {
    const object = pod(name);
    this.objects.set(name, object);
    this.#happen("present", object);
  }

  remove(name: string): void {
    this.objects.delete(name);
    this.#happen("absent", pod(name));
  }

  #happen(kind: "present" | "absent", object: object): void {
    this.#version += 1;
    const event = { kind, object, resourceVersion: String(this.#version) };
    this.#history.push(event);
    this.#sendOpen?.(event);
  }

  /** As a server does after a minute. */
  endWatch(): void {
    this.#sendOpen?.(undefined);
  }

  #watch({
    resourceVersion,
    signal,
  }: Parameters<ObjectWatches["watch"]>[1]): ReturnType<ObjectWatches["watch"]> {
    this.watchedFrom.push(resourceVersion);
    if (!this.canWatch) return Promise.reject(new ImageError("API_FORBIDDEN", "no watch"));
    const waiting: (WatchEvent | undefined)[] = this.hasForgotten
      ? [{ kind: "expired" }, undefined]
      : this.#history.filter((event) => event.resourceVersion > resourceVersion);
    let wake: () => void = () => undefined;
    const send = (event: WatchEvent | undefined) => {
      waiting.push(event);
      wake();
    };
    this.#sendOpen = send;
    signal.addEventListener("abort", () => send(undefined));
    return Promise.resolve(
      (async function* () {
        for (;;) {
          for (const event of waiting.splice(0)) {
            if (event === undefined) return;
            yield event;
          }
          await new Promise<void>((resolve) => (wake = resolve));
        }
      })(),
    );
  }

  /** Names of the pods that are found, or why none. */
  async users(isForRemoval = true): Promise<string> {
    const index = await this.look.read({ askedAt: this.now, isForRemoval }, never);
    return index === "refused"
      ? index
      : index
          .usersOf(vanishing)
          .map(({ name }) => name)
          .sort()
          .join();
  }
}

describe("the list of a kind", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.put("old");
  });
  afterEach(() => world.look.rest());

  it("is read once for all who ask meanwhile", async () => {
    world.answerList = () => undefined;
    const asked = [world.users(), world.users(), world.users()];
    await new Promise(setImmediate);
    world.answerList();

    assert.deepEqual(await Promise.all(asked), ["old", "old", "old"]);
    assert.equal(world.lists, 1);
  });

  it("is brought up to date by a watch from its version, and not listed again", async () => {
    await world.users();
    world.now += 60_000;
    world.put("new");
    world.remove("old");

    assert.equal(await world.users(), "new");
    world.put("later");
    assert.equal(await world.users(), "later,new");
    world.remove("new");
    assert.equal(await world.users(), "later");
    assert.deepEqual([world.lists, world.watchedFrom], [1, ["101"]]);
  });

  it("serves a preview for a moment without a watch, and a removal never", async () => {
    await world.users(false);
    world.now += 4_000;

    await world.users(false);
    assert.deepEqual(world.watchedFrom, []);
    await world.users(true);
    assert.deepEqual([world.lists, world.watchedFrom], [1, ["101"]]);
  });

  it("is watched on from the last version when a watch ends, or pauses", async () => {
    await world.users();
    world.now += 1;
    await world.users();
    world.put("new");
    await new Promise(setImmediate);
    world.endWatch();
    await new Promise(setImmediate);
    await world.users();
    world.look.rest();
    await world.users();

    assert.deepEqual([world.lists, world.watchedFrom], [1, ["101", "102", "102"]]);
  });

  it("is read anew when the cluster has forgotten its version", async () => {
    await world.users();
    world.now += 1;
    world.hasForgotten = true;
    world.put("new");

    assert.equal(await world.users(), "new,old");
    assert.equal(world.lists, 2);
  });

  it("is not believed after a watch that was silent for too long", async () => {
    await world.users();
    world.now += 1;
    await world.users();
    world.now += 81_000;

    await world.users();

    assert.deepEqual(world.watchedFrom, ["101", "101"]);
  });

  describe("without a watch", () => {
    beforeEach(() => {
      world.canWatch = false;
    });

    it("is believed for five seconds, and then read anew", async () => {
      await world.users();
      world.put("new");
      world.now += 4_999;
      assert.equal(await world.users(), "old");
      world.now += 2;
      assert.equal(await world.users(), "new,old");
      assert.deepEqual(
        [world.lists, world.watchedFrom.length],
        [2, 1],
        "a refused watch is not asked for each time",
      );
    });

    it("is not believed after a write of this process", async () => {
      await world.users();
      world.now += 1;
      world.look.noteWrite();
      world.put("new");

      assert.equal(await world.users(), "new,old");
    });
  });

  it("is asked for again a minute after a refusal", async () => {
    world.isRefused = true;
    assert.equal(await world.users(), "refused");
    world.isRefused = false;
    world.now += 30_000;
    assert.equal(await world.users(), "refused");
    world.now += 31_000;
    assert.equal(await world.users(), "old");
    assert.equal(world.lists, 2);
  });

  it("is unknown after a failure, which is not remembered", async () => {
    world.isListBroken = true;
    await assert.rejects(world.users(), /down.*API_ERROR/);
    world.isListBroken = false;

    assert.equal(await world.users(), "old");
  });

  it("is read anew for the others when the one who began is cancelled", async () => {
    world.answerList = () => undefined;
    const first = new AbortController();
    const currency = { askedAt: world.now, isForRemoval: true };
    const given = world.look.read(currency, first.signal);
    const other = world.users();
    first.abort(new ImageError("CANCELLED", "gone"));
    await assert.rejects(given, /gone/);
    await new Promise(setImmediate);
    world.answerList();

    assert.equal(await other, "old");
    assert.equal(world.lists, 2);
  });

  it("ends its watch with the signal of whoever waits", async () => {
    await world.users();
    world.now += 1;
    const stop = new AbortController();
    const asked = world.look.read({ askedAt: world.now, isForRemoval: true }, stop.signal);
    await new Promise(setImmediate);
    stop.abort(new ImageError("CANCELLED", "gone"));

    await assert.rejects(asked, /gone/);
  });
});
