import assert from "node:assert/strict";
import { PartialFailure } from "../../../provider/lifecycle/hookErrors.js";
import { ImageError } from "../../../provider/support/imageError.js";
import { program, hooksWith, type Context } from "../../support/fakes/hooks.js";

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

describe("a secret in the arguments", () => {
  const secretive = {
    ...program,
    __secretOutputs: ["plan", "owned"],
    __confidential: ["hush-hush"],
    plan: null,
    owned: null,
    size: "hush-hush",
  };

  it("changes nothing about the computed value, and has placeholders under the names of secret outputs", async () => {
    const { inputs } = await hooksWith().hooks.check({}, secretive);

    assert.deepEqual(inputs.plan, { items: 1 });
    assert.equal(inputs.owned, null);
    assert.equal("__kept" in inputs, false);
    assert.deepEqual(inputs.__secretOutputs, ["plan", "owned"]);
    assert.deepEqual(inputs.__confidential, ["hush-hush"]);
  });

  it("is no placeholder for handlers, and one for outputs", async () => {
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
