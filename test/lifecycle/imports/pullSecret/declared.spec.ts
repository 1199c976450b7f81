import assert from "node:assert/strict";
import { unknownValue } from "../../../../provider/lifecycle/unknowns.js";
import { type PrivateWorld, robot, startPrivateWorld } from "../../../support/worlds/privateStream.js";
import { digestIn } from "../../../support/worlds/webStream.js";

const secretTexts = /p4ss\/word|cDRzcy93b3Jk|p4ss%2Fword/;

describe("A pull secret of the resource's own", () => {
  let world: PrivateWorld;
  beforeEach(async () => {
    world = await startPrivateWorld();
  });
  afterEach(() => world.sandbox.close());

  it("is foretold in the preview, in which its image is not known yet, and written before the import", async () => {
    const pulumi = world.pulumi();

    const { failures, inputs } = await pulumi.preview(world.web());
    assert.deepEqual(failures, []);
    assert.equal(inputs.resolved, unknownValue);
    assert.match(
      pulumi.lines.join("\n"),
      /^info: pull secret shop\/web-pull for r\.acme\.com will be created$/m,
    );
    assert.match(
      pulumi.lines.join("\n"),
      /tags\.v1: r\.acme\.com\/acme\/web:v1 needs a login, and this resource has a pull secret, web-pull, which is still to be written/,
    );
    assert.equal(world.secret(), undefined, "nothing is written");

    await pulumi.up(world.web());
    assert.equal(digestIn(pulumi.state, "v1"), world.v1);
    assert.equal(world.login()?.password, robot.password);
    assert.deepEqual(pulumi.state?.outputs.ownedSecrets, ["web-pull"]);
    assert.match(pulumi.lines.join("\n"), /^info: created pull secret shop\/web-pull for r\.acme\.com$/m);
    assert.doesNotMatch([...pulumi.lines, ...pulumi.progress].join("\n"), secretTexts);
    const { pullSecret: _, ...clear } = pulumi.state.outputs;
    assert.doesNotMatch(JSON.stringify(clear), secretTexts);
  });

  it("is left alone by a second up, which only reads", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(world.web());
    const before = world.secret()?.metadata.resourceVersion;
    const seen = world.writes().length;
    assert.equal(await pulumi.refresh(), "same");

    assert.equal((await pulumi.preview(world.web())).step, "same");
    assert.equal((await pulumi.up(world.web())).step, "same");
    assert.equal(world.writes().length, seen);
    assert.equal(world.secret()?.metadata.resourceVersion, before);
    assert.equal(await pulumi.refresh(), "same");
  });

  it("is tried again while the importer does not see it yet", async () => {
    const row = { code: 401, reason: "Unauthorized", message: "you may not have access" };
    const pulumi = world.pulumi();
    await pulumi.preview(world.web());
    world.sandbox.faults.add({ effect: { kind: "importRow", tag: "v1", row }, times: 3 });

    await pulumi.up(world.web());
    assert.equal(digestIn(pulumi.state, "v1"), world.v1);
  });

  it("that is wrong is named by its argument, and by the next preview", async () => {
    const wrong = { pullSecret: { auths: { "r.acme.com": { ...robot, password: "p4ss/word-of-nobody" } } } };
    const pulumi = world.pulumi();

    await assert.rejects(
      pulumi.up(world.web(wrong)),
      /tags\.v1: .*did not accept the login of pullSecret \(r\.acme\.com of secret web-pull\): check its user name and password.*\[IMPORT_UNAUTHORIZED\]/,
    );
    const { failures } = await pulumi.preview(world.web(wrong));
    assert.match(failures.join("\n"), /did not accept the login of pullSecret/);
    assert.doesNotMatch([...failures, ...pulumi.lines].join("\n"), secretTexts);

    await pulumi.up(world.web());
    assert.equal(digestIn(pulumi.state, "v1"), world.v1);
  });

  it("changes with its password, and imports nothing again", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(world.web());
    const imports = () => world.writes().filter(({ path }) => path.includes("imagestreamimports")).length;
    const before = imports();
    const rotated = { pullSecret: { auths: { "r.acme.com": { ...robot, password: "p4ss/word-two" } } } };

    const preview = await pulumi.preview(world.web(rotated));
    assert.equal(preview.step, "update");
    assert.match(pulumi.lines.join("\n"), /will change: fingerprint [0-9a-f]{12} -> [0-9a-f]{12}/);
    await pulumi.up(world.web(rotated));
    assert.equal(world.login()?.password, "p4ss/word-two");
    assert.equal(imports(), before);
    assert.equal((await pulumi.preview(world.web(rotated))).step, "same");
    assert.doesNotMatch(pulumi.lines.join("\n"), secretTexts);
  });

  it("that was edited or deleted by hand is drift without its content, and is repaired", async () => {
    const pulumi = world.pulumi();
    for (const change of [
      () => world.seedSecret("web-pull", "shop", {}, { metadata: world.secret()?.metadata }),
      () => world.removeSecret("web-pull"),
    ]) {
      await pulumi.up(world.web());
      change();
      assert.equal((await pulumi.preview(world.web())).step, "update");
      assert.equal(await pulumi.refresh(), "update");
      assert.equal("pullSecret" in pulumi.state!.outputs, false);
      assert.equal((await pulumi.preview(world.web())).step, "update");
      await pulumi.up(world.web());
      assert.equal(world.login()?.password, robot.password);
      assert.equal((await pulumi.preview(world.web())).step, "same");
    }
  });

  it("is removed under its old name after the imports, when it is renamed or dropped", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(world.web());
    const renamed = world.web({ pullSecret: { name: "acme", auths: { "r.acme.com": robot } } });

    await pulumi.preview(renamed);
    assert.match(pulumi.lines.join("\n"), /^info: pull secret shop\/web-pull will be removed$/m);
    await pulumi.up(renamed);
    assert.equal(world.secret("web-pull"), undefined);
    assert.equal(world.login("acme")?.password, robot.password);
    assert.deepEqual(pulumi.state?.outputs.ownedSecrets, ["acme"]);

    const dropped = world.web({ pullSecret: undefined });
    assert.equal((await pulumi.preview(dropped)).step, "update");
    await pulumi.up(dropped);
    assert.equal(world.secret("acme"), undefined);
    assert.deepEqual(pulumi.state.outputs.ownedSecrets, []);
    assert.equal((await pulumi.preview(dropped)).step, "same");
  });

  it("is destroyed after the tags", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(world.web());
    await pulumi.destroy();
    assert.equal(world.secret(), undefined);
    const deletes = world
      .writes()
      .filter(({ method }) => method === "DELETE")
      .map(({ path }) => path);
    assert.match(deletes.at(-1) ?? "", /secrets\/web-pull/);
    assert.match(deletes[0] ?? "", /imagestreamtags/);
  });

  it("is kept where something else pulls by it, and that is said", async () => {
    const account = {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { namespace: "shop", name: "default" },
      imagePullSecrets: [{ name: "web-pull" }],
    };
    const pulumi = world.pulumi();
    await pulumi.up(world.web());
    world.sandbox.seed(account);

    await pulumi.preview(world.web({ pullSecret: undefined }));
    assert.match(
      pulumi.lines.join("\n"),
      /^warning: pull secret shop\/web-pull is kept, because serviceaccount\/default uses it/m,
    );
    await pulumi.destroy();
    assert.equal(world.login()?.password, robot.password);
    assert.doesNotMatch(JSON.stringify(world.secret()?.metadata.annotations ?? {}), /pulumi-okd-images/);
  });

  it("is kept with onDestroy keep, without the claim", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(world.web({ onDestroy: "keep" }));
    await pulumi.destroy();
    assert.equal(world.login()?.password, robot.password);
    assert.doesNotMatch(JSON.stringify(world.secret()?.metadata.annotations ?? {}), /pulumi-okd-images/);
  });

  it("belongs to the live resource after a replacement", async () => {
    const pulumi = world.pulumi();
    const named = (name: string) =>
      world.web({ name, pullSecret: { name: "acme", auths: { "r.acme.com": robot } } });
    await pulumi.up(named("web"));
    await pulumi.up(named("web"), { replace: true });
    assert.equal(world.login("acme")?.password, robot.password);
    await pulumi.up(named("site"));
    assert.equal(world.login("acme")?.password, robot.password);
    assert.equal((await pulumi.preview(named("site"))).step, "same");
    await pulumi.destroy();
    assert.equal(world.secret("acme"), undefined);
  });

  it("is not known in a preview whose password another resource gives, and other digests are", async () => {
    const pulumi = world.pulumi();
    const open = world.publish("v1");
    const tags = { v1: "r.acme.com/acme/web:v1", open: "quay.io/acme/web:v1" };

    const { failures, inputs } = await pulumi.preview(world.web({ tags, pullSecret: unknownValue }));

    assert.deepEqual(failures, []);
    const resolved = inputs.resolved as Record<string, { digest?: string } | string>;
    assert.equal(resolved.v1, unknownValue);
    assert.equal((resolved.open as { digest?: string }).digest, open);
    assert.match(pulumi.lines.join("\n"), /has a pull secret, which is not known yet/);
    await pulumi.up(world.web({ tags }));
    assert.equal(digestIn(pulumi.state, "v1"), world.v1);
  });

  it("is taken back when the stream cannot be written", async () => {
    const pulumi = world.pulumi();
    const path = "/namespaces/shop/imagestreams";
    world.sandbox.faults.add({
      method: "POST",
      path,
      times: 0,
      effect: { kind: "answer", status: 500, body: "out of order" },
    });
    await assert.rejects(pulumi.up(world.web()), /create image stream/);
    assert.equal(world.secret(), undefined);
  });
});
