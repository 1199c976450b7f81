import assert from "node:assert/strict";
import { latestEvent } from "okd-image-sandbox";
import { request } from "undici";
import { importBody, shop, withSandbox } from "../client.js";

describe("faults of requests to the sandbox", () => {
  const open = withSandbox();

  beforeEach(() => {
    open().sandbox.faults.clear();
    open().sandbox.requests.clear();
  });

  it("a fault answers a status in place of the request, as often as `times` says", async () => {
    const { sandbox, admin } = open();
    sandbox.faults.add({
      method: "GET",
      path: "/imagestreams$",
      times: 2,
      effect: { kind: "answer", status: 503, body: "no" },
    });
    const statuses = [];
    for (let attempt = 0; attempt < 3; attempt += 1)
      statuses.push((await admin.get(`${shop}/imagestreams`)).status);
    assert.deepEqual(statuses, [503, 503, 200]);
  });

  it("a fault with `skip` spares the first matching requests", async () => {
    const { sandbox, admin } = open();
    sandbox.faults.add({
      path: "/imagestreams$",
      skip: 1,
      effect: { kind: "answer", status: 429, headers: { "retry-after": "1" } },
    });
    assert.equal((await admin.get(`${shop}/imagestreams`)).status, 200);
    const answer = await admin.get(`${shop}/imagestreams`);
    assert.equal(answer.status, 429);
    assert.equal(answer.headers["retry-after"], "1");
  });

  it("a fault matches the request's body by a predicate or a regular expression", async () => {
    const { sandbox, admin } = open();
    sandbox.faults.add({ method: "POST", body: '"hit"', effect: { kind: "answer", status: 500 } });
    sandbox.faults.add({
      method: "POST",
      body: (body) => body.includes("also"),
      effect: { kind: "answer", status: 501 },
    });
    const statuses = [];
    for (const name of ["miss", "hit", "also"])
      statuses.push((await admin.post(`${shop}/imagestreams`, { metadata: { name } })).status);
    assert.deepEqual(statuses, [201, 500, 501]);
  });

  it("a cut before the request leaves nothing written", async () => {
    const { sandbox, admin } = open();
    sandbox.faults.add({ method: "POST", effect: { kind: "cut", when: "before" } });
    await assert.rejects(admin.post(`${shop}/imagestreams`, { metadata: { name: "cut-before" } }));
    assert.equal((await admin.get(`${shop}/imagestreams/cut-before`)).status, 404);
  });

  it("a cut after the request leaves its write in place", async () => {
    const { sandbox, admin } = open();
    sandbox.faults.add({ method: "POST", effect: { kind: "cut", when: "after" } });
    await assert.rejects(admin.post(`${shop}/imagestreams`, { metadata: { name: "cut-after" } }));
    assert.equal((await admin.get(`${shop}/imagestreams/cut-after`)).status, 200);
  });

  it("a cut during the answer sends half of it", async () => {
    const { sandbox, admin } = open();
    sandbox.faults.add({ method: "GET", effect: { kind: "cut", when: "during" } });
    await assert.rejects(admin.get(`${shop}/imagestreams`));
  });

  it("a 504 with `afterEffect` comes after the write", async () => {
    const { sandbox, admin } = open();
    const registry = sandbox.registry();
    const { digest } = registry.publishImage("demo/late", "v1");
    sandbox.faults.add({
      path: "/imagestreamimports",
      effect: { kind: "answer", status: 504, afterEffect: true },
    });
    const body = importBody("late", { v1: `${registry.host}/demo/late:v1` });
    assert.equal((await admin.post(`${shop}/imagestreamimports`, body)).status, 504);
    assert.equal(latestEvent((await admin.get(`${shop}/imagestreams/late`)).stream, "v1")?.image, digest);
  });

  it("a delay changes nothing but the time of the answer", async () => {
    const { sandbox, admin } = open();
    sandbox.faults.add({ effect: { kind: "delay", milliseconds: 20 } });
    assert.equal((await admin.get(`${shop}/imagestreams`)).status, 200);
  });

  for (const kind of ["wrongDigest", "corrupt"] as const) {
    it(`an import fails when its registry's answer has the fault ${kind}`, async () => {
      const { sandbox, admin } = open();
      const registry = sandbox.registry();
      registry.publishImage("demo/digest", "v1");
      sandbox.faults.add({ server: registry.name, path: "/manifests/", effect: { kind } });
      const answer = await admin.post(
        `${shop}/imagestreamimports`,
        importBody("digest", { v1: `${registry.host}/demo/digest:v1` }),
      );
      assert.equal(answer.imported.status.images[0]?.status.reason, "InternalError");
    });
  }

  it("a fault with `storingOnly` fails one row of imports that store, and spares dry runs", async () => {
    const { sandbox, admin } = open();
    const registry = sandbox.registry();
    registry.publishImage("demo/row", "v1");
    const row = { code: 401, reason: "Unauthorized", message: "no" };
    sandbox.faults.add({ times: 0, effect: { kind: "importRow", tag: "c", row, storingOnly: true } });
    const from = `${registry.host}/demo/row:v1`;
    const preview = await admin.post(
      `${shop}/imagestreamimports`,
      importBody("row", { b: from, c: from }, { storing: false }),
    );
    assert.deepEqual(
      preview.imported.status.images.map((image) => image.status.status),
      ["Success", "Success"],
    );
    const stored = await admin.post(`${shop}/imagestreamimports`, importBody("row", { b: from, c: from }));
    assert.deepEqual(
      stored.imported.status.images.map((image) => image.status.code ?? 0),
      [0, 401],
    );
  });

  it("a row without an image counts as a failed import of the stream", async () => {
    const { sandbox, admin } = open();
    const registry = sandbox.registry();
    registry.publishImage("demo/empty", "v1");
    sandbox.faults.add({ effect: { kind: "importRow", tag: "c", row: "successWithoutImage" } });
    const answer = await admin.post(
      `${shop}/imagestreamimports`,
      importBody("empty", { c: `${registry.host}/demo/empty:v1` }),
    );
    const [row] = answer.imported.status.images;
    assert.equal(row?.status.status, "Success");
    assert.equal(row.image, undefined);
    const [history] = answer.imported.status.import.status.tags ?? [];
    assert.equal(history?.conditions?.[0]?.message, "unknown error prevented import");
  });
});

describe("the control address of the sandbox", () => {
  const open = withSandbox();
  const control = async (method: "GET" | "POST" | "DELETE", path: string, body?: unknown) => {
    const answer = await request(`${open().sandbox.controlUrl}/sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, json: text === "" ? undefined : (JSON.parse(text) as unknown) };
  };

  it("adds, lists and removes faults over HTTP", async () => {
    const fault = { path: "/imagestreams$", times: 0, effect: { kind: "answer", status: 418 } };
    const added = await control("POST", "faults", fault);
    assert.equal(added.status, 201);
    const [id] = (added.json as { ids: readonly number[] }).ids;
    assert.equal((await open().admin.get(`${shop}/imagestreams`)).status, 418);
    assert.deepEqual((await control("GET", "faults")).json, [{ id, fault, hits: 1 }]);
    assert.equal((await control("DELETE", `faults/${id ?? 0}`)).status, 204);
    assert.equal((await open().admin.get(`${shop}/imagestreams`)).status, 200);
  });

  it("refuses over HTTP what is not a fault", async () => {
    assert.equal((await control("POST", "faults", { path: "/x" })).status, 400);
  });

  it("shows and clears the request log over HTTP", async () => {
    await control("DELETE", "requests");
    await open().admin.get(`${shop}/imagestreams?limit=3`);
    const { json } = await control("GET", "requests?path=imagestreams");
    const [entry] = json as readonly Record<string, unknown>[];
    const { at, ...rest } = entry ?? {};
    assert.ok(typeof at === "string");
    assert.deepEqual(rest, {
      server: "api",
      method: "GET",
      path: `${shop}/imagestreams`,
      query: "limit=3",
      userAgent: "contract-suite/1.0",
      status: 200,
    });
    await control("DELETE", "requests");
    assert.deepEqual((await control("GET", "requests")).json, []);
  });

  it("makes continue tokens expire over HTTP", async () => {
    for (const name of ["e1", "e2"]) await open().admin.post(`${shop}/imagestreams`, { metadata: { name } });
    const { list } = await open().admin.get(`${shop}/imagestreams?limit=1`);
    assert.equal((await control("POST", "expire-continue-tokens")).status, 204);
    const token = encodeURIComponent(list.metadata.continue ?? "");
    assert.equal((await open().admin.get(`${shop}/imagestreams?continue=${token}`)).status, 410);
  });
});
