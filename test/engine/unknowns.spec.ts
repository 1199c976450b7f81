import assert from "node:assert/strict";
import { unknownValue } from "../../provider/lifecycle/unknowns.js";
import { requireReal } from "../harness/requireReal.js";
import { digestIn, Scene } from "./harness/scene.js";

describe("What a preview cannot know yet, under the Pulumi CLI", function () {
  this.timeout(180_000);
  let scene: Scene;
  let v1: string;

  before(async function () {
    requireReal(this, "test/engine/unknowns", ["pulumi"]);
    scene = await Scene.open();
    v1 = scene.bench.publish("v1");
  });
  afterEach(() => scene.clean());
  after(() => scene?.close());

  const exports = { digest: { $digest: ["web", "v1"] } };

  it("takes a namespace whose name another resource of the same up gives", async () => {
    const stack = await scene.stack();
    const where = { type: "value", name: "where", args: { value: "shop" } } as const;
    stack.declare({
      resources: [where, scene.web({ namespace: { $output: ["where", "result"] } })],
      exports,
    });

    const preview = await stack.preview("--diff");
    assert.equal(preview.code, 0, preview.text);
    assert.deepEqual(preview.steps("preview"), ["create where", "create web"]);
    assert.equal(preview.step("web", "preview").new?.inputs.resolved, unknownValue);
    assert.match(preview.stdout, /digest: \[unknown\]/);
    assert.match(preview.lines("web").join("\n"), /the digests are not known yet/);
    assert.deepEqual(scene.requests(), [], "nothing can be asked");

    const up = await stack.up();
    assert.equal(up.code, 0, up.text);
    assert.equal(scene.bench.served("v1"), v1);
    assert.equal(stack.resource("web")?.id, "shop/web");
    assert.equal((await stack.preview("--expect-no-changes")).code, 0, "known now");
    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assert.equal(scene.bench.stream(), undefined);
  });

  it("takes a namespace that another resource of the same up creates, and says so", async () => {
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
    assert.match(tooEarly.text, /namespace: "later" does not exist yet\. Name what creates it in dependsOn\./);

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
