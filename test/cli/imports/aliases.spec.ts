import assert from "node:assert/strict";
import type { Bag, Operation } from "../../support/cli/operation.js";
import { digestIn, quayTags, type Scene, useScene } from "../../support/cli/scenes/imports.js";

describe("Aliases of an ImportedImageStream under the Pulumi CLI", function () {
  this.timeout(240_000);
  const scene: Scene = useScene("test/cli/imports/aliases");
  let v1: string;
  let v2: string;

  beforeEach(() => {
    v1 = scene.world.publish("v1");
    v2 = scene.world.publish("v2");
    scene.world.publish("v3");
  });

  const declared = (tags: Bag) => ({ resources: [scene.web({ tags })] });
  const shown = (operation: Operation, tag: string) =>
    digestIn(operation.step("web", "preview").new?.inputs, tag);
  const fromOf = (tag: string) => scene.world.stream()?.spec.tags?.find(({ name }) => name === tag)?.from;

  it("create, no change, drift by hand, refresh, removal and destroy", async () => {
    const stack = await scene.stack();
    const tags = { ...quayTags("v1"), stable: { alias: "v1" } };
    stack.declare(declared(tags));
    const preview = await stack.preview();
    assert.equal(preview.code, 0, preview.text);
    assert.equal(shown(preview, "stable"), v1);
    assert.equal(scene.world.stream(), undefined);
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(scene.world.served("stable"), v1);
    assert.deepEqual(fromOf("stable"), { kind: "ImageStreamTag", name: "v1" });
    assert.equal(digestIn(stack.resource("web")?.outputs, "stable"), v1);

    scene.forgetRequests();
    const again = await stack.up("--expect-no-changes");
    assert.equal(again.code, 0, again.text);
    assert.deepEqual(
      scene.requests().filter(({ method }) => method !== "GET"),
      [],
    );

    await scene.world.edit(({ spec }) => {
      const alias = spec.tags.find(({ name }) => name === "stable");
      alias!.from = { kind: "DockerImage", name: "quay.io/acme/web:v3" };
    });
    const drifted = await stack.preview();
    assert.deepEqual(drifted.steps("preview"), ["update web"]);
    assert.match(drifted.lines("web").join("\n"), /stable/);
    const refresh = await stack.refresh("--diff");
    assert.equal(refresh.code, 0, refresh.text);
    assert.match(refresh.stdout, /quay\.io\/acme\/web:v3/);
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(fromOf("stable")?.kind, "ImageStreamTag");
    assert.equal(scene.world.served("stable"), v1);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);

    stack.declare(declared(quayTags("v1")));
    const removal = await stack.preview();
    assert.deepEqual(removal.steps("preview"), ["update web"]);
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(scene.world.served("stable"), undefined);
    assert.equal(fromOf("stable"), undefined);
    assert.equal(scene.world.served("v1"), v1);

    stack.declare(declared(tags));
    await stack.succeed("up", "--yes", "--skip-preview");
    const destroy = await stack.destroy();
    assert.equal(destroy.code, 0, destroy.text);
    assert.equal(scene.world.stream(), undefined);
  });

  it("change with their target in one run, at the end of a chain too, and a second run writes nothing", async () => {
    const stack = await scene.stack();
    const chain = { stable: { alias: "v1" }, live: { alias: "stable" } };
    stack.declare(declared({ ...quayTags("v1"), ...chain }));
    await stack.succeed("up", "--yes", "--skip-preview");
    const served = () => ["v1", "stable", "live"].map((tag) => scene.world.served(tag));
    assert.deepEqual(served(), [v1, v1, v1]);

    stack.declare(declared({ v1: "quay.io/acme/web:v2", ...chain }));
    const moved = await stack.preview();
    assert.deepEqual([shown(moved, "v1"), shown(moved, "stable"), shown(moved, "live")], [v2, v2, v2]);
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.deepEqual(served(), [v2, v2, v2]);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);

    // The alias, its target and a new one of it, all at once.
    stack.declare(
      declared({
        v1: "quay.io/acme/web:v1",
        stable: { alias: "v3" },
        live: { alias: "v1" },
        ...quayTags("v3"),
      }),
    );
    await stack.succeed("up", "--yes", "--skip-preview");
    const v3 = scene.world.served("v3");
    assert.deepEqual(served(), [v1, v3, v1]);
    scene.forgetRequests();
    assert.equal((await stack.up("--expect-no-changes")).code, 0);
    assert.deepEqual(
      scene.requests().filter(({ method }) => method !== "GET"),
      [],
    );
  });

  it("follow what the cluster imports, and are repaired where it leaves them behind", async () => {
    const stack = await scene.stack();
    const chain = { stable: { alias: "v1" }, live: { alias: "stable" } };
    stack.declare({
      resources: [scene.web({ tags: { ...quayTags("v1"), ...chain }, trackUpstream: "follow" })],
    });
    await stack.succeed("up", "--yes", "--skip-preview");
    scene.world.sandbox.registry().moveTag("acme/web", "v1", v2);
    await scene.world.seedTag("v1", "quay.io/acme/web:v1");
    assert.deepEqual(
      ["v1", "stable", "live"].map((tag) => scene.world.served(tag)),
      [v2, v2, v1],
    );
    const up = await stack.up();
    assert.equal(up.code, 0, up.text);
    assert.equal(scene.world.served("live"), v2);
    assert.equal(digestIn(stack.resource("web")?.outputs, "live"), v2);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);
  });

  it("of themselves, of a circle, of another stream and of a tag that leaves are refused before anything is written", async () => {
    const stack = await scene.stack();
    const refused: readonly (readonly [Bag, RegExp])[] = [
      [{ a: { alias: "a" } }, /tags\.a\.alias: names the tag itself/],
      [{ a: { alias: "b" }, b: { alias: "c" }, c: { alias: "a" } }, /a -> b -> c -> a/],
      [{ ...quayTags("v1"), a: { alias: "dev/app:v1" } }, /imageStreamTag/],
    ];
    for (const [tags, message] of refused) {
      stack.declare(declared(tags));
      const preview = await stack.preview();
      assert.notEqual(preview.code, 0, preview.text);
      assert.match(preview.text, message);
    }
    assert.equal(scene.world.stream(), undefined);

    stack.declare(declared(quayTags("v1", "v2")));
    await stack.succeed("up", "--yes", "--skip-preview");
    stack.declare(declared({ ...quayTags("v1"), a: { alias: "v2" } }));
    const leaving = await stack.preview();
    assert.notEqual(leaving.code, 0, leaving.text);
    assert.match(leaving.text, /tags\.a: names the tag v2, which the program no longer declares/);
    assert.equal(scene.world.served("v2"), v2);
  });

  it("keep what ignoreChanges names, under --strict too", async () => {
    const stack = await scene.stack();
    const program = (target: string, ignoreChanges: string[]) => ({
      resources: [
        scene.web({ tags: { ...quayTags("v1", "v2"), live: { alias: target } } }, { ignoreChanges }),
      ],
    });
    stack.declare(program("v1", []));
    assert.equal((await stack.up("--strict")).code, 0);
    for (const ignored of ["tags", "resolved"]) {
      stack.declare(program("v2", [ignored]));
      const up = await stack.up("--strict");
      assert.equal(up.code, 0, up.text);
      // Without `resolved` nothing is imported, but the definition is written, and that moves an alias.
      assert.equal(scene.world.served("live"), ignored === "tags" ? v1 : v2);
    }
    stack.declare(program("v1", []));
    assert.equal((await stack.up("--strict")).code, 0);
    assert.equal(scene.world.served("live"), v1);
  });
});
