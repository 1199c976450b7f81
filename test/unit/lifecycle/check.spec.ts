import assert from "node:assert/strict";
import { unknownValue } from "../../../provider/lifecycle/unknowns.js";
import { ImageError } from "../../../provider/support/imageError.js";
import { urn, program, hooksWith, type Handler } from "../../support/fakes/hooks.js";

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

  it("redacts a defect too, and gives Pulumi no stack to print", async () => {
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

  it("checks the part that decides, where the handler knows it", async () => {
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

  it("reports no issues of values that are not known yet", async () => {
    const { hooks } = hooksWith({
      parse: () => Promise.resolve({ ok: false, issues: [{ path: ["tags", "v1"], message: "is missing" }] }),
    });

    const result = await hooks.check({}, { ...program, __preview: true, tags: { v1: unknownValue } });

    assert.equal(result.failures, undefined);
  });

  it("keeps a computed value that ignoreChanges has restored", async () => {
    const { hooks } = hooksWith({ check: () => assert.fail("asked") });

    const result = await hooks.check({ plan: "old" }, { ...program, plan: "old" });

    assert.equal(result.inputs.plan, "old");
    assert.equal(result.inputs.__kept, true);
  });

  const pending: Partial<Handler> = {
    check: () => Promise.resolve({ kind: "pending", defaults: {}, reason: "namespace: is not there." }),
  };

  it("answers unknown for what does not exist yet in a preview, with the reason", async () => {
    const { hooks, lines } = hooksWith(pending);

    const result = await hooks.check({}, { ...program, __preview: true });

    assert.equal(result.inputs.plan, unknownValue);
    assert.deepEqual(lines, ["info: the plan is not known yet: namespace: is not there."]);
  });

  it("fails for what does not exist yet in up, where an unknown would be fatal", async () => {
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
  it("are printed once, though a replacement is checked twice", async () => {
    const check: Handler["check"] = (_request, { log }) => {
      log.warn("v1 has moved");
      log.info("imports 2 tags");
      log.progress("50 %");
      return Promise.resolve({ kind: "resolved", defaults: {}, computed: {} });
    };
    const { hooks, lines } = hooksWith({ check });

    await hooks.check({ __urn: urn, size: "small" }, program);
    await hooks.check({}, program);
    await hooks.check({}, { ...program, __urn: `${urn}2` });

    const all = ["warn: v1 has moved", "info: imports 2 tags", "progress: 50 %"];
    assert.deepEqual(lines, [...all, "progress: 50 %", ...all]);
  });
});
