import assert from "node:assert/strict";
import { createHooks, type Hooks } from "../../../provider/lifecycle/dynamicProvider.js";
import { PartialFailure } from "../../../provider/lifecycle/hookErrors.js";
import { createKnownSecrets } from "../../../provider/lifecycle/knownSecrets.js";
import type { HookContext, ResourceHandler } from "../../../provider/lifecycle/resourceHandler.js";
import type { Connector } from "../../../provider/lifecycle/session.js";
import { unknownValue } from "../../../provider/lifecycle/unknowns.js";
import type { JsonObject } from "../../../provider/lifecycle/wire.js";
import { ImageError } from "../../../provider/support/imageError.js";

type Handler = ResourceHandler<JsonObject, string>;
type Context = HookContext<string>;

const urn = "urn:pulumi:dev::shop::okd:Thing::web";
const program = { __provider: "code", __urn: urn };

interface OpenHooks {
  readonly hooks: Hooks;
  readonly lines: string[];
  readonly opened: unknown[];
}

/** A handler that resolves everything, unless a test overrides a verb. */
function hooksWith(overrides: Partial<Handler> = {}): OpenHooks {
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
    summarise: ({ plan }) => (plan === undefined ? "the plan is not known yet" : undefined),
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
    const { hooks } = hooksWith();

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
    const { hooks } = hooksWith();

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
    const { hooks } = hooksWith({ parse: () => Promise.reject(new Error("cannot read t0psecret")) });

    await assert.rejects(
      hooks.check({}, { ...program, connection: { token: "t0psecret" } }),
      (error: Error) => error.message.includes("cannot read [secret]") && error.stack === "",
    );
  });

  it("answers unknown for unknown inputs, without asking the handler", async () => {
    const { hooks } = hooksWith({ check: () => assert.fail("asked") });

    const result = await hooks.check({}, { ...program, __preview: true, tags: { v1: [unknownValue] } });

    assert.equal(result.inputs.plan, unknownValue);
    assert.equal(result.failures, undefined);
  });

  it("names the paths that are not known, five at most", async () => {
    const { hooks, lines } = hooksWith();
    const labels = Object.fromEntries(["a", "b", "c", "d", "e"].map((key) => [key, unknownValue]));

    await hooks.check({}, { ...program, __preview: true, tags: { "1.27": { image: unknownValue } } });
    await hooks.check({}, { ...program, __preview: true, images: [unknownValue], labels });

    assert.deepEqual(lines, [
      'info: the plan is not known yet: tags["1.27"].image',
      "info: the plan is not known yet: images[0], labels.a, labels.b, labels.c, labels.d and 1 more",
    ]);
  });

  it("goes on with the part that decides, where the handler knows it", async () => {
    const checked: unknown[] = [];
    const { hooks } = hooksWith({
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
    const { hooks } = hooksWith({
      parse: () => Promise.resolve({ ok: false, issues: [{ path: ["tags", "v1"], message: "is missing" }] }),
    });

    const result = await hooks.check({}, { ...program, __preview: true, tags: { v1: unknownValue } });

    assert.equal(result.failures, undefined);
  });

  it("keeps a computed value that ignoreChanges brought back", async () => {
    const { hooks } = hooksWith({ check: () => assert.fail("asked") });

    const result = await hooks.check({ plan: "old" }, { ...program, plan: "old" });

    assert.equal(result.inputs.plan, "old");
    assert.equal(result.inputs.__kept, true);
  });

  const pending: Partial<Handler> = {
    check: () => Promise.resolve({ kind: "pending", defaults: {}, reason: "namespace: is not there." }),
  };

  it("answers unknown for what is not there yet in a preview, and says why", async () => {
    const { hooks, lines } = hooksWith(pending);

    const result = await hooks.check({}, { ...program, __preview: true });

    assert.equal(result.inputs.plan, unknownValue);
    assert.deepEqual(lines, ["info: the plan is not known yet: namespace: is not there."]);
  });

  it("fails for what is not there yet in up, where an unknown would be fatal", async () => {
    const { hooks } = hooksWith(pending);

    const result = await hooks.check({}, { ...program, __preview: false });

    assert.notEqual(result.inputs.plan, unknownValue);
    assert.match(result.failures?.[0]?.reason ?? "", /namespace: is not there\. .*dependsOn/);
  });

  it("turns a throw into a failure without secrets", async () => {
    const { hooks } = hooksWith({
      check: () => Promise.reject(new ImageError("API_ERROR", "bad token t0psecret in dDBwc2VjcmV0")),
    });

    const result = await hooks.check({}, { ...program, connection: { token: "t0psecret" } });

    const reason = result.failures?.[0]?.reason ?? "";
    assert.match(reason, /bad token .* \[API_ERROR\]/);
    assert.doesNotMatch(reason, /t0psecret|dDBwc2VjcmV0/);
  });

  it("remembers who claimed the object through renames and for the second check of a replacement", async () => {
    const { hooks } = hooksWith();
    const renamed = { ...program, __urn: `${urn}2` };

    const first = await hooks.check({ __urn: urn, __claimant: urn }, renamed);
    const second = await hooks.check({}, renamed);

    assert.equal(first.inputs.__claimant, urn);
    assert.equal(second.inputs.__claimant, urn);
  });
});

describe("the lines of a resource", () => {
  it("are said once, though a replacement is checked twice", async () => {
    const check: Handler["check"] = (_request, { log }) => {
      log.warn("v1 has moved");
      log.info("imports 2 tags");
      log.progress("50 %");
      return Promise.resolve({ kind: "resolved", defaults: {}, computed: 1 });
    };
    const { hooks, lines } = hooksWith({ check });

    await hooks.check({ __urn: urn, size: "small" }, program);
    await hooks.check({}, program);
    await hooks.check({}, { ...program, __urn: `${urn}2` });

    const all = ["warn: v1 has moved", "info: imports 2 tags", "progress: 50 %"];
    assert.deepEqual(lines, [...all, "progress: 50 %", ...all]);
  });
});

describe("the summary among the checked inputs", () => {
  const summarise: Handler["summarise"] = ({ plan, note }, old) =>
    plan === undefined
      ? "not known yet"
      : `${JSON.stringify(old.plan ?? null)} -> ${JSON.stringify(plan)} ${note as string}`;
  const speaking = { summarise };
  const old = {
    __urn: urn,
    __claimant: urn,
    size: "small",
    name: "web",
    namespace: "shop",
    plan: { items: 1 },
  };

  it("stands beside the computed input, from old and new inputs", async () => {
    const { hooks } = hooksWith(speaking);

    const created = await hooks.check({}, { ...program, note: "a" });
    const changed = await hooks.check(
      { ...old, plan: { items: 0 }, summary: "old" },
      { ...program, note: "b" },
    );

    assert.equal(created.inputs.summary, 'null -> {"items":1} a');
    assert.equal(changed.inputs.summary, '{"items":0} -> {"items":1} b');
  });

  it("is the old one, or none as before, where nothing else has changed, so that it never makes a change", async () => {
    const { hooks } = hooksWith(speaking);

    const before = await hooks.check({ ...old, summary: "would do it" }, { ...program, size: "small" });
    const upgraded = await hooks.check(old, { ...program, size: "small" });

    assert.equal(before.inputs.summary, "would do it");
    assert.equal("summary" in upgraded.inputs, false);
  });

  it("is unknown together with the computed input, so that a plan holds, and is said in a line", async () => {
    const { hooks, lines } = hooksWith(speaking);

    const { inputs } = await hooks.check({}, { ...program, __preview: true, note: unknownValue });

    assert.equal(inputs.summary, unknownValue);
    assert.deepEqual(lines, ["info: not known yet: note"]);
  });

  it("never shows what stands for a value that is not known", async () => {
    const { hooks, lines } = hooksWith({
      summarise: ({ note = "something" }) => `about ${JSON.stringify(note)}`,
    });

    await hooks.check({}, { ...program, __preview: true, note: unknownValue });

    assert.deepEqual(lines, ['info: about "something": note']);
  });

  it("shows no secret and is never long", async () => {
    const { hooks } = hooksWith({ summarise: () => `t0psecret ${"x".repeat(400)}` });

    const { inputs } = await hooks.check({}, { ...program, connection: { token: "t0psecret" } });

    assert.match(inputs.summary as string, /^\[secret\] x+…$/);
    assert.equal((inputs.summary as string).length, 300);
  });

  it("reaches no handler, wherever it comes from, and a refresh gives it back", async () => {
    const seen: JsonObject[] = [];
    const { hooks } = hooksWith({
      ...speaking,
      check: ({ args, oldInputs }) => {
        seen.push(args, oldInputs);
        return Promise.resolve({ kind: "resolved", defaults: {}, computed: 1 });
      },
      create: ({ inputs }) => Promise.resolve({ id: "a", outputs: inputs, failures: [] }),
      read: (id, state) => Promise.resolve({ id, outputs: state, inputs: state }),
    });
    const brought = { ...program, summary: "brought back by ignoreChanges" };

    const { inputs } = await hooks.check({ ...old, summary: "old" }, brought);
    const { outs } = await hooks.create(inputs);
    const { inputs: read } = await hooks.read("a", outs);

    assert.equal(inputs.summary, "brought back by ignoreChanges");
    assert.deepEqual(
      seen.map((bag) => "summary" in bag),
      [false, false],
    );
    assert.equal(read?.summary, inputs.summary);
  });

  it("is another one after a refresh that has found another computed input", async () => {
    const { hooks } = hooksWith({
      summarise: ({ plan }) => `plan ${JSON.stringify(plan)}`,
      read: (id, state) => Promise.resolve({ id, outputs: state, inputs: { ...state, plan: 0 } }),
    });

    const { inputs } = await hooks.read("a", { ...program, plan: 1, summary: "plan 1" });

    assert.equal(inputs?.summary, "plan 0");
  });

  it("stays the one of the last run where a change gives nothing to say", async () => {
    const { hooks } = hooksWith({ summarise: () => undefined });

    const { inputs } = await hooks.check({ ...old, summary: "old" }, { ...program, note: "changed" });

    assert.equal(inputs.summary, "old");
  });
});

describe("a message that leaves a hook", () => {
  const hostile = "a\u001b[2J\u0007\u009bb\r\u202egnp.exe\u2028<{%fg 1;2J%}>\nsecond line";
  const shown =
    "a⟨U+001B⟩[2J⟨U+0007⟩⟨U+009B⟩b⟨U+000D⟩⟨U+202E⟩gnp.exe⟨U+2028⟩⟨U+003C⟩{%fg 1;2J%}>\nsecond line";
  const failing = () => Promise.reject(new ImageError("API_ERROR", hostile));

  it("is obeyed by no terminal, nor by Pulumi's CLI, when a check fails", async () => {
    const { failures } = await hooksWith({ check: failing }).hooks.check({}, program);
    assert.deepEqual(failures, [{ property: "", reason: `${shown} [API_ERROR]` }]);
  });

  for (const verb of ["create", "update", "read", "delete"] as const) {
    it(`is obeyed by no terminal when ${verb} fails`, async () => {
      const { hooks } = hooksWith({ [verb]: failing });
      const run = {
        create: () => hooks.create(program),
        update: () => hooks.update("shop/web", program, program),
        read: () => hooks.read("shop/web", program),
        delete: () => hooks.delete("shop/web", program),
      }[verb];
      await assert.rejects(run, { message: `${shown} [API_ERROR]` });
    });
  }

  it("is obeyed by no terminal when a part fails", async () => {
    const { hooks } = hooksWith({
      create: () => Promise.resolve({ id: "shop/web", outputs: {}, failures: [hostile] }),
    });
    await assert.rejects(
      () => hooks.create(program),
      (error) => {
        assert.ok(error instanceof PartialFailure);
        assert.deepEqual(error.reasons, [shown]);
        return true;
      },
    );
  });

  it("is obeyed by no terminal in warnings, progress and the summary", async () => {
    const { hooks, lines } = hooksWith({
      summarise: () => hostile,
      check: (_, { log }: Context) => {
        log.warn(hostile);
        log.progress(hostile);
        return Promise.resolve({ kind: "resolved", defaults: {}, computed: {} });
      },
    });
    const { inputs } = await hooks.check({}, program);
    assert.deepEqual([...new Set(lines)].sort(), [`progress: ${shown}`, `warn: ${shown}`]);
    assert.equal(inputs.summary, shown);
  });
});

describe("what is secret in the arguments", () => {
  const secretive = {
    ...program,
    __secretOutputs: ["plan", "owned"],
    __confidential: ["hush-hush"],
    plan: null,
    owned: null,
    size: "hush-hush",
  };

  it("is computed as ever, and keeps placeholders under the names of outputs that are to be secret", async () => {
    const { inputs } = await hooksWith().hooks.check({}, secretive);

    assert.deepEqual(inputs.plan, { items: 1 });
    assert.equal(inputs.owned, null);
    assert.equal("__kept" in inputs, false);
    assert.deepEqual(inputs.__secretOutputs, ["plan", "owned"]);
    assert.deepEqual(inputs.__confidential, ["hush-hush"]);
  });

  it("reaches no handler as a placeholder, and no output but in place of it", async () => {
    const { hooks } = hooksWith({
      create: ({ inputs }) => {
        assert.equal("owned" in inputs, false);
        return Promise.resolve({ id: "a", outputs: { owned: ["v1"] }, failures: [] });
      },
      read: (id, state) => Promise.resolve({ id, outputs: state, inputs: {} }),
    });
    const { inputs } = await hooks.check({}, secretive);

    const { outs } = await hooks.create(inputs);
    const { props, inputs: read } = await hooks.read("a", outs);

    assert.deepEqual(outs.owned, ["v1"]);
    assert.deepEqual(props?.owned, ["v1"]);
    assert.equal(read?.owned, null);
  });

  for (const verb of ["check", "create", "update", "read", "delete"] as const) {
    it(`is in no message of ${verb}`, async () => {
      const fail = () => Promise.reject(new ImageError("API_ERROR", "no hush-hush here"));
      const { hooks } = hooksWith({ [verb]: fail });
      const run = {
        check: () =>
          hooks.check({}, secretive).then(({ failures }) => Promise.reject(new Error(failures?.[0]?.reason))),
        create: () => hooks.create(secretive),
        update: () => hooks.update("a", program, secretive),
        read: () => hooks.read("a", secretive),
        delete: () => hooks.delete("a", secretive),
      };

      await assert.rejects(run[verb](), /no \[secret\] here/);
    });
  }
});

describe("diff", () => {
  const state = { ...program, size: "small", connection: { token: "a" } };

  it("says what the handler says", async () => {
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

  it("leaves unknown inputs to the engine", async () => {
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

  it("answer nothing for what is proven to be gone", async () => {
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
