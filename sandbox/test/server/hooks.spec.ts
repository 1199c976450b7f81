import assert from "node:assert/strict";
import type { ActiveReaction, Reaction } from "okd-image-sandbox";
import { request } from "undici";
import { openKubeApi } from "../../../test/support/clients/kubeApi.js";
import { recording } from "../../../test/support/recordings/okdApi.js";
import { shop, withSandbox } from "../client.js";

const pods = "/api/v1/namespaces/shop/pods";
const pod = (name: string) => ({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop" } });

describe("changes of the cluster at an exact moment", () => {
  const open = withSandbox(() => ({ integratedRegistry: {} }));
  const names = async (): Promise<readonly string[]> =>
    (await open().admin.get(pods)).list.items.map(({ metadata }) => metadata.name);

  it("a hook runs before its request, which sees the hook's change", async () => {
    const { sandbox } = open();
    const seen: string[] = [];
    const match = { server: "api", method: "GET", path: "/pods$", skip: 1 };
    sandbox.onRequest(match, async ({ path }) => {
      await new Promise(setImmediate);
      seen.push(path);
      sandbox.seed(pod("late"));
    });
    assert.deepEqual(await names(), []);
    assert.deepEqual(await names(), ["late"]);
    await names();
    assert.deepEqual(seen, [pods]);
    sandbox.remove(pod("late"));
  });

  it("a hook sees every matching request and its body until the hook is removed", async () => {
    const { sandbox, admin } = open();
    const bodies: string[] = [];
    const stop = sandbox.onRequest({ method: "POST", body: "seen", times: 0 }, ({ body }) => {
      bodies.push(body);
    });
    for (const name of ["seen-1", "other", "seen-2"]) await admin.post(pods, { metadata: { name } });
    stop();
    await admin.post(pods, { metadata: { name: "seen-3" } });
    assert.equal(bodies.length, 2);
    for (const name of ["seen-1", "other", "seen-2", "seen-3"]) await admin.delete(`${pods}/${name}`);
  });

  it("a reaction over HTTP changes the cluster right before its request", async () => {
    const { sandbox, admin } = open();
    const url = `${sandbox.controlUrl}/sandbox/reactions`;
    sandbox.seed(pod("victim"));
    const reaction: Reaction = {
      method: "GET",
      path: "/imagestreams",
      changes: [
        { put: pod("put") },
        { patch: { ...pod("put"), status: { phase: "Running" } } },
        { delete: pod("victim") },
        { push: { namespace: "shop", name: "app", tag: "v1", image: { layers: ["x"] } } },
        { registryMode: "readOnly" },
      ],
    };
    const added = await request(url, { method: "POST", body: JSON.stringify(reaction) });
    assert.equal(added.statusCode, 201);
    const { ids } = (await added.body.json()) as { ids: readonly number[] };
    assert.deepEqual(await names(), ["victim"]);
    const { list } = await admin.get(`${shop}/imagestreams`);
    assert.deepEqual(
      list.items.map(({ metadata }) => metadata.name),
      ["app"],
    );
    assert.deepEqual(await names(), ["put"]);
    assert.deepEqual(sandbox.stored("pods", "put", "shop")?.["status"], { phase: "Running" });
    assert.equal(sandbox.integratedRegistry.mode, "readOnly");
    const active = (await (await request(url)).body.json()) as readonly ActiveReaction[];
    assert.deepEqual(
      active.map(({ id, hits }) => [id, hits]),
      [[ids[0], 1]],
    );
    const removed = await request(`${url}/${ids[0] ?? 0}`, { method: "DELETE" });
    assert.equal(removed.statusCode, 204);
    assert.deepEqual(await (await request(url)).body.json(), []);
  });

  it("a change over HTTP happens at once, and a wrong one is explained", async () => {
    const { sandbox } = open();
    const url = `${sandbox.controlUrl}/sandbox/changes`;
    const push = { namespace: "shop", name: "now", tag: "v1", image: { layers: ["now"] } };
    const answer = await request(url, { method: "POST", body: JSON.stringify([{ push }]) });
    assert.equal(answer.statusCode, 200);
    const { results } = (await answer.body.json()) as { results: readonly { digest: string }[] };
    assert.match(results[0]?.digest ?? "", /^sha256:/);
    const wrong = await request(url, { method: "POST", body: JSON.stringify([{ nothing: true }]) });
    assert.equal(wrong.statusCode, 400);
    assert.match(await wrong.body.text(), /a change: has no field .*nothing/);
  });
});

describe("the clock of the sandbox", () => {
  const open = withSandbox(() => ({ clockOffsetSeconds: -86_400, integratedRegistry: { protocol: "http" } }));
  const offsetOf = (date: string | undefined): number => Date.parse(date ?? "") - Date.now();
  const isAbout = (offset: number, hours: number): boolean => Math.abs(offset - hours * 3_600_000) < 600_000;

  it("sets the Date header and creation times, and can be shifted", async () => {
    const { sandbox, admin } = open();
    for (const hours of [-24, 3]) {
      if (hours === 3) sandbox.shiftClock(3 * 3600);
      const name = `at-${hours}`;
      const created = await admin.post(pods, { metadata: { name } });
      assert.ok(isAbout(offsetOf(String(created.headers["date"])), hours), String(created.headers["date"]));
      assert.ok(isAbout(offsetOf(created.object.metadata.creationTimestamp ?? ""), hours));
      const health = await request(`${sandbox.integratedRegistry.url}/healthz`);
      assert.ok(isAbout(offsetOf(String(health.headers["date"])), hours));
      await health.body.dump();
    }
    sandbox.change({ clockOffsetSeconds: 0 });
    const now = await admin.get(pods);
    assert.ok(isAbout(offsetOf(String(now.headers["date"])), 0));
  });
});

describe("faults that long runs of a client meet", () => {
  const open = withSandbox(() => ({
    plainHttp: true,
    objects: ["a", "b", "c", "d", "e"].map(pod),
  }));

  it("an expired continue token is answered with one that continues the list", async () => {
    const { sandbox, admin } = open();
    sandbox.faults.add({ path: "/pods\\?.*continue=", skip: 1, effect: { kind: "expireContinueToken" } });
    const next = (token: string | undefined) =>
      admin.get(`${pods}?limit=2&continue=${encodeURIComponent(token ?? "")}`);
    const first = await admin.get(`${pods}?limit=2`);
    const second = await next(first.list.metadata.continue);
    assert.equal(second.status, 200);
    const third = await next(second.list.metadata.continue);
    assert.equal(third.status, 410);
    const fresh = third.failure.metadata.continue;
    const expected = recording("status-410-expired-continue") as { metadata: object };
    assert.deepEqual({ ...(third.json as object), metadata: {} }, { ...expected, metadata: {} });
    const rest = await next(fresh);
    assert.deepEqual(
      rest.list.items.map(({ metadata }) => metadata.name),
      ["e"],
    );
  });

  it("a fault by header refuses one token from its third request on, and no other", async () => {
    const { sandbox, admin } = open();
    const token = sandbox.addToken("runner", "sha256~runner", ["system:masters"]);
    const runner = openKubeApi({ server: sandbox.httpUrl ?? "", token });
    const body = recording("status-401");
    sandbox.faults.add({
      headers: { authorization: `^Bearer ${token}$` },
      skip: 2,
      times: 0,
      effect: { kind: "answer", status: 401, body },
    });
    const statuses: number[] = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await runner.get(pods)).status);
    assert.deepEqual(statuses, [200, 200, 401, 401]);
    assert.equal((await admin.get(pods)).status, 200);
    await runner.close();
  });
});
