import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { digestIn, quayTags, useScene } from "../support/cli/scenes/imports.js";

describe("The oldest SDK that is supported, under the Pulumi CLI", function () {
  this.timeout(180_000);
  const scene = useScene("test/cli/versions");

  it("previews, imports, follows, fails in part, refreshes and destroys", async () => {
    const v1 = scene.world.publish("v1");
    const v2 = scene.world.publish("v2");
    const stack = await scene.stack({ sdk: "minimum" });
    const sdk = join(stack.project.folder, "node_modules", "@pulumi", "pulumi", "package.json");
    assert.equal((JSON.parse(readFileSync(sdk, "utf8")) as { version: string }).version, "3.230.0");
    const declare = (args: object) =>
      stack.declare({
        resources: [scene.web({ trackUpstream: "follow", ...args })],
        exports: { digest: { $digest: ["web", "v1"] } },
      });
    declare({});

    const preview = await stack.preview();
    assert.equal(preview.code, 0, preview.text);
    assert.equal(digestIn(preview.step("web", "preview").new?.inputs, "v1"), v1);
    assert.match(preview.stdout, new RegExp(`web create 1 tag: v1 ${v1.slice(0, 19)}…`));
    assert.match(preview.stdout, new RegExp(`digest: "${v1}"`));
    assert.equal((await stack.up("--skip-preview")).code, 0);
    assert.equal(scene.world.served("v1"), v1);
    assert.equal((await stack.up("--expect-no-changes")).code, 0);

    scene.world.sandbox.registry().moveTag("acme/web", "v1", v2);
    declare({ tags: quayTags("v1", "missing") });
    const inPart = await stack.up("--skip-preview");
    assert.notEqual(inPart.code, 0);
    assert.match(inPart.text, /tags\.missing: .*\[IMPORT_NOT_FOUND\]/);
    assert.equal(scene.world.served("v1"), v2);
    assert.equal((await stack.refresh("--skip-preview")).code, 0);
    declare({});
    assert.equal((await stack.up("--skip-preview")).code, 0);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);

    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assert.equal(scene.world.stream(), undefined);
  });
});
