import assert from "node:assert/strict";
import type { HookContext, ResourceHandler } from "../../../provider/lifecycle/handler.js";
import { PartialFailure } from "../../../provider/lifecycle/hookErrors.js";
import { createHooks, type Hooks } from "../../../provider/lifecycle/hooks.js";
import type { Connector } from "../../../provider/lifecycle/session.js";
import { createKnownSecrets } from "../../../provider/lifecycle/knownSecrets.js";
import { unknownValue } from "../../../provider/lifecycle/unknowns.js";
import type { JsonObject } from "../../../provider/lifecycle/wire.js";
import { ImageError } from "../../../provider/support/imageError.js";

type Handler = ResourceHandler<JsonObject, string>;
type Context = HookContext<string>;

const urn = "urn:pulumi:dev::shop::okd:Thing::web";
const program = { __provider: "code", __urn: urn };

interface Bench {
  readonly hooks: Hooks;
  readonly lines: string[];
  readonly opened: unknown[];
}

/** A handler that resolves everything, unless a test overrides a verb. */
function bench(overrides: Partial<Handler> = {}): Bench {
  const lines: string[] = [];
  const opened: unknown[] = [];
  const handler: Handler = {
    computedKey: "plan",
    parse: (inputs) =>
      Promise.resolve(
        inputs.size === "huge"
          ? {
              ok: false,
              issues: [
                { path: ["size"], message: "is too big" },
                { path: [], message: "as a whole" },
              ],
            }
          : { ok: true, args: inputs },
      ),
    defaults: (inputs, olds) => ({ name: inputs.name ?? olds.name ?? "web" }),
    deadline: () => 5_000,
    check: () =>
      Promise.resolve({ kind: "resolved", defaults: { namespace: "shop" }, computed: { items: 1 } }),
    diff: () => Promise.resolve({ kind: "same" }),
    create: ({ inputs }) => Promise.resolve({ id: "shop/web", outputs: { size: inputs.size }, failures: [] }),
    update: (id) => Promise.resolve({ id, outputs: {}, failures: [] }),
    read: (id) => Promise.resolve({ id, outputs: { size: "live" }, inputs: { size: "live" } }),
    delete: () => Promise.resolve(),
    ...overrides,
  };
  const connector: Connector<string> = {
    issues: (connection) =>
      Promise.resolve(
        (connection as JsonObject | undefined)?.host === "bad"
          ? [{ path: ["host"], message: "is no URL" }]
          : [],
      ),
    open: (connection, config) => {
      opened.push([connection, config("okd:context")]);
      return Promise.resolve("ports");
    },
  };
  const log = (level: string) => (line: string) => void lines.push(`${level}: ${line}`);
  const hooks = createHooks(handler, connector, {
    signal: new AbortController().signal,
    track: (work) => work,
    logFor: () => ({ progress: log("progress"), info: log("info"), warn: log("warn") }),
    secrets: createKnownSecrets({}),
  });
  return { hooks, lines, opened };
}

describe("check", () => {
  it("returns inputs, defaults and the computed value, and strips the preview flag", async () => {
    const { hooks } = bench();

    const result = await hooks.check({}, { ...program, __preview: true, size: "small" });

    assert.deepEqual(result, {
      inputs: {
        size: "small",
        name: "web",
        namespace: "shop",
        plan: { items: 1 },
        __urn: urn,
        __claimant: urn,
      },
    });
  });

  it("reports every issue without a property, so that no value is printed", async () => {
    const { hooks } = bench();

    const result = await hooks.check(
      {},
      { ...program, size: "huge", connection: { host: "bad", token: "t0psecret" } },
    );

    assert.deepEqual(result.failures, [
      { property: "", reason: "size: is too big" },
      { property: "", reason: "as a whole" },
      { property: "", reason: "connection.host: is no URL" },
    ]);
  });

  it("redacts a defect too, and leaves the engine no stack to print", async () => {
    const { hooks } = bench({ parse: () => Promise.reject(new Error("cannot read t0psecret")) });

    await assert.rejects(
      hooks.check({}, { ...program, connection: { token: "t0psecret" } }),
      (error: Error) => error.message.includes("cannot read [secret]") && error.stack === "",
    );
  });

  it("answers unknown for unknown inputs, without asking the handler", async () => {
    const { hooks } = bench({ check: () => assert.fail("asked") });

    const result = await hooks.check({}, { ...program, __preview: true, tags: { v1: [unknownValue] } });

    assert.equal(result.inputs.plan, unknownValue);
    assert.equal(result.failures, undefined);
  });

  it("names the paths that are not known, five at most", async () => {
    const { hooks, lines } = bench();
    const labels = Object.fromEntries(["a", "b", "c", "d", "e"].map((key) => [key, unknownValue]));

    await hooks.check({}, { ...program, __preview: true, tags: { "1.27": { image: unknownValue } } });
    await hooks.check({}, { ...program, __preview: true, images: [unknownValue], labels });

    assert.deepEqual(lines, [
      'info: not known yet: tags["1.27"].image',
      "info: not known yet: images[0], labels.a, labels.b, labels.c, labels.d and 1 more",
    ]);
  });

  it("goes on with the part that decides, where the handler knows it", async () => {
    const checked: unknown[] = [];
    const { hooks } = bench({
      knownPart: (inputs, unknown) => (unknown.every(([key]) => key === "labels") ? inputs : undefined),
      check: ({ args, unknown }) => {
        checked.push([args.labels, unknown]);
        return Promise.resolve({ kind: "resolved", defaults: {}, computed: { items: 1 } });
      },
    });
    const labels = { commit: unknownValue, app: "web" };

    const known = await hooks.check({}, { ...program, __preview: true, labels });
    const whole = await hooks.check({}, { ...program, __preview: true, labels, size: unknownValue });
    const connection = { token: unknownValue };
    const elsewhere = await hooks.check({}, { ...program, __preview: true, connection });

    assert.deepEqual(known.inputs.plan, { items: 1 });
    assert.deepEqual(known.inputs.labels, labels, "the engine shows what is not known");
    assert.deepEqual(checked, [[{ app: "web" }, [["labels", "commit"]]]]);
    assert.equal(whole.inputs.plan, unknownValue);
    assert.equal(elsewhere.inputs.plan, unknownValue, "no cluster can be asked");
  });

  it("keeps silent about issues of values that are not known yet", async () => {
    const { hooks } = bench({
      parse: () => Promise.resolve({ ok: false, issues: [{ path: ["tags", "v1"], message: "is missing" }] }),
    });

    const result = await hooks.check({}, { ...program, __preview: true, tags: { v1: unknownValue } });

    assert.equal(result.failures, undefined);
  });

  it("keeps a computed value that ignoreChanges brought back", async () => {
    const { hooks } = bench({ check: () => assert.fail("asked") });

    const result = await hooks.check({ plan: "old" }, { ...program, plan: "old" });

    assert.equal(result.inputs.plan, "old");
    assert.equal(result.inputs.__kept, true);
  });

  const pending: Partial<Handler> = {
    check: () => Promise.resolve({ kind: "pending", defaults: {}, reason: "namespace: is not there." }),
  };

  it("answers unknown for what is not there yet in a preview, and says why", async () => {
    const { hooks, lines } = bench(pending);

    const result = await hooks.check({}, { ...program, __preview: true });

    assert.equal(result.inputs.plan, unknownValue);
    assert.deepEqual(lines, ["info: not known yet: namespace: is not there."]);
  });

  it("fails for what is not there yet in up, where an unknown would be fatal", async () => {
    const { hooks } = bench(pending);

    const result = await hooks.check({}, { ...program, __preview: false });

    assert.notEqual(result.inputs.plan, unknownValue);
    assert.match(result.failures?.[0]?.reason ?? "", /namespace: is not there\. .*dependsOn/);
  });

  it("turns a throw into a failure without secrets", async () => {
    const { hooks } = bench({
      check: () => Promise.reject(new ImageError("API_ERROR", "bad token t0psecret in dDBwc2VjcmV0")),
    });

    const result = await hooks.check({}, { ...program, connection: { token: "t0psecret" } });

    const reason = result.failures?.[0]?.reason ?? "";
    assert.match(reason, /bad token .* \[API_ERROR\]/);
    assert.doesNotMatch(reason, /t0psecret|dDBwc2VjcmV0/);
  });

  it("remembers who claimed the object through renames and for the second check of a replacement", async () => {
    const { hooks } = bench();
    const renamed = { ...program, __urn: `${urn}2` };

    const first = await hooks.check({ __urn: urn, __claimant: urn }, renamed);
    const second = await hooks.check({}, renamed);

    assert.equal(first.inputs.__claimant, urn);
    assert.equal(second.inputs.__claimant, urn);
  });
});

describe("diff", () => {
  const state = { ...program, size: "small", connection: { token: "a" } };

  it("says what the handler says", async () => {
    const same = await bench().hooks.diff("id", state, state);
    const drift = await bench({ diff: () => Promise.resolve({ kind: "drift" }) }).hooks.diff(
      "id",
      state,
      state,
    );
    const inputs = await bench({
      diff: () => Promise.resolve({ kind: "inputs", replaces: ["name"] }),
    }).hooks.diff("id", state, state);

    assert.deepEqual([same, drift, inputs], [{ changes: false }, { changes: true }, { replaces: ["name"] }]);
  });

  it("lets a changed credential reach the state", async () => {
    const result = await bench().hooks.diff("id", state, { ...state, connection: { token: "b" } });

    assert.deepEqual(result, {});
  });

  it("leaves unknown inputs to the engine", async () => {
    const { hooks } = bench({ diff: () => assert.fail("asked") });

    assert.deepEqual(await hooks.diff("id", state, { ...state, plan: unknownValue }), {});
  });
});

describe("create and update", () => {
  it("mirror the connection and the reserved keys into the state", async () => {
    const { hooks } = bench();
    const inputs = { ...program, __claimant: urn, connection: { token: "a" }, size: "small" };

    const { id, outs } = await hooks.create(inputs);

    assert.equal(id, "shop/web");
    assert.deepEqual(outs, { size: "small", connection: { token: "a" }, __urn: urn, __claimant: urn });
  });

  it("keep the state of a partial failure, with __provider and reasons", async () => {
    const { hooks } = bench({
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
    const { hooks } = bench({
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
    const { hooks } = bench({ create: () => Promise.reject(new ImageError("API_FORBIDDEN", "no")) });

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
    const { hooks } = bench({ create: hang, deadline: () => 20 });
    const alive = setInterval(() => undefined, 1_000);

    await assert.rejects(hooks.create(program), /DEADLINE_EXCEEDED/).finally(() => clearInterval(alive));
  });
});

describe("read and delete", () => {
  it("answer live inputs and outputs with the reserved keys", async () => {
    const result = await bench().hooks.read("id", { ...program, connection: { token: "a" } });

    const common = { size: "live", connection: { token: "a" }, __urn: urn, __claimant: urn };
    assert.deepEqual(result, { id: "id", props: common, inputs: common });
  });

  it("answer nothing for what is proven to be gone", async () => {
    assert.deepEqual(await bench({ read: () => Promise.resolve(undefined) }).hooks.read("id", program), {});
  });

  it("connect with the stack's configuration, known to the first call that waits", async () => {
    let deleted = "";
    const { hooks, opened } = bench({
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
