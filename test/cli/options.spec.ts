import assert from "node:assert/strict";
import { join } from "node:path";
import { digestIn, useScene } from "../support/cli/scenes/imports.js";

describe("Plans and resource options under the Pulumi CLI", function () {
  this.timeout(180_000);
  const scene = useScene("test/cli/options");
  let v1: string;
  let v2: string;

  beforeEach(() => {
    v1 = scene.world.publish("v1");
    v2 = scene.world.publish("v2");
  });

  const moveUpstream = () => scene.world.sandbox.registry().moveTag("acme/web", "v1", v2);

  it("executes a saved plan while nothing moved, and nothing of a plan whose tag moved upstream", async () => {
    const stack = await scene.stack();
    stack.environment.PULUMI_EXPERIMENTAL = "1";
    stack.declare({ resources: [scene.web({ trackUpstream: "follow" })] });
    const plan = join(stack.project.root, "plan.json");

    const strict = await stack.up("--strict");
    assert.equal(strict.code, 0, strict.text);
    assert.equal(scene.world.served("v1"), v1);

    stack.declare({ resources: [scene.web({ trackUpstream: "follow", labels: { app: "web" } })] });
    await stack.succeed("preview", `--save-plan=${plan}`);
    moveUpstream();
    const before = scene.world.stream();
    const refused = await stack.up("--skip-preview", `--plan=${plan}`);
    assert.notEqual(refused.code, 0);
    assert.match(refused.text, /violates plan: properties changed: .*resolved/);
    assert.deepEqual(scene.world.stream(), before, "nothing was executed");

    await stack.succeed("preview", `--save-plan=${plan}`);
    const held = await stack.up("--skip-preview", `--plan=${plan}`);
    assert.equal(held.code, 0, held.text);
    assert.equal(scene.world.served("v1"), v2);
    assert.equal(scene.world.stream()?.metadata.labels?.app, "web");
  });

  it("imports nothing where the program ignores changes of resolved", async () => {
    const stack = await scene.stack();
    const declare = (args: object = {}) =>
      stack.declare({
        resources: [scene.web({ trackUpstream: "follow", ...args }, { ignoreChanges: ["resolved"] })],
      });
    declare();
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(scene.world.served("v1"), v1);
    moveUpstream();

    scene.forgetRequests();
    const preview = await stack.preview("--expect-no-changes");
    assert.equal(preview.code, 0, preview.text);
    assert.deepEqual(preview.lines("web"), []);
    assert.deepEqual(scene.world.writes(), []);

    declare({ labels: { app: "web" } });
    const up = await stack.up("--skip-preview");
    assert.equal(up.code, 0, up.text);
    assert.equal(scene.world.stream()?.metadata.labels?.app, "web", "the rest is written");
    assert.equal(scene.world.served("v1"), v1);
    assert.equal(digestIn(stack.resource("web")?.outputs, "v1"), v1);
  });

  it("replaces for replaceOnChanges, and loses nothing", async () => {
    const stack = await scene.stack();
    const declare = (labels: object) =>
      stack.declare({ resources: [scene.web({ labels }, { replaceOnChanges: ["labels"] })] });
    declare({ app: "web" });
    await stack.succeed("up", "--yes", "--skip-preview");
    const { uid } = scene.world.stream()!.metadata;

    declare({ app: "shop" });
    const up = await stack.up("--skip-preview");
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(up.steps(), ["create-replacement web", "replace web", "delete-replaced web"]);
    assert.equal(scene.world.stream()?.metadata.uid, uid);
    assert.equal(scene.world.stream()?.metadata.labels?.app, "shop");
    assert.equal(scene.world.served("v1"), v1);

    const resolved = {
      resources: [
        scene.web({ labels: { app: "shop" }, trackUpstream: "follow" }, { replaceOnChanges: ["resolved"] }),
      ],
    };
    stack.declare(resolved);
    moveUpstream();
    const moved = await stack.up("--skip-preview");
    assert.deepEqual(
      moved.steps(),
      ["create-replacement web", "replace web", "delete-replaced web"],
      moved.text,
    );
    assert.equal(scene.world.served("v1"), v2);
    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assert.equal(scene.world.stream(), undefined);
  });

  it("asks nothing for a resource that is no target", async () => {
    const stack = await scene.stack();
    const other = { type: "value", name: "other", args: { value: 1 } } as const;
    stack.declare({ resources: [scene.web(), other] });
    await stack.succeed("up", "--yes", "--skip-preview");
    await scene.world.deleteTag("v1");

    scene.forgetRequests();
    const urn = stack.resource("other")!.urn;
    stack.declare({ resources: [scene.web(), { ...other, args: { value: 2 } }] });
    const up = await stack.up("--skip-preview", `--target=${urn}`);
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(scene.requests(), []);

    const targeted = await stack.up("--skip-preview", `--target=${stack.resource("web")!.urn}`);
    assert.equal(targeted.code, 0, targeted.text);
    assert.equal(scene.world.served("v1"), v1);
  });

  it("renames with aliases without a write", async () => {
    const stack = await scene.stack();
    stack.declare({ resources: [scene.web()] });
    await stack.succeed("up", "--yes", "--skip-preview");
    const before = scene.world.stream();
    const outputs = stack.resource("web")?.outputs;

    scene.forgetRequests();
    stack.declare({ resources: [scene.web({}, { aliases: [{ name: "web" }] }, "site")] });
    const preview = await stack.preview();
    assert.deepEqual(preview.steps("preview"), ["same site"], preview.text);
    const up = await stack.up("--skip-preview");
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(up.steps(), ["same site"]);
    assert.deepEqual(scene.world.writes(), []);
    assert.deepEqual(scene.world.stream(), before);
    assert.equal(stack.resource("web"), undefined);
    assert.equal(stack.resource("site")?.outputs.claim, outputs?.claim);

    stack.declare({ resources: [scene.web({ labels: { a: "1" } }, {}, "site")] });
    const unaliased = await stack.up("--skip-preview");
    assert.equal(unaliased.code, 0, unaliased.text);
    assert.equal(stack.resource("site")?.id, "shop/web", "the name that was chosen once stays");
    assert.equal(scene.world.stream()?.metadata.labels?.a, "1");
    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assert.equal(scene.world.stream(), undefined);
  });

  it("protects with protect, and keeps objects with retainOnDelete", async () => {
    const stack = await scene.stack();
    stack.declare({ resources: [scene.web({}, { protect: true })] });
    await stack.succeed("up", "--yes", "--skip-preview");
    const before = scene.world.stream();

    const refused = await stack.destroy("--skip-preview");
    assert.notEqual(refused.code, 0);
    assert.match(refused.text, /protect/);
    assert.deepEqual(scene.world.stream(), before);

    stack.declare({ resources: [scene.web({}, { retainOnDelete: true })] });
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assert.deepEqual(scene.world.stream(), before);
    assert.equal(stack.resource("web"), undefined);

    const again = await stack.up("--skip-preview");
    assert.equal(again.code, 0, "its own claim is recognised by the next create");
  });
});
