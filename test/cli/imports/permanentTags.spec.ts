import assert from "node:assert/strict";
import type { Bag, Operation } from "../../support/cli/operation.js";
import { digestIn, quayTags, type Scene, useScene } from "../../support/cli/scenes/imports.js";
import { SourceProject } from "../../support/cli/scenes/sourceProject.js";

describe("Permanent tags of an ImportedImageStream under the Pulumi CLI", function () {
  this.timeout(240_000);
  const scene: Scene = useScene("test/cli/imports/permanentTags");
  let dev: SourceProject;
  let v1: string;
  let old: string;

  beforeEach(async () => {
    v1 = scene.world.publish("v1");
    dev = new SourceProject(scene);
    old = await dev.import("v7", "7.0");
  });

  const declared = (tags: Bag, args: Bag = {}, ignoreChanges: string[] = []) => ({
    resources: [scene.web({ tags, ...args }, { ignoreChanges })],
  });
  const shown = (operation: Operation, tag: string) =>
    digestIn(operation.step("web", "preview").new?.inputs, tag);
  const fromOf = (tag: string) => scene.world.stream()?.spec.tags?.find(({ name }) => name === tag)?.from;
  const writes = () => scene.requests().filter(({ method }) => method !== "GET");

  it("of another project: written by digest, pinned or followed, repaired, removed, refreshed, destroyed", async () => {
    const stack = await scene.stack();
    const tags = { live: { imageStreamTag: "dev/app:v7" }, stable: { alias: "live" } };
    stack.declare(declared(tags));
    const preview = await stack.preview();
    assert.equal(preview.code, 0, preview.text);
    assert.deepEqual([shown(preview, "live"), shown(preview, "stable")], [old, old]);
    assert.equal(scene.world.stream(), undefined);
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.deepEqual(fromOf("live"), { kind: "ImageStreamImage", namespace: "dev", name: `app@${old}` });
    assert.deepEqual([scene.world.served("live"), scene.world.served("stable")], [old, old]);

    const digest = await dev.import("v7", "7.1");
    scene.forgetRequests();
    const pinned = await stack.up("--expect-no-changes");
    assert.equal(pinned.code, 0, pinned.text);
    assert.deepEqual(writes(), []);

    stack.declare(declared(tags, { trackUpstream: "follow" }));
    const followed = await stack.preview("--diff");
    assert.deepEqual([shown(followed, "live"), shown(followed, "stable")], [digest, digest]);
    assert.match(followed.stdout, new RegExp(`"${old}" => "${digest}"`));
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.deepEqual([scene.world.served("live"), scene.world.served("stable")], [digest, digest]);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);

    await scene.world.edit(({ spec }) => {
      const live = spec.tags.find(({ name }) => name === "live");
      live!.from = { kind: "ImageStreamImage", namespace: "dev", name: `app@${old}` };
    });
    const refresh = await stack.refresh("--diff");
    assert.equal(refresh.code, 0, refresh.text);
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.deepEqual([scene.world.served("live"), scene.world.served("stable")], [digest, digest]);

    stack.declare(declared({ stable: { imageStreamTag: "dev/app:v7" } }));
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(fromOf("live"), undefined);
    assert.equal(scene.world.served("live"), undefined);
    assert.equal(scene.world.served("stable"), digest);

    const destroy = await stack.destroy();
    assert.equal(destroy.code, 0, destroy.text);
    assert.equal(scene.world.stream(), undefined);
    assert.equal(dev.stream().spec.tags?.length, 1, "the source is left alone");
  });

  it("by image: a short digest is shown whole, another one moves the tag, an unknown one changes nothing", async () => {
    const stack = await scene.stack();
    const digest = await dev.import("v8", "8.0");
    const short = (of: string) => of.replace("sha256:", "").slice(0, 12);
    const fixed = (image: string) => ({ fixed: { imageStreamImage: `dev/app@${image}` } });
    stack.declare(declared(fixed(short(old))));
    const preview = await stack.preview();
    assert.equal(shown(preview, "fixed"), old, preview.text);
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(fromOf("fixed")?.name, `app@${old}`);
    assert.equal((await stack.up("--expect-no-changes")).code, 0);

    // The whole digest is the same image.
    stack.declare(declared(fixed(old)));
    scene.forgetRequests();
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(scene.world.served("fixed"), old);

    stack.declare(declared(fixed(digest)));
    assert.equal(shown(await stack.preview(), "fixed"), digest);
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(scene.world.served("fixed"), digest);

    await scene.world.deleteTag("fixed");
    const drifted = await stack.preview();
    assert.deepEqual(drifted.steps("preview"), ["update web"]);
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(scene.world.served("fixed"), digest);

    // The image stays although its stream is gone, and nothing has to be written.
    dev.remove();
    const without = await stack.up("--expect-no-changes");
    assert.equal(without.code, 0, without.text);
    stack.declare(declared(fixed("f".repeat(12))));
    const unknown = await stack.up("--skip-preview");
    assert.notEqual(unknown.code, 0, unknown.text);
    assert.match(unknown.text, /tags\.fixed/);
    assert.equal(scene.world.served("fixed"), digest);
  });

  it("as a reference: no digest, nothing imported, moved, repaired, made a tag that is imported, and removed", async () => {
    const stack = await scene.stack();
    const doc = (tag: string, reference = true) => ({
      doc: { image: `quay.io/acme/web:${tag}`, ...(reference ? { reference } : {}) },
    });
    const itemOf = () => scene.world.stream()?.status?.tags?.find(({ tag }) => tag === "doc")?.items?.[0];
    stack.declare(declared(doc("never-there")));
    const preview = await stack.preview();
    assert.equal(preview.code, 0, preview.text);
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.deepEqual([itemOf()?.image, itemOf()?.dockerImageReference], ["", "quay.io/acme/web:never-there"]);
    assert.ok(scene.requests().every(({ path }) => !path.includes("imagestreamimports")));
    assert.equal((await stack.up("--expect-no-changes")).code, 0);

    stack.declare(declared(doc("v1")));
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(itemOf()?.dockerImageReference, "quay.io/acme/web:v1");
    await scene.world.edit(({ spec }) => {
      spec.tags.find(({ name }) => name === "doc")!.from = {
        kind: "DockerImage",
        name: "quay.io/acme/web:x",
      };
    });
    assert.deepEqual((await stack.preview()).steps("preview"), ["update web"]);
    const refresh = await stack.refresh("--diff");
    assert.match(refresh.stdout, /quay\.io\/acme\/web:x/);
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(itemOf()?.dockerImageReference, "quay.io/acme/web:v1");

    stack.declare(declared(doc("v1", false)));
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(itemOf()?.image, v1);
    stack.declare(declared(quayTags("v1")));
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(itemOf(), undefined);
  });

  it("of a project that the user may not pull from: the error names role and binding, and up works once it is bound", async () => {
    const { sandbox, connection } = scene.world;
    const token = sandbox.addToken("carol", undefined, ["system:authenticated"]);
    dev.bind("shop", "edit", "carol");
    const stack = await scene.stack();
    const tags = { ...quayTags("v1"), live: { imageStreamTag: "dev/app:v7" } };
    stack.declare(declared(tags, { connection: { ...connection, token } }));
    const role =
      /tags\.live: .*dev\/app.*oc policy add-role-to-user system:image-puller \S+ -n dev.*SOURCE_FORBIDDEN/;
    const preview = await stack.preview();
    assert.equal(preview.code, 0, "the same program may grant the right");
    assert.match(preview.lines("web").join("\n"), role);
    assert.equal(scene.world.stream(), undefined);
    const refused = await stack.up("--skip-preview");
    assert.notEqual(refused.code, 0, refused.text);
    assert.match(refused.text, role);
    assert.equal(scene.world.served("v1"), v1, "the other tags are imported");
    assert.equal(fromOf("live"), undefined);
    dev.bind("dev", "system:image-puller", "carol");
    const up = await stack.up();
    assert.equal(up.code, 0, up.text);
    assert.equal(scene.world.served("live"), old);
    assert.equal((await stack.up("--expect-no-changes")).code, 0);
  });

  it("under --strict and with ignoreChanges stay as they are", async () => {
    const stack = await scene.stack();
    const digest = await dev.import("v8", "8.0");
    const tags = (tag: string, image: string) => ({
      live: { imageStreamTag: `dev/app:${tag}` },
      fixed: { imageStreamImage: `dev/app@${image}` },
      doc: { image: `quay.io/acme/web:${tag}`, reference: true },
    });
    const served = () => ["live", "fixed"].map((tag) => scene.world.served(tag));
    stack.declare(declared(tags("v7", old)));
    const created = await stack.up("--strict");
    assert.equal(created.code, 0, created.text);
    stack.declare(declared(tags("v8", digest), {}, ["tags"]));
    scene.forgetRequests();
    const ignored = await stack.up("--strict");
    assert.equal(ignored.code, 0, ignored.text);
    assert.deepEqual(writes(), []);
    assert.deepEqual(served(), [old, old]);
    stack.declare(declared(tags("v8", digest)));
    const followed = await stack.up("--strict");
    assert.equal(followed.code, 0, followed.text);
    assert.deepEqual(served(), [digest, digest]);
  });
});
