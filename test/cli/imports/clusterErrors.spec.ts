import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bag, Operation } from "../../support/cli/operation.js";
import { useScene } from "../../support/cli/scenes/imports.js";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

describe("Cluster and argument errors under the Pulumi CLI", function () {
  this.timeout(240_000);
  const scene = useScene("test/cli/imports/clusterErrors");
  const opened: ImportWorld[] = [];
  let other: ImportWorld;
  let v1: string;

  before(async () => {
    other = await startImportWorld();
    opened.push(other);
    v1 = scene.world.publish("v1");
    other.publish("v1");
  });
  after(async () => {
    for (const world of opened) await world.sandbox.close();
  });

  function assertRefused(operation: Operation, message: RegExp): void {
    assert.notEqual(operation.code, 0, operation.text);
    assert.match(operation.text, message);
    assert.doesNotMatch(operation.text, /^\s+at .*:\d+/m, "no stack traces");
    assert.ok(!operation.text.includes(scene.world.sandbox.adminToken), "no token");
    assert.equal(scene.world.stream(), undefined, "nothing was changed");
  }

  it("names the credential, address, context or CA that is wrong, and changes nothing", async () => {
    const stack = await scene.stack();
    const { connection, sandbox } = scene.world;
    const withConnection = (changed: Bag) =>
      stack.declare({ resources: [scene.web({ connection: changed })] });

    withConnection({ ...connection, token: "sha256~not-this-one" });
    const wrongToken = await stack.up("--skip-preview");
    assertRefused(wrongToken, /web.*\[API_UNAUTHORIZED\]/s);
    assert.ok(!wrongToken.text.includes("not-this-one"));

    withConnection({ ...connection, host: "https://127.0.0.1:1" });
    assertRefused(
      await stack.up("--skip-preview"),
      /https:\/\/127\.0\.0\.1:1 cannot be reached: connection refused: .*\[API_UNREACHABLE\]/,
    );

    withConnection({ kubeconfig: sandbox.kubeconfig(), context: "production" });
    assertRefused(
      await stack.preview(),
      /connection\.context: .*production.*sandbox.*\[CONNECTION_INVALID\]/s,
    );

    withConnection({ ...connection, caCert: other.sandbox.certificateAuthority });
    assertRefused(await stack.preview(), /certificate .*not trusted.*caCert.*\[API_UNREACHABLE\]/s);
  });

  it("stops with both clusters named when the shell points to another one", async () => {
    const stack = await scene.stack();
    const kubeconfig = join(stack.project.root, "kubeconfig");
    stack.environment.KUBECONFIG = kubeconfig;
    const pointTo = (world: ImportWorld) => writeFileSync(kubeconfig, world.sandbox.kubeconfig());
    const here = scene.world.sandbox.url;
    const there = other.sandbox.url;
    const declare = (labels: Bag) =>
      stack.declare({ resources: [scene.web({ connection: {}, namespace: "shop", labels })] });
    pointTo(scene.world);
    declare({});
    await stack.succeed("up", "--yes", "--skip-preview");
    const state = stack.resource("web");
    const stream = scene.world.stream();

    pointTo(other);
    const assertStopped = (operation: Operation) => {
      assert.notEqual(operation.code, 0, operation.text);
      assert.match(operation.text, /\[OTHER_CLUSTER\]/);
      assert.ok(operation.text.includes(here) && operation.text.includes(there), operation.text);
      assert.deepEqual(scene.world.stream(), stream);
      assert.equal(other.stream(), undefined);
      assert.deepEqual(stack.resource("web")?.outputs, state?.outputs);
    };
    assertStopped(await stack.refresh("--skip-preview"));
    assertStopped(await stack.destroy("--skip-preview"));
    declare({ app: "web" });
    assertStopped(await stack.preview());
    assertStopped(await stack.up("--skip-preview"));

    pointTo(scene.world);
    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assert.equal(scene.world.stream(), undefined);
  });

  it("moves to another cluster when the program says so", async () => {
    const stack = await scene.stack();
    stack.declare({ resources: [scene.web()] });
    await stack.succeed("up", "--yes", "--skip-preview");

    stack.declare({ resources: [scene.web({ connection: other.connection })] });
    const moved = await stack.up("--skip-preview");

    assert.equal(moved.code, 0, moved.text);
    assert.deepEqual(moved.steps(), ["create-replacement web", "replace web", "delete-replaced web"]);
    assert.equal(scene.world.stream(), undefined);
    assert.equal(other.served("v1"), v1);
    assert.equal((await stack.destroy("--skip-preview")).code, 0);
    assert.equal(other.stream(), undefined);
  });

  it("lists every bad argument with its path at once, and shows no secret value", async () => {
    const stack = await scene.stack();
    const secret = "correct horse battery staple";
    stack.declare({
      resources: [
        scene.web({
          connection: { ...scene.world.connection, password: { $secret: secret }, timeoutSeconds: "soon" },
          namespace: "Shop",
          tags: {
            "1.27": "docker.io/Nope",
            "bad tag": "quay.io/a/b:1",
            ok: { image: "quay.io/a/b:1", schedule: true },
          },
          annotations: { note: { $secret: secret }, "pulumi-okd-images/claim-1": "mine" },
          onDestroy: "sometimes",
        }),
      ],
    });

    const preview = await stack.preview();

    assert.notEqual(preview.code, 0);
    const paths = [
      "connection.timeoutSeconds",
      "namespace",
      "tags.ok.schedule",
      "onDestroy",
      'tags["1.27"]',
      'tags["bad tag"]',
      'annotations["pulumi-okd-images/claim-1"]',
    ];
    for (const path of paths) {
      assert.ok(
        preview.text.includes(`resource 'web' has a problem: ${path}: `),
        `${path} in\n${preview.text}`,
      );
    }
    assert.doesNotMatch(preview.text, /horse|<nil>|^\s+at /m);
    assert.deepEqual(scene.world.sandbox.requests.matching({ path: /\/shop\// }), []);
  });
});
