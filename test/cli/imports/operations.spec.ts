import assert from "node:assert/strict";
import type { Bag } from "../../support/cli/operation.js";
import { digestIn, quayTags, useScene } from "../../support/cli/scenes/imports.js";

interface PreviewDigest {
  readonly steps: readonly {
    readonly urn: string;
    readonly op: string;
    readonly newState?: { readonly inputs: Bag };
  }[];
}

describe("ImportedImageStream under the Pulumi CLI", function () {
  this.timeout(180_000);
  const scene = useScene("test/cli/imports/operations");
  let v1: string;
  let v2: string;

  beforeEach(() => {
    v1 = scene.world.publish("v1");
    v2 = scene.world.publish("v2");
    scene.world.publish("v3");
  });

  it("previews the digest that up imports, changes nothing in a second run, and destroys the stream", async () => {
    const stack = await scene.stack();
    stack.declare({ resources: [scene.web()], exports: { digest: { $digest: ["web", "v1"] } } });

    const preview = await stack.preview();
    assert.equal(preview.code, 0, preview.text);
    assert.deepEqual(preview.steps("preview"), ["create web"]);
    assert.equal(digestIn(preview.step("web", "preview").new?.inputs, "v1"), v1);
    assert.match(
      preview.stdout,
      new RegExp(`ImportedImageStream web create 1 tag: v1 ${v1.slice(0, 19)}… \\(linux/amd64,`),
    );
    assert.match(preview.stdout, new RegExp(`digest: "${v1}"`));

    const json = JSON.parse((await stack.succeed("preview", "--json")).stdout) as PreviewDigest;
    const step = json.steps.find(({ urn }) => urn.endsWith("::web"));
    assert.equal(step?.op, "create");
    assert.equal(digestIn(step.newState?.inputs, "v1"), v1);
    assert.equal(scene.world.stream(), undefined, "a preview writes nothing");

    const up = await stack.up();
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(up.steps(), ["create web"]);
    assert.equal(scene.world.served("v1"), v1);
    const { id, outputs, initErrors } = stack.resource("web")!;
    assert.equal(id, "shop/web");
    assert.equal(digestIn(outputs, "v1"), v1);
    assert.deepEqual(outputs.owned, ["v1"]);
    assert.equal(outputs.createdStream, true);
    assert.equal(initErrors, undefined);

    const before = scene.world.stream();
    scene.forgetRequests();
    const again = await stack.up("--expect-no-changes");
    assert.equal(again.code, 0, again.text);
    assert.match(again.stdout, /2 unchanged/);
    const requests = scene.requests();
    assert.deepEqual(
      requests.filter(({ method }) => method !== "GET"),
      [],
    );
    const asked = `the stream and its images, once for the preview and once for the update, not ${requests.length} times`;
    assert.ok(requests.length <= 4, asked);
    assert.deepEqual(scene.world.stream(), before);

    scene.forgetRequests();
    const refresh = await stack.refresh("--expect-no-changes");
    assert.equal(refresh.code, 0, refresh.text);
    assert.ok(scene.requests().length <= 4, "the stream and its images, once a provider process");

    const destroy = await stack.destroy();
    assert.equal(destroy.code, 0, destroy.text);
    assert.equal(scene.world.stream(), undefined);
    assert.equal(stack.resource("web"), undefined);
  });

  it("ignores, reports or follows a tag that moved upstream", async () => {
    const stack = await scene.stack();
    const track = (trackUpstream: string) => stack.declare({ resources: [scene.web({ trackUpstream })] });
    track("pinned");
    await stack.succeed("up", "--yes", "--skip-preview");
    scene.world.sandbox.registry().moveTag("acme/web", "v1", v2);

    scene.forgetRequests();
    const pinned = await stack.preview("--expect-no-changes");
    assert.equal(pinned.code, 0, pinned.text);
    assert.deepEqual(pinned.lines("web"), []);
    const asked = scene.requests().map(({ method, path }) => `${method} ${path.split("/").at(-1)}`);
    assert.deepEqual(asked.sort(), ["GET layers", "GET web"], "no registry is asked");

    track("report");
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(scene.world.served("v1"), v1);
    const reported = await stack.preview("--expect-no-changes");
    assert.equal(reported.code, 0, reported.text);
    assert.match(
      reported.lines("web").join("\n"),
      new RegExp(`^warning: v1 moved upstream: ${v1} -> ${v2}.*follow`),
    );
    assert.equal(digestIn(stack.resource("web")?.outputs, "v1"), v1);

    track("follow");
    const followed = await stack.preview("--diff");
    assert.deepEqual(followed.steps("preview"), ["update web"]);
    const { old, new: next, detailedDiff } = followed.step("web", "preview");
    assert.deepEqual([digestIn(old?.inputs, "v1"), digestIn(next?.inputs, "v1")], [v1, v2]);
    assert.ok("resolved.v1.digest" in (detailedDiff ?? {}), JSON.stringify(detailedDiff));
    assert.match(followed.stdout, new RegExp(`"${v1}" => "${v2}"`));

    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(scene.world.served("v1"), v2);
    assert.equal(digestIn(stack.resource("web")?.outputs, "v1"), v2);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);
  });

  it("shows what was changed by hand, in preview and in refresh, and up repairs it", async () => {
    const stack = await scene.stack();
    const tags = { v1: { image: "quay.io/acme/web:v1", annotations: { team: "ours" } }, ...quayTags("v2") };
    stack.declare({ resources: [scene.web({ tags, labels: { app: "web" } })] });
    await stack.succeed("up", "--yes", "--skip-preview");
    const asDeclared = scene.world.stream()!.spec.tags!.map(({ generation: _, ...tag }) => tag);

    await scene.world.deleteTag("v2");
    await scene.world.edit((stream) => {
      const [first] = stream.spec.tags;
      first!.importPolicy = { scheduled: true, insecure: true };
      first!.referencePolicy = { type: "Local" };
      first!.annotations = { team: "theirs" };
    });

    const preview = await stack.preview();
    assert.deepEqual(preview.steps("preview"), ["update web"]);
    const lines = preview.lines("web").join("\n");
    assert.match(
      lines,
      /v1: scheduled is true, insecure is true, referencePolicy is Local, annotation team differs/,
    );
    assert.match(lines, /v2 is not on the cluster/);

    const refresh = await stack.refresh("--diff");
    assert.equal(refresh.code, 0, refresh.text);
    for (const shown of ["scheduled", "insecure", "referencePolicy", '"theirs"', "v2"]) {
      assert.ok(refresh.stdout.includes(shown), `the refresh does not show ${shown}:\n${refresh.stdout}`);
    }
    const refreshed = stack.resource("web")?.inputs.tags as Bag;
    assert.equal((refreshed.v1 as Bag).scheduled, true);
    assert.equal((refreshed.v1 as Bag).referencePolicy, "Local");
    assert.equal(refreshed.v2, undefined);

    const repair = await stack.preview("--diff");
    assert.deepEqual(repair.steps("preview"), ["update web"]);
    assert.match(repair.stdout, /v2\s*:/);

    const up = await stack.up("--skip-preview");
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(
      scene.world.stream()!.spec.tags!.map(({ generation: _, ...tag }) => tag),
      asDeclared,
    );
    assert.equal(scene.world.served("v2"), v2);
    assert.equal((await stack.refresh("--expect-no-changes")).code, 0);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);
  });

  it("removes the tags that the program no longer declares, and no others", async () => {
    const stack = await scene.stack();
    stack.declare({ resources: [scene.web({ tags: quayTags("v1", "v2") })] });
    await stack.succeed("up", "--yes", "--skip-preview");
    await scene.world.seedTag("theirs", "quay.io/acme/web:v3");
    scene.pushTag("pushed", v2);
    const theirs = scene.world.served("theirs");

    stack.declare({ resources: [scene.web()] });
    const preview = await stack.preview();
    assert.match(preview.stdout, /web update \[diff: ~resolved,summary,tags\].*v2 is removed/);
    const up = await stack.up("--skip-preview");
    assert.equal(up.code, 0, up.text);

    assert.match(up.lines("web").join("\n"), /removed v2/);
    const path = "/apis/image.openshift.io/v1/namespaces/shop/imagestreamtags/web:";
    assert.equal((await scene.get(`${path}v2`)).status, 404);
    for (const [tag, digest] of [
      ["v1", v1],
      ["theirs", theirs],
      ["pushed", v2],
    ] as const) {
      assert.equal((await scene.get(`${path}${tag}`)).status, 200, tag);
      assert.equal(scene.world.served(tag), digest, tag);
    }
    assert.deepEqual(stack.resource("web")?.outputs.owned, ["v1"]);

    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assert.equal(scene.world.served("v1"), undefined);
    assert.equal(scene.world.served("theirs"), theirs);
    assert.equal(scene.world.served("pushed"), v2);
  });
});
