import assert from "node:assert/strict";
import { type ImportWorld, startImportWorld } from "../../../support/worlds/imports.js";
import {
  handOverOfOneRun,
  listings,
  publishTags,
  repository,
  repositoryStream,
  resolvedNames,
  servedTags,
} from "../../../support/worlds/repository.js";

describe("a repository whose tags change upstream", () => {
  let world: ImportWorld;
  beforeEach(async () => {
    world = await startImportWorld();
    publishTags(world, "v1", "v2");
  });
  afterEach(() => world.sandbox.close());

  /** Upstream gains v3 and loses v1. */
  async function changed(choice: object, more: object) {
    const pulumi = world.pulumi();
    await pulumi.up(repositoryStream(world, choice, more));
    assert.deepEqual(servedTags(world), ["v1", "v2"]);
    publishTags(world, "v3");
    world.sandbox.registry().deleteTag(repository, "v1");
    world.sandbox.requests.clear();
    pulumi.lines.length = 0;
    return pulumi;
  }

  it("is not asked about while it is pinned", async () => {
    const args = repositoryStream(world, {}, { trackUpstream: "pinned" });
    const pulumi = await changed({}, { trackUpstream: "pinned" });

    assert.equal((await pulumi.up(args)).step, "same");
    assert.deepEqual(servedTags(world), ["v1", "v2"]);
    assert.equal(listings(world), 0);
    assert.deepEqual(world.writes(), []);
  });

  it("is reported in a line, and nothing changes, with trackUpstream: report", async () => {
    const args = repositoryStream(world, {}, { trackUpstream: "report" });
    const pulumi = await changed({}, { trackUpstream: "report" });

    assert.equal((await pulumi.preview(args)).step, "same");
    assert.match(
      pulumi.lines.join("\n"),
      /warning: quay\.io\/acme\/web: \+1 new \(v3\), 1 vanished upstream and kept \(v1\); set trackUpstream: "follow"/,
    );
    assert.doesNotMatch(pulumi.lines.join("\n"), /could not be asked/);
    assert.equal((await pulumi.up(args)).step, "same");
    assert.deepEqual(servedTags(world), ["v1", "v2"]);
  });

  it("is followed: new tags are imported and vanished ones kept", async () => {
    const args = repositoryStream(world, {}, { trackUpstream: "follow" });
    const pulumi = await changed({}, { trackUpstream: "follow" });

    const preview = await pulumi.preview(args);
    assert.equal(preview.step, "update");
    assert.deepEqual(resolvedNames(preview.inputs), ["v1", "v2", "v3"]);
    assert.match(
      pulumi.lines.join("\n"),
      /quay\.io\/acme\/web: \+1 new \(v3\), 1 vanished upstream and kept \(v1\)/,
    );
    await pulumi.up(args);
    assert.deepEqual(servedTags(world), ["v1", "v2", "v3"]);
    pulumi.lines.length = 0;
    assert.equal((await pulumi.up(args)).step, "same");
    assert.doesNotMatch(pulumi.lines.join("\n"), /warning/);
  });

  it("is followed: vanished tags are removed with vanished: remove", async () => {
    const args = repositoryStream(world, { vanished: "remove" }, { trackUpstream: "follow" });
    const pulumi = await changed({ vanished: "remove" }, { trackUpstream: "follow" });

    const preview = await pulumi.preview(args);
    assert.deepEqual(resolvedNames(preview.inputs), ["v2", "v3"]);
    assert.match(pulumi.lines.join("\n"), /\+1 new \(v3\), -1 vanished \(v1\)/);
    await pulumi.up(args);
    assert.deepEqual(servedTags(world), ["v2", "v3"]);
  });

  it("is asked again when triggers change, pinned or not, and a kept tag that vanished stops nothing", async () => {
    const pulumi = await changed({}, {});

    await pulumi.up(repositoryStream(world, {}, { triggers: [1] }));
    assert.deepEqual(servedTags(world), ["v1", "v2", "v3"]);
  });

  it("is asked again when the choice of tags changes, and what is no longer chosen is removed", async () => {
    const pulumi = await changed({}, {});

    await pulumi.up(repositoryStream(world, { include: ["v3"] }));
    assert.deepEqual(servedTags(world), ["v3"]);
  });

  it("is not asked again when only policies change", async () => {
    const pulumi = await changed({}, {});

    await pulumi.up(repositoryStream(world, { referencePolicy: "Local" }));
    assert.equal(listings(world), 0);
    assert.deepEqual(
      world.stream()?.spec.tags?.map(({ name, referencePolicy }) => `${name} ${referencePolicy?.type}`),
      ["v1 Local", "v2 Local"],
    );
  });

  it("gives up no tag where the registry cannot be asked", async () => {
    const choice = { vanished: "remove" };
    const args = repositoryStream(world, choice, { trackUpstream: "follow" });
    const pulumi = await changed(choice, { trackUpstream: "follow" });
    for (const tag of ["v2", "v3"]) world.sandbox.registry().deleteTag(repository, tag);

    assert.equal((await pulumi.up(args)).step, "same");
    assert.match(
      pulumi.lines.join("\n"),
      /warning: upstream could not be asked: repository: quay\.io\/acme\/web cannot be listed: /,
    );
    assert.deepEqual(servedTags(world), ["v1", "v2"]);
  });

  it("does not lose the newest by a limit: the oldest falls out", async () => {
    const choice = { sort: "alphabetical", limit: 2 };
    const args = repositoryStream(world, choice, { trackUpstream: "follow" });
    const pulumi = world.pulumi();
    await pulumi.up(args);
    publishTags(world, "v3");

    await pulumi.up(args);
    assert.deepEqual(servedTags(world), ["v2", "v3"]);
  });

  it("moves tags that moved, like any other", async () => {
    const args = repositoryStream(world, {}, { trackUpstream: "follow" });
    const pulumi = world.pulumi();
    await pulumi.up(args);
    const moved = world.publish("v2", "rebuilt");

    await pulumi.up(args);
    assert.equal(world.served("v2"), moved);
  });

  it("is left alone where the program ignores changes of resolved", async () => {
    const args = repositoryStream(world, {}, { trackUpstream: "follow" });
    const pulumi = await changed({}, { trackUpstream: "follow" });

    assert.equal((await pulumi.up(args, { ignoreChanges: ["resolved"] })).step, "same");
    assert.deepEqual(servedTags(world), ["v1", "v2"]);
  });

  it("in one run imports only what the preview has listed: a tag that appears in between waits", async () => {
    const args = repositoryStream(world, {}, { trackUpstream: "follow" });
    const run = world.pulumi("web", handOverOfOneRun());
    const preview = await run.preview(args);
    publishTags(world, "v3");

    const { inputs } = await run.up(args);
    assert.deepEqual(inputs, preview.inputs);
    assert.deepEqual(servedTags(world), ["v1", "v2"]);
    assert.equal(listings(world), 1);
    const next = world.pulumi("web", handOverOfOneRun());
    next.state = run.state;
    await next.preview(args);
    await next.up(args);
    assert.deepEqual(servedTags(world), ["v1", "v2", "v3"]);
  });

  it("refuses more new tags than one run may add, in the preview, and names them", async () => {
    const args = repositoryStream(world, { maxNew: 2 }, { trackUpstream: "follow" });
    const pulumi = world.pulumi();
    await pulumi.up(args);
    publishTags(world, "v3", "v4", "v5");

    const { failures } = await pulumi.preview(args);
    assert.match(
      failures.join("\n"),
      /repository\.maxNew: quay\.io\/acme\/web has 3 new tags \(v3, v4, v5\), and 2 are allowed .*\[IMPORT_LIMIT\]/,
    );
    await assert.rejects(pulumi.up(args), /IMPORT_LIMIT/);
    assert.deepEqual(servedTags(world), ["v1", "v2"]);
  });

  it("a tag that somebody deleted comes back, after a refresh too", async () => {
    const args = repositoryStream(world);
    const pulumi = world.pulumi();
    await pulumi.up(args);
    await world.deleteTag("v1");
    await pulumi.refresh();

    await pulumi.up(args);
    assert.deepEqual(servedTags(world), ["v1", "v2"]);
    assert.equal((await pulumi.up(args)).step, "same");
  });

  it("a kept tag whose image neither upstream nor the cluster has is given up with a warning", async () => {
    const args = repositoryStream(world, {}, { trackUpstream: "follow" });
    const pulumi = await changed({}, { trackUpstream: "follow" });
    await world.deleteTag("v1");

    await pulumi.up(args);
    assert.match(
      pulumi.lines.join("\n"),
      /warning: neither upstream nor the cluster has the image any more of v1/,
    );
    assert.deepEqual(servedTags(world), ["v2", "v3"]);
  });
});
