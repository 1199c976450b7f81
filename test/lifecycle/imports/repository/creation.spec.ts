import assert from "node:assert/strict";
import { unknownValue } from "../../../../provider/lifecycle/unknowns.js";
import { type ImportWorld, startImportWorld } from "../../../support/worlds/imports.js";
import {
  publishTags,
  repository,
  repositoryStream,
  resolvedNames,
  servedTags,
} from "../../../support/worlds/repository.js";
import { resolved } from "../../../support/worlds/webStream.js";

describe("a repository as a stream", () => {
  let world: ImportWorld;
  beforeEach(async () => {
    world = await startImportWorld();
  });
  afterEach(() => world.sandbox.close());

  it("has more tags than the 50 of one import, all listed in the preview", async () => {
    const tags = Array.from({ length: 64 }, (_, minor) => `1.${minor}`).sort();
    publishTags(world, ...tags);
    const pulumi = world.pulumi();

    const preview = await pulumi.preview(repositoryStream(world));
    assert.deepEqual(resolvedNames(preview.inputs), tags);
    assert.match(resolved(preview.inputs, "1.0").digest, /^sha256:/);
    assert.equal(world.stream(), undefined);
    await pulumi.up(repositoryStream(world));
    assert.deepEqual(servedTags(world), tags);
    assert.equal((await pulumi.up(repositoryStream(world))).step, "same");
    await pulumi.destroy();
    assert.equal(world.stream(), undefined);
  });

  it("does not ask again for images that the list brought along", async () => {
    publishTags(world, "v1", "v2");
    await world.pulumi().preview(repositoryStream(world));

    const manifests = world.sandbox.requests.matching({ method: "GET", path: /\/manifests\/v/ });
    assert.equal(manifests.length, 2);
  });

  it("takes the newest versions under other names, and keeps them while nothing changes", async () => {
    publishTags(world, "release-1.9.0", "release-1.10.0", "release-1.8.0", "release-2.0.0-rc.1", "edge");
    const choice = {
      pattern: "^release-(?<version>.+)$",
      extract: "$version",
      semver: "^1.8",
      limit: 2,
      as: "v{version}",
    };
    const pulumi = world.pulumi();

    await pulumi.up(repositoryStream(world, choice));
    assert.deepEqual(servedTags(world), ["v1.10.0", "v1.9.0"]);
    assert.deepEqual(
      world.stream()?.spec.tags?.map(({ name, from }) => `${name} ${from?.name}`),
      ["v1.10.0 quay.io/acme/web:release-1.10.0", "v1.9.0 quay.io/acme/web:release-1.9.0"],
    );
    assert.equal((await pulumi.up(repositoryStream(world, choice))).step, "same");
    await pulumi.refresh();
    assert.equal((await pulumi.up(repositoryStream(world, choice))).step, "same");
  });

  it("takes what was built last", async () => {
    const built = { a: "2026-03-01T00:00:00Z", b: "2026-01-01T00:00:00Z", c: "2026-02-01T00:00:00Z" };
    for (const [tag, created] of Object.entries(built))
      world.sandbox.registry().publishImage(repository, tag, { content: tag, created });
    await world.pulumi().up(repositoryStream(world, { sort: "created", limit: 2 }));

    assert.deepEqual(servedTags(world), ["a", "c"]);
  });

  it("gives its tags new names in place when the template changes", async () => {
    publishTags(world, "v1");
    const pulumi = world.pulumi();
    await pulumi.up(repositoryStream(world));

    await pulumi.up(repositoryStream(world, { as: "base-{tag}" }));
    assert.deepEqual(servedTags(world), ["base-v1"]);
  });

  it("stands beside declared tags, and an alias may follow one of its tags", async () => {
    publishTags(world, "v1", "v2");
    const tags = { edge: "quay.io/acme/other:edge", live: { alias: "v2" } };
    const edge = world.publish("edge", "edge", "acme/other");
    const pulumi = world.pulumi();
    const args = repositoryStream(world, {}, { tags });

    const preview = await pulumi.preview(args);
    assert.equal(resolved(preview.inputs, "live").digest, resolved(preview.inputs, "v2").digest);
    await pulumi.up(args);
    assert.deepEqual(servedTags(world), ["edge", "live", "v1", "v2"]);
    assert.equal(world.served("edge"), edge);
    assert.equal(world.served("live"), world.served("v2"));
    assert.equal((await pulumi.up(args)).step, "same");
    await pulumi.refresh();
    assert.equal((await pulumi.up(args)).step, "same");
  });

  it("is refused where one of its tags has the name of a declared one", async () => {
    publishTags(world, "v1", "v2");
    const args = repositoryStream(world, {}, { tags: { v1: "quay.io/acme/web:v2" } });

    const { failures } = await world.pulumi().preview(args);
    assert.match(
      failures.join("\n"),
      /gives the tag v1, which the program declares too; leave it out by exclude: \["v1"\]/,
    );
  });

  it("shares its stream with another resource, and each removes only its own", async () => {
    publishTags(world, "v1", "v2");
    const [all, one] = world.program("all", "one");
    const other = {
      connection: world.connection,
      namespace: "shop",
      name: "web",
      tags: { mine: "quay.io/acme/web:v1" },
    };
    await all!.up(repositoryStream(world));
    await one!.up(other);
    assert.deepEqual(servedTags(world), ["mine", "v1", "v2"]);

    await all!.destroy();
    assert.deepEqual(servedTags(world), ["mine"]);
  });

  it("is refused where another resource of the program declares one of its tags", async () => {
    publishTags(world, "v1", "v2");
    const [one, all] = world.program("one", "all");
    await one!.preview({
      connection: world.connection,
      namespace: "shop",
      name: "web",
      tags: { v1: "quay.io/acme/web:v1" },
    });

    const { failures } = await all!.preview(repositoryStream(world));
    assert.match(failures.join("\n"), /declare the tag v1 of image stream shop\/web.*STREAM_CLAIMED/);
  });

  it("is an error where the repository is unknown", async () => {
    const { failures } = await world.pulumi().preview(repositoryStream(world));

    assert.match(
      failures.join("\n"),
      /^repository: quay\.io\/acme\/web cannot be listed: .*\[IMPORT_NOT_FOUND\]/,
    );
  });

  it("is refused before its registry is contacted where the cluster does not allow it", async () => {
    publishTags(world, "v1");
    world.sandbox.seed({
      apiVersion: "config.openshift.io/v1",
      kind: "Image",
      metadata: { name: "cluster" },
      spec: { allowedRegistriesForImport: [{ domainName: "docker.io" }] },
    });

    const { failures } = await world.pulumi().preview(repositoryStream(world));
    assert.match(
      failures.join("\n"),
      /^repository: .*registry "quay\.io.*not in allowedRegistriesForImport.*IMPORT_REGISTRY_NOT_ALLOWED/,
    );
    assert.deepEqual(world.sandbox.requests.matching({ server: "open" }), []);
  });

  it("of a registry that refuses is not known yet in a preview, whose program may make the pull secret, and fails an up", async () => {
    await world.sandbox.close();
    const authentication = { scheme: "basic", username: "me", password: "pw" } as const;
    world = await startImportWorld({ registries: { open: { protocol: "both", authentication } } });
    publishTags(world, "v1");
    const pulumi = world.pulumi();

    const preview = await pulumi.preview(repositoryStream(world));
    assert.deepEqual(preview.failures, []);
    assert.equal(preview.inputs["resolved"], unknownValue);
    const refusal =
      /repository: quay\.io\/acme\/web cannot be listed: .*No pull secret in namespace shop .*IMPORT_UNAUTHORIZED/;
    assert.match(pulumi.lines.join("\n"), refusal);
    await assert.rejects(pulumi.up(repositoryStream(world)), refusal);
  });

  it("is a warning where no tag is selected", async () => {
    publishTags(world, "v1", "v2");
    const pulumi = world.pulumi();

    await pulumi.preview(repositoryStream(world, { include: ["x*"] }));
    assert.match(
      pulumi.lines.join("\n"),
      /warning: repository: none of the 2 tags of quay\.io\/acme\/web is selected/,
    );
  });

  it("is not known yet in a preview whose namespace does not exist yet", async () => {
    publishTags(world, "v1");
    const pulumi = world.pulumi();

    const preview = await pulumi.preview({ ...repositoryStream(world), namespace: "later" });
    assert.deepEqual(preview.failures, []);
    assert.equal(preview.inputs["resolved"], unknownValue);
    world.sandbox.seed({ apiVersion: "v1", kind: "Namespace", metadata: { name: "later" } });
    await pulumi.up({ ...repositoryStream(world), namespace: "later" });
    assert.deepEqual(resolvedNames(pulumi.state!.outputs), ["v1"]);
  });

  it("goes on after an import that was interrupted", async () => {
    const tags = Array.from({ length: 8 }, (_, index) => `v${index}`);
    publishTags(world, ...tags);
    const pulumi = world.pulumi();
    const row = { code: 401, reason: "Unauthorized", message: "not now" };
    world.sandbox.faults.add({ effect: { kind: "importRow", tag: "v5", row, storingOnly: true }, times: 1 });
    await assert.rejects(pulumi.up(repositoryStream(world)));

    await pulumi.up(repositoryStream(world));
    assert.deepEqual(servedTags(world), tags);
  });

  it("names every mistake in its arguments at once, without a request", async () => {
    const { failures } = await world.pulumi().preview(
      repositoryStream(world, {
        image: "quay.io/acme/web:v1",
        include: ["[a"],
        pattern: "(",
        semver: "newest",
        limit: 0,
        as: "{nope}",
      }),
    );
    const text = failures.join("\n");
    for (const path of ["image", "include[0]", "pattern", "semver", "limit"])
      assert.ok(text.includes(`repository.${path}: `), `${path} in ${text}`);
    assert.equal(world.sandbox.requests.matching({ path: /imagestreamimports/ }).length, 0);
  });
});
