import assert from "node:assert/strict";
import { describePruneFailure } from "../../../provider/prune/execute/failure.js";
import type { SafePruneOutcome } from "../../../provider/prune/execute/outcome.js";
import { describeBroken } from "../../../provider/prune/execute/safe/broken.js";
import { strictPolicy } from "../../support/builders/snapshot.js";
import { openKubeApi } from "../../support/clients/kubeApi.js";
import { type PruneWorld, repositoryHost, startPruneWorld } from "../../support/worlds/prune.js";
import { connectPruneRun, type PruneRun } from "../../support/worlds/pruneRun.js";

const policy = strictPolicy();
const ok = { ok: true };
const options = { signal: new AbortController().signal };

describe("a safe prune of a cluster that changes meanwhile", () => {
  let world: PruneWorld;
  let run: PruneRun;
  /** shop/web:latest, oldest first. */
  let web: readonly string[];
  const oldest = () => web[0] ?? "";

  beforeEach(async () => {
    world = await startPruneWorld();
    const { url: server, certificateAuthority: ca, integratedRegistry, adminToken: token } = world.sandbox;
    run = connectPruneRun({ server, registry: integratedRegistry.url, token, ca });
    web = [30, 20, 10].map((days) => world.push("shop/web:latest", `web ${days}`, days).digest);
    world.beginRun();
  });
  afterEach(async () => {
    await run.close();
    await world.close();
  });

  const statusOf = (name = "web") =>
    world.sandbox.stored("imagestreams.image.openshift.io", name, "shop")?.["status"];
  const useOldest = () => world.runPod("late", `${repositoryHost}/shop/web@${oldest()}`);
  const atWrite = (change: () => void, skip = 0) =>
    world.sandbox.onRequest({ method: "PUT", path: "/web/status", skip }, change);
  const loseAnswerOfWrite = () =>
    world.sandbox.faults.add({
      method: "PUT",
      path: "/web/status",
      effect: { kind: "cut", when: "after" },
      times: 1,
    });
  async function prune(): Promise<SafePruneOutcome> {
    return await run.execute(await run.plan(policy, options), policy, options);
  }

  it("puts back the very item that a pod came to use just before its cut, and it can be pulled", async () => {
    const before = JSON.stringify(statusOf());
    atWrite(useOldest);
    const outcome = await prune();

    assert.deepEqual(await world.pull(`shop/web@${oldest()}`), ok);
    assert.deepEqual(world.history("shop/web:latest"), [web[2], web[0]]);
    const items = (status: string) => (JSON.parse(status) as { tags: { items: object[] }[] }).tags[0]?.items;
    assert.deepEqual(items(JSON.stringify(statusOf()))?.at(-1), items(before)?.at(-1));
    assert.deepEqual([outcome.revisions, outcome.restored, outcome.broken], [1, 1, []]);
    assert.deepEqual(outcome.failures, []);
    assert.deepEqual(outcome.deletedImages, [web[1]]);
  });

  it("puts a cut item back whose answer was lost on the way", async () => {
    loseAnswerOfWrite();
    atWrite(useOldest);
    const outcome = await prune();

    assert.deepEqual(await world.pull(`shop/web@${oldest()}`), ok);
    assert.deepEqual([outcome.revisions, outcome.restored, outcome.broken], [1, 1, []]);
  });

  it("counts an item as cut whose answer never came", async () => {
    loseAnswerOfWrite();
    const outcome = await prune();

    assert.deepEqual([outcome.revisions, outcome.skipped, outcome.images], [2, 0, 2]);
  });

  it("serves an item again that was put back after the links of its repository were deleted", async () => {
    world.sandbox.onRequest(
      { server: "integrated", method: "DELETE", path: `/manifests/${oldest()}` },
      useOldest,
    );
    const outcome = await prune();

    assert.deepEqual([outcome.restored, outcome.broken], [1, []]);
    assert.deepEqual(await world.pull(`shop/web@${oldest()}`), ok);
  });

  it("writes nothing into a stream that has taken the name of the one it has cut from", async () => {
    const stream = world.sandbox.stored("imagestreams.image.openshift.io", "web", "shop");
    assert.ok(stream);
    atWrite(useOldest);
    atWrite(() => {
      const { uid: _, ...metadata } = stream.metadata;
      world.remove("image.openshift.io/v1", "ImageStream", "web");
      world.sandbox.seed({ ...stream, metadata, status: { dockerImageRepository: "" } });
    }, 1);
    const outcome = await prune();

    assert.deepEqual([outcome.restored, outcome.broken], [0, []]);
    assert.deepEqual((statusOf() as { tags?: unknown }).tags ?? [], []);
  });

  /** Somebody comes to use the oldest, and the stream takes no second write. */
  const refuseRestoration = () => {
    atWrite(useOldest);
    world.sandbox.faults.add({
      method: "PUT",
      path: "/web/status",
      skip: 1,
      times: 0,
      effect: { kind: "answer", status: 403, body: { kind: "Status", code: 403, message: "limit" } },
    });
  };

  it("names an item that it cannot put back, with an oc tag line that makes it pullable", async () => {
    refuseRestoration();
    atWrite(() => void world.push("shop/copy:v1", "web 30", 0));
    const outcome = await prune();

    const [line = ""] = outcome.broken.map(describeBroken);
    const [, source, target] = /: oc tag (\S+) (\S+)$/.exec(line) ?? [];
    assert.match(line, /came into use by .*pod\/late namespace=shop/);
    assert.match(outcome.failures.map(describePruneFailure).join("\n"), /failed to put back 1 revision/);
    assert.notDeepEqual(await world.pull(`shop/web@${oldest()}`), ok);

    await ocTag(source ?? "", target ?? "");
    assert.deepEqual(await world.pull(`shop/web@${oldest()}`), ok);
    assert.deepEqual(world.history("shop/web:latest"), [web[2]]);
  });

  it("names an image that no stream lists any more, with an oc create line that makes it pullable", async () => {
    refuseRestoration();
    const outcome = await prune();

    const [line = ""] = outcome.broken.map(describeBroken);
    const [, mapping = ""] = /: echo '(\{.*\})' \| oc create -f -$/.exec(line) ?? [];
    assert.notDeepEqual(await world.pull(`shop/web@${oldest()}`), ok);

    await send("POST", "imagestreammappings", JSON.parse(mapping));
    assert.deepEqual(await world.pull(`shop/web@${oldest()}`), ok);
    assert.deepEqual(world.history("shop/web:latest"), [web[2]]);
  });

  /** What `oc tag` sends for a digest of another stream. */
  async function ocTag(source: string, target: string): Promise<void> {
    const [namespace, name = ""] = source.split("/");
    const [stream = "", tag] = target.replace("shop/", "").split(":");
    await send("PUT", `imagestreamtags/${stream}:${tag ?? ""}`, {
      apiVersion: "image.openshift.io/v1",
      kind: "ImageStreamTag",
      metadata: { name: `${stream}:${tag ?? ""}`, namespace: "shop" },
      tag: { from: { kind: "ImageStreamImage", namespace, name }, referencePolicy: { type: "Source" } },
    });
  }

  async function send(method: "PUT" | "POST", path: string, body: unknown): Promise<void> {
    const { url: server, certificateAuthority, adminToken: token } = world.sandbox;
    const api = openKubeApi({ server, certificateAuthority, token });
    const where = `/apis/image.openshift.io/v1/namespaces/shop/${path}`;
    const answer = await (method === "PUT" ? api.put(where, body) : api.post(where, body));
    await api.close();
    assert.ok(answer.status < 300, answer.text);
  }
});
