import assert from "node:assert/strict";
import { unknownValue } from "../../provider/lifecycle/unknowns.js";
import { digestIn, useScene } from "../support/cli/scenes/imports.js";

describe("What a preview cannot know yet, under the Pulumi CLI", function () {
  this.timeout(180_000);
  const scene = useScene("test/cli/unknowns");
  let v1: string;

  before(() => {
    v1 = scene.world.publish("v1");
  });

  const exports = { digest: { $digest: ["web", "v1"] } };

  it("accepts a namespace and a source that another resource of the same up gives", async () => {
    const stack = await scene.stack();
    const where = { type: "value", name: "where", args: { value: "shop" } } as const;
    const what = { type: "value", name: "what", args: { value: "quay.io/acme/web:v1" } } as const;
    const site = scene.web({ tags: undefined, source: { $output: ["what", "result"] } }, {}, "site");
    stack.declare({
      resources: [where, what, scene.web({ namespace: { $output: ["where", "result"] } }), site],
      exports,
    });

    const preview = await stack.preview("--diff");
    assert.equal(preview.code, 0, preview.text);
    assert.deepEqual(preview.steps("preview").toSorted(), [
      "create site",
      "create web",
      "create what",
      "create where",
    ]);
    for (const name of ["web", "site"]) {
      assert.equal(preview.step(name, "preview").new?.inputs.resolved, unknownValue);
    }
    assert.match(preview.stdout, /digest: \[unknown\]/);
    assert.match(preview.lines("web").join("\n"), /the digests are not known yet/);
    assert.deepEqual(scene.requests(), [], "nothing can be asked");

    const up = await stack.up();
    assert.equal(up.code, 0, up.text);
    assert.equal(scene.world.served("v1"), v1);
    assert.equal(stack.resource("web")?.id, "shop/web");
    assert.equal(digestIn(stack.resource("site")?.outputs, "v1"), v1);
    assert.equal((await stack.preview("--expect-no-changes")).code, 0, "known now");
    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assert.deepEqual([scene.world.stream(), scene.world.stream("site")], [undefined, undefined]);
  });

  it("knows the digests of the other tags and of a stream with an unknown label, and names the unknown arguments", async () => {
    const v2 = scene.world.publish("v2");
    const stack = await scene.stack();
    const what = { type: "value", name: "what", args: { value: "quay.io/acme/web:v2" } } as const;
    const later = { $output: ["what", "result"] };
    const web = scene.web({ tags: { v1: "quay.io/acme/web:v1", v2: later } });
    const site = scene.web({ labels: { from: later } }, {}, "site");
    const digests = { known: { $digest: ["web", "v1"] }, later: { $digest: ["web", "v2"] } };
    stack.declare({
      resources: [what, web, site],
      exports: { ...digests, site: { $digest: ["site", "v1"] } },
    });

    const preview = await stack.preview("--diff");
    assert.equal(preview.code, 0, preview.text);
    assert.match(preview.stdout, new RegExp(`known: "${v1}"`));
    assert.match(preview.stdout, /later: \[unknown\]/);
    assert.match(preview.stdout, new RegExp(`site : "${v1}"`));
    const lines = preview.lines("web").join("\n");
    assert.match(lines, /not known yet: tags\.v2/);
    assert.match(lines, /2 tags: v1 sha256:.*, v2 is not known yet/);
    assert.match(preview.lines("site").join("\n"), /not known yet: labels\.from/);

    const up = await stack.up();
    assert.equal(up.code, 0, up.text);
    assert.equal(scene.world.served("v2"), v2);
    assert.equal((await stack.destroy("--skip-preview")).code, 0);
  });

  it("accepts a namespace that another resource of the same up creates, and says so", async () => {
    const stack = await scene.stack();
    const namespace = { kind: "Namespace", apiVersion: "v1", metadata: { name: "later" } };
    const later = scene.request("later", "/api/v1/namespaces", namespace);
    const web = (dependsOn: readonly string[]) => scene.web({ namespace: "later" }, { dependsOn });
    stack.declare({ resources: [later, web(["later"])], exports });

    const preview = await stack.preview();
    assert.equal(preview.code, 0, preview.text);
    assert.deepEqual(preview.steps("preview"), ["create later", "create web"]);
    assert.equal(preview.step("web", "preview").new?.inputs.resolved, unknownValue);
    assert.match(preview.stdout, /digest: \[unknown\]/);
    assert.match(preview.lines("web").join("\n"), /not known yet: namespace: "later" does not exist yet\./);

    stack.declare({ resources: [web([])] });
    const tooEarly = await stack.up("--skip-preview");
    assert.notEqual(tooEarly.code, 0);
    assert.match(
      tooEarly.text,
      /namespace: "later" does not exist yet\. Name what creates it in dependsOn\./,
    );

    stack.declare({ resources: [later, web(["later"])], exports });
    const up = await stack.up();
    assert.equal(up.code, 0, up.text);
    assert.equal(digestIn(stack.resource("web")?.outputs, "v1"), v1);
    const tag = "/apis/image.openshift.io/v1/namespaces/later/imagestreamtags/web:v1";
    assert.equal((await scene.get(tag)).status, 200);
    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assert.equal((await scene.get(tag)).status, 404);
  });
});
