import assert from "node:assert/strict";
import { summariseStream } from "../../../provider/imports/summary.js";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";
import { resolved, type Tags, webStream } from "../../support/worlds/webStream.js";

const template = { template: { spec: { containers: [{ name: "main", image: "x" }] } } };
const imagesRules = [
  { namespaces: ["shop"], apiGroups: ["image.openshift.io"], verbs: ["*"] },
  { namespaces: ["shop"], apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"] },
];

describe("A preview tells what a new digest rolls out", () => {
  let world: ImportWorld;

  beforeEach(async () => {
    world = await startImportWorld({
      users: [
        { name: "ann", rules: imagesRules },
        { name: "bob", rules: imagesRules.slice(0, 1) },
      ],
    });
    world.publish("v1");
  });
  afterEach(() => world.sandbox.close());

  const image = "quay.io/acme/web:v1";
  const web = (tags: Tags = { v1: image }, more: object = {}) =>
    webStream(world, tags, { trackUpstream: "follow", ...more });

  /** A Deployment of the stream's namespace, unless told otherwise, with a trigger on a tag. */
  function deployment(name: string, tag: string, { namespace = "shop", paused = false } = {}): void {
    const from = { kind: "ImageStreamTag", name: `web:${tag}`, namespace: "shop" };
    const fieldPath = 'spec.template.spec.containers[?(@.name=="main")].image';
    const annotations = { "image.openshift.io/triggers": JSON.stringify([{ from, fieldPath, paused }]) };
    const metadata = { name, namespace, annotations };
    world.sandbox.seed({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec: template });
  }

  function buildConfig(name: string, namespace: string): void {
    const from = { kind: "ImageStreamTag", name: "web:v1", namespace: "shop" };
    const spec = { strategy: { dockerStrategy: { from } }, triggers: [{ imageChange: {} }] };
    const kind = { apiVersion: "build.openshift.io/v1", kind: "BuildConfig" };
    world.sandbox.seed({ ...kind, metadata: { name, namespace }, spec });
  }

  /** The engine of a stream whose tag v1 has moved upstream. */
  async function moving() {
    const pulumi = world.pulumi();
    await pulumi.up(web());
    world.publish("v1", "new content");
    return pulumi;
  }

  const lists = () =>
    world.sandbox.requests
      .matching({ server: "api", method: "GET" })
      .filter(({ path }) => /\/(deployments|buildconfigs|cronjobs)$/.test(path));

  it("for the tag that moves, in the stream's namespace and in others", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(web());
    deployment("web", "v1");
    deployment("held", "v1", { paused: true });
    deployment("other", "v2");
    buildConfig("site", "build");
    world.publish("v1", "new content");

    const before = pulumi.state!.inputs;
    const { inputs } = await pulumi.preview(web());

    assert.deepEqual(resolved(inputs, "v1").rollsOut, ["deployment/web", "buildconfig/site namespace=build"]);
    assert.match(
      summariseStream(inputs, before) ?? "",
      /^v1 sha256:\w+… -> sha256:\w+… \(rolls out deployment\/web, buildconfig\/site namespace=build\)$/,
    );
  });

  it("and up plans the same, so that it may be strict; the outputs keep nothing of it", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(web());
    deployment("web", "v1");
    world.publish("v1", "new content");
    await pulumi.preview(web());

    await pulumi.up(web());

    assert.deepEqual(resolved(pulumi.state!.inputs, "v1").rollsOut, ["deployment/web"]);
    assert.equal(resolved(pulumi.state!.outputs, "v1").rollsOut, undefined);
    const { step, inputs } = await pulumi.preview(web());
    assert.equal(step, "same");
    assert.equal(resolved(inputs, "v1").rollsOut, undefined, "nothing is rolled out any more");
    assert.equal((await pulumi.up(web())).step, "same");
    assert.equal(await pulumi.refresh(), "same");
    assert.equal(resolved(pulumi.state!.inputs, "v1").rollsOut, undefined);
  });

  it("for a new tag that something waits for", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(web());
    world.publish("v2");
    deployment("web", "v2");
    const { inputs } = await pulumi.preview(web({ v1: image, v2: "quay.io/acme/web:v2" }));
    assert.deepEqual(resolved(inputs, "v2").rollsOut, ["deployment/web"]);
  });

  it("for an alias, which moves with its target", async () => {
    const pulumi = world.pulumi();
    const tags = { v1: image, live: { alias: "v1" } };
    await pulumi.up(web(tags));
    deployment("web", "live");
    world.publish("v1", "new content");

    const { inputs } = await pulumi.preview(web(tags));

    assert.deepEqual(resolved(inputs, "live").rollsOut, ["deployment/web"]);
    assert.equal(resolved(inputs, "v1").rollsOut, undefined);
  });

  it("for a tag that somebody moved and that the program moves back", async () => {
    const pulumi = world.pulumi();
    const pinned = web({ v1: image }, { trackUpstream: "pinned" });
    await pulumi.up(pinned);
    deployment("web", "v1");
    world.publish("v2", "other");
    await world.edit(({ spec }) => {
      spec.tags[0]!.from!.name = "quay.io/acme/web:v2";
    });

    const { inputs } = await pulumi.preview(pinned);

    assert.deepEqual(resolved(inputs, "v1").rollsOut, undefined, "the cluster still serves v1");
    await world.seedTag("v1", "quay.io/acme/web:v2");
    const again = world.pulumi();
    again.state = pulumi.state;
    const preview = await again.preview(pinned);
    assert.deepEqual(resolved(preview.inputs, "v1").rollsOut, ["deployment/web"]);
    assert.match(summariseStream(preview.inputs, pulumi.state!.inputs) ?? "", /^v1 returns to sha256/);
  });

  it("ten by name, and how many there are", async () => {
    for (let at = 10; at < 22; at += 1) deployment(`web-${at}`, "v1");
    const pulumi = await moving();
    const { rollsOut, rollsOutTotal } = resolved((await pulumi.preview(web())).inputs, "v1");
    assert.deepEqual([rollsOut?.length, rollsOut?.[0], rollsOutTotal], [10, "deployment/web-10", 12]);
  });

  it("asking nothing for a new stream, nor while no tag moves", async () => {
    const pulumi = world.pulumi();
    await pulumi.preview(web());
    assert.deepEqual(lists(), []);
    await pulumi.up(web());
    deployment("web", "v1");
    world.sandbox.requests.clear();

    await pulumi.preview(web());
    await pulumi.preview(web({ v1: image }, { labels: { a: "b" } }));
    await pulumi.up(web());

    assert.deepEqual(lists(), []);
  });

  it("as far as the account may list, without a word about the rest", async () => {
    deployment("web", "v1");
    deployment("web", "v1", { namespace: "prod" });
    buildConfig("site", "shop");
    const { state } = await moving();
    const seen = async (user: number) => {
      const pulumi = world.pulumi();
      pulumi.state = state;
      const connection = { ...world.connection, token: world.sandbox.users[user]!.token };
      const { inputs, failures } = await pulumi.preview(web({ v1: image }, { connection }));
      assert.deepEqual(failures, []);
      assert.doesNotMatch(pulumi.lines.join("\n"), /deployments|403/);
      return resolved(inputs, "v1").rollsOut;
    };
    assert.deepEqual(await seen(0), ["deployment/web"]);
    assert.deepEqual(await seen(1), undefined);
  });

  it("although one of the lists fails", async () => {
    deployment("web", "v1");
    world.sandbox.faults.add({ path: "/buildconfigs", effect: { kind: "answer", status: 500 } });
    const { inputs, failures } = await (await moving()).preview(web());
    assert.deepEqual(failures, []);
    assert.deepEqual(resolved(inputs, "v1").rollsOut, ["deployment/web"]);
  });
});
