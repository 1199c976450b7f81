import assert from "node:assert/strict";
import { type PrivateWorld, robot, startPrivateWorld } from "../../../support/worlds/privateStream.js";

describe("A pull secret and its owners", () => {
  let world: PrivateWorld;
  beforeEach(async () => {
    world = await startPrivateWorld();
  });
  afterEach(() => world.sandbox.close());

  const shared = { name: "acme", auths: { "r.acme.com": robot } };
  const web = (more: object = {}) => world.web({ pullSecret: shared, ...more });
  const site = (more: object = {}) => web({ name: "site", ...more });

  it("a stranger's secret of its name is refused, in the preview too, and never written", async () => {
    const theirs = { "r.acme.com": { username: "they", password: "their password" } };
    world.seedSecret("acme", "shop", theirs);
    const pulumi = world.pulumi();

    const { failures } = await pulumi.preview(web());
    assert.match(
      failures.join("\n"),
      /^pullSecret: secret shop\/acme exists, and this resource did not create it\..*\[SECRET_NOT_OWNED\]$/,
    );
    await assert.rejects(pulumi.up(web()), /SECRET_NOT_OWNED/);
    assert.deepEqual(world.login("acme"), theirs["r.acme.com"]);

    await pulumi.up(web({ adopt: true }));
    assert.equal(world.login("acme")?.password, robot.password);
    assert.equal((await pulumi.preview(web())).step, "update", "adopt alone changes the arguments");
    await pulumi.up(web());
    assert.equal((await pulumi.preview(web())).step, "same");
  });

  it("two resources of a program share one, and the last one removes it", async () => {
    const [first, second] = world.program("web", "site");
    await Promise.all([first!.up(web()), second!.up(site())]);
    for (const [pulumi, args] of [
      [first!, web()],
      [second!, site()],
    ] as const)
      assert.equal((await pulumi.preview(args)).step, "same");

    await first!.destroy();
    assert.equal(world.login("acme")?.password, robot.password);
    assert.equal((await second!.preview(site())).step, "same");
    await second!.destroy();
    assert.equal(world.secret("acme"), undefined);
  });

  it("two resources of a program rotate the password of the one that they share", async () => {
    const rotated = {
      pullSecret: { name: "acme", auths: { "r.acme.com": { ...robot, password: "another one" } } },
    };
    const [first, second] = world.program("web", "site");
    await first!.up(web());
    await second!.up(site());

    const [third, fourth] = world.program("web", "site");
    [third!.state, fourth!.state] = [first!.state, second!.state];
    await third!.up(web(rotated));
    await fourth!.up(site(rotated));
    assert.equal(world.login("acme")?.password, "another one");
    assert.equal((await third!.preview(web(rotated))).step, "same");
    assert.equal((await fourth!.preview(site(rotated))).step, "same");
  });

  it("two resources of a program that want different contents are refused in the preview", async () => {
    const other = { pullSecret: { name: "acme", auths: { "quay.io": robot } } };
    const [first, second] = world.program("web", "site");
    assert.deepEqual((await first!.preview(web())).failures, []);
    const { failures } = await second!.preview(site(other));
    assert.match(
      failures.join("\n"),
      /^pullSecret: both urn:.*::web and urn:.*::site keep secret shop\/acme, with different contents/,
    );
  });

  it("a secret that somebody made anew under its name is not touched by destroy", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(web());
    world.removeSecret("acme");
    world.seedSecret("acme", "shop", { "r.acme.com": { username: "they", password: "their password" } });

    await pulumi.destroy();
    assert.equal(world.login("acme")?.password, "their password");
  });
});
