import assert from "node:assert/strict";
import { PartialFailure } from "../../../provider/lifecycle/hookErrors.js";
import { unknownValue } from "../../../provider/lifecycle/unknowns.js";
import { ImageError } from "../../../provider/support/imageError.js";
import { urn, program, hooksWith, type Context } from "../../support/fakes/hooks.js";

describe("diff", () => {
  const state = { ...program, size: "small", connection: { token: "a" } };

  it("returns the handler's answer", async () => {
    const same = await hooksWith().hooks.diff("id", state, state);
    const drift = await hooksWith({ diff: () => Promise.resolve({ kind: "drift" }) }).hooks.diff(
      "id",
      state,
      state,
    );
    const inputs = await hooksWith({
      diff: () => Promise.resolve({ kind: "inputs", replaces: ["name"] }),
    }).hooks.diff("id", state, state);

    assert.deepEqual([same, drift, inputs], [{ changes: false }, { changes: true }, { replaces: ["name"] }]);
  });

  it("lets a changed credential reach the state", async () => {
    const result = await hooksWith().hooks.diff("id", state, { ...state, connection: { token: "b" } });

    assert.deepEqual(result, {});
  });

  it("leaves unknown inputs to Pulumi", async () => {
    const { hooks } = hooksWith({ diff: () => assert.fail("asked") });

    assert.deepEqual(await hooks.diff("id", state, { ...state, plan: unknownValue }), {});
  });
});

describe("create and update", () => {
  it("mirror the connection and the reserved keys into the state", async () => {
    const { hooks } = hooksWith();
    const inputs = { ...program, __claimant: urn, connection: { token: "a" }, size: "small" };

    const { id, outs } = await hooks.create(inputs);

    assert.equal(id, "shop/web");
    assert.deepEqual(outs, { size: "small", connection: { token: "a" }, __urn: urn, __claimant: urn });
  });

  it("keep the state of a partial failure, with __provider and reasons", async () => {
    const { hooks } = hooksWith({
      create: () =>
        Promise.resolve({ id: "shop/web", outputs: { size: 1 }, failures: ["tags.c: no", "t0psecret"] }),
    });

    const error: unknown = await hooks
      .create({ ...program, connection: { token: "t0psecret" } })
      .catch((thrown: unknown) => thrown);

    assert.ok(error instanceof PartialFailure);
    assert.equal(error.id, "shop/web");
    assert.equal(error.properties.__provider, "code");
    assert.equal(error.properties.size, 1);
    assert.deepEqual(error.reasons, ["tags.c: no", "[secret]"]);
  });

  it("keep the state when a result cannot be stored", async () => {
    const { hooks } = hooksWith({
      update: (id) => Promise.resolve({ id, outputs: { at: new Date(0) }, failures: [] }),
    });

    const error: unknown = await hooks
      .update("id", program, { ...program, size: 2 })
      .catch((e: unknown) => e);

    assert.ok(error instanceof PartialFailure);
    assert.equal(error.properties.size, 2);
    assert.equal(error.properties.__provider, "code");
  });

  it("throw plainly when nothing has happened", async () => {
    const { hooks } = hooksWith({ create: () => Promise.reject(new ImageError("API_FORBIDDEN", "no")) });

    const error: unknown = await hooks.create(program).catch((thrown: unknown) => thrown);

    assert.ok(error instanceof Error && !(error instanceof PartialFailure));
    assert.equal(error.message, "no [API_FORBIDDEN]");
    assert.equal(error.stack, "");
  });

  it("stop at the deadline", async () => {
    const hang = (_request: unknown, context: Context) =>
      new Promise<never>((_, reject) => {
        context.signal.addEventListener("abort", () => reject(context.signal.reason as Error));
      });
    const { hooks } = hooksWith({ create: hang, deadline: () => 20 });
    const alive = setInterval(() => undefined, 1_000);

    await assert.rejects(hooks.create(program), /DEADLINE_EXCEEDED/).finally(() => clearInterval(alive));
  });
});

describe("read and delete", () => {
  it("answer live inputs and outputs with the reserved keys", async () => {
    const result = await hooksWith().hooks.read("id", { ...program, connection: { token: "a" } });

    const common = { size: "live", connection: { token: "a" }, __urn: urn, __claimant: urn };
    assert.deepEqual(result, { id: "id", props: common, inputs: common });
  });

  it("answer nothing for an object that is proven to be gone", async () => {
    assert.deepEqual(
      await hooksWith({ read: () => Promise.resolve(undefined) }).hooks.read("id", program),
      {},
    );
  });

  it("connect with the stack's configuration, known to the first call that waits", async () => {
    let deleted = "";
    const { hooks, opened } = hooksWith({
      delete: async (id, _state, context) => {
        await context.ports();
        deleted = id;
      },
    });

    void hooks.configure({ config: { get: (key) => (key === "okd:context" ? "prod" : undefined) } });
    await hooks.delete("id", { ...program, connection: { host: "h" } });

    assert.equal(deleted, "id");
    assert.deepEqual(opened, [[{ host: "h" }, "prod"]]);
  });
});
