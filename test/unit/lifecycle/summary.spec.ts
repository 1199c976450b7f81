import assert from "node:assert/strict";
import { unknownValue } from "../../../provider/lifecycle/unknowns.js";
import type { JsonObject } from "../../../provider/lifecycle/wire.js";
import { urn, program, hooksWith, type Handler } from "../../support/fakes/hooks.js";

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

  it("is made of old and new inputs, beside the computed one", async () => {
    const { hooks } = hooksWith(speaking);

    const created = await hooks.check({}, { ...program, note: "a" });
    const changed = await hooks.check(
      { ...old, plan: { items: 0 }, summary: "old" },
      { ...program, note: "b" },
    );

    assert.equal(created.inputs.summary, 'null -> {"items":1} a');
    assert.equal(changed.inputs.summary, '{"items":0} -> {"items":1} b');
  });

  it("stays the same where nothing else has changed, so that it never makes a change", async () => {
    const { hooks } = hooksWith(speaking);

    const before = await hooks.check({ ...old, summary: "would do it" }, { ...program, size: "small" });
    const upgraded = await hooks.check(old, { ...program, size: "small" });

    assert.equal(before.inputs.summary, "would do it");
    assert.equal("summary" in upgraded.inputs, false);
  });

  it("is unknown together with the computed input, so that a plan holds, and is printed in a line", async () => {
    const { hooks, lines } = hooksWith(speaking);

    const { inputs } = await hooks.check({}, { ...program, __preview: true, note: unknownValue });

    assert.equal(inputs.summary, unknownValue);
    assert.deepEqual(lines, ["info: not known yet: note"]);
  });

  it("never shows the placeholder of an unknown value", async () => {
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

  it("reaches no handler, wherever it comes from, and is returned by a refresh", async () => {
    const seen: JsonObject[] = [];
    const { hooks } = hooksWith({
      ...speaking,
      check: ({ args, oldInputs }) => {
        seen.push(args, oldInputs);
        return Promise.resolve({ kind: "resolved", defaults: {}, computed: {} });
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

  it("changes after a refresh that has found another computed input", async () => {
    const { hooks } = hooksWith({
      summarise: ({ plan }) => `plan ${JSON.stringify(plan)}`,
      read: (id, state) => Promise.resolve({ id, outputs: state, inputs: { ...state, plan: 0 } }),
    });

    const { inputs } = await hooks.read("a", { ...program, plan: 1, summary: "plan 1" });

    assert.equal(inputs?.summary, "plan 0");
  });

  it("stays that of the last run where a change has no summary", async () => {
    const { hooks } = hooksWith({ summarise: () => undefined });

    const { inputs } = await hooks.check({ ...old, summary: "old" }, { ...program, note: "changed" });

    assert.equal(inputs.summary, "old");
  });
});
