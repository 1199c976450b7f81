import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { SandboxOptions } from "okd-image-sandbox";
import type { ArchiveArgs } from "../../../provider/archive/args/parsed.js";
import type { ArchivePorts } from "../../../provider/archive/ports.js";
import type { FakePulumi } from "../../support/fakes/pulumi.js";
import { type ArchiveWorld, contentIn, startArchiveWorld } from "../../support/worlds/archive.js";

type Engine = FakePulumi<ArchiveArgs, ArchivePorts>;

/** The route's name does not resolve, as from outside of a cluster's network. */
const unreachable: SandboxOptions = { integratedRegistry: { publicHost: "registry.invalid" } };

describe("image streams of an archive", () => {
  let world: ArchiveWorld;

  const open = async (sandbox: SandboxOptions = {}) => {
    world = await startArchiveWorld({ sandbox });
  };
  afterEach(() => world.close());

  const archive = (stream: unknown, more: object = {}) => ({
    connection: world.connection,
    path: "web.tar",
    images: [{ stream }],
    ...more,
  });
  const push = (tag: string, content: string, name = "web") =>
    world.sandbox.integratedRegistry.push({ namespace: "shop", name, tag, image: { layers: [content] } })
      .digest;
  const handle = (digest: string, tag = "v1") => ({ namespace: "shop", name: "web", tag, digest });
  const digestIn = (engine: Engine, key = "shop/web:v1") =>
    contentIn(engine.state!.inputs).images[key]?.digest;
  const linesOf = async (engine: Engine, step: () => Promise<unknown>) => {
    engine.lines.length = 0;
    await step();
    return engine.lines.join("\n");
  };
  const upFails = async (args: object, says: RegExp) => {
    await assert.rejects(world.pulumi("failing").up(args), (error: Error) => {
      assert.match(error.message, says);
      return true;
    });
  };

  /** A stream with one imported tag: `shop/web:v1`, from the open registry. */
  function seedImported(digest: string, referencePolicy?: "Source" | "Local"): void {
    world.sandbox.seed({
      apiVersion: "image.openshift.io/v1",
      kind: "ImageStream",
      metadata: { name: "web", namespace: "shop" },
      spec: {
        tags: [
          {
            name: "v1",
            from: { kind: "DockerImage", name: `${world.host}/acme/web:v1` },
            ...(referencePolicy === undefined ? {} : { referencePolicy: { type: referencePolicy } }),
          },
        ],
      },
      status: {
        tags: [
          {
            tag: "v1",
            items: [
              {
                created: "2026-10-01T00:00:00Z",
                generation: 1,
                image: digest,
                dockerImageReference: `${world.host}/acme/web@${digest}`,
              },
            ],
          },
        ],
      },
    });
  }

  describe("by the handle of a tag", () => {
    beforeEach(() => open());

    it("are exported by the recorded digest after the tag has moved on the cluster", async () => {
      const recorded = push("v1", "first");
      push("v1", "second");
      const pulumi = world.pulumi();
      assert.deepEqual((await pulumi.preview(archive(handle(recorded)))).failures, []);
      await pulumi.up(archive(handle(recorded)));

      assert.equal(digestIn(pulumi), recorded);
      assert.equal((await pulumi.up(archive(handle(recorded)))).step, "same");
    });

    it("stay as exported when the tag moves afterwards", async () => {
      const recorded = push("v1", "first");
      const pulumi = world.pulumi();
      await pulumi.up(archive(handle(recorded)));
      push("v1", "second");
      push("v1", "third");

      assert.equal((await pulumi.up(archive(handle(recorded)))).step, "same");
      await pulumi.up(archive(handle(recorded), { compression: "gzip" }));
      assert.equal(digestIn(pulumi), recorded);
    });

    it("are found in the history of another tag of the stream", async () => {
      const recorded = push("other", "first");
      push("other", "second");
      push("v1", "third");
      const pulumi = world.pulumi();
      await pulumi.up(archive(handle(recorded)));

      assert.equal(digestIn(pulumi), recorded);
    });

    it("are found as a child of an index that the stream lists", async () => {
      const index = world.sandbox.integratedRegistry.push({
        namespace: "shop",
        name: "web",
        tag: "v1",
        image: { children: [{ layers: ["one"] }, { layers: ["two"] }] },
      });
      const child = index.children[1]?.digest ?? "";
      const pulumi = world.pulumi();
      await pulumi.up(archive(handle(child)));

      assert.equal(digestIn(pulumi), child);
    });

    it("are pending in a preview, without a warning, while the same run is to import them", async () => {
      const digest = `sha256:${"1".repeat(64)}`;
      const pulumi = world.pulumi();
      const preview = await pulumi.preview(archive(handle(digest)));

      assert.equal(contentIn(preview.inputs).images["shop/web:v1"]?.isPending, true);
      assert.deepEqual(pulumi.lines, []);
      await upFails(archive(handle(digest)), /does not serve .*IMAGE_NOT_FOUND/);
    });
  });

  describe("that do not exist", () => {
    beforeEach(async () => {
      await open();
      push("v1", "first");
    });

    const rows: readonly { readonly stream: string; readonly says: RegExp }[] = [
      {
        stream: "shopp/web:v1",
        says: /there is no namespace shopp on .*; did you mean "shop"\? \[NAMESPACE_NOT_FOUND\]/,
      },
      {
        stream: "shop/wbe:v1",
        says: /shop has no such image stream on .*; did you mean "web"\? \[STREAM_NOT_FOUND\]/,
      },
      {
        stream: "shop/web:v2",
        says: /no image stream tag shop\/web:v2 on .*; did you mean "v1"\? \[STREAM_NOT_FOUND\]/,
      },
      {
        stream: "shop/payments",
        says: /no image stream shop\/payments with any tag: shop has no such image stream/,
      },
    ];
    for (const { stream, says } of rows) {
      it(`are a warning in a preview and an error in up when they do not exist: ${stream}`, async () => {
        const pulumi = world.pulumi();
        assert.deepEqual((await pulumi.preview(archive(stream))).failures, []);
        assert.match(pulumi.lines.join("\n"), says);
        assert.match(pulumi.lines.join("\n"), /pulumi up would stop here: images: /);
        await upFails(archive(stream), says);
      });
    }
  });

  describe("whose registry cannot be reached", () => {
    beforeEach(() => open(unreachable));

    const advice = /integratedRegistry\.url.*\[REGISTRY_UNREACHABLE\]/s;

    it("stop up with advice, and a preview too, when they were pushed to a registry that cannot be reached", async () => {
      push("v1", "first");
      const pulumi = world.pulumi();
      const said = await linesOf(pulumi, () => pulumi.preview(archive("shop/web:v1")));

      assert.match(said, /pulumi up would stop here: Cannot reach the integrated registry:/);
      assert.match(said, advice);
      assert.doesNotMatch(said, /pruneRegistry|registry\.url to/);
      await upFails(archive("shop/web:v1"), advice);
    });

    it("are pulled by digest from the source that the stream names, and a line says so", async () => {
      const digest = world.publish("v1");
      seedImported(digest);
      const pulumi = world.pulumi();
      const line = new RegExp(
        `info: shop/web:v1 \\(${world.host}/acme/web\\) is pulled by digest from its source, because the integrated registry`,
      );
      assert.match(await linesOf(pulumi, () => pulumi.preview(archive("shop/web:v1"))), line);
      world.publish("v1", "moved upstream");
      assert.match(await linesOf(pulumi, () => pulumi.up(archive("shop/web:v1"))), line);
      assert.equal(digestIn(pulumi), digest);
      assert.ok(existsSync(world.file()));

      assert.equal(
        await linesOf(pulumi, () => pulumi.up(archive("shop/web:v1"))),
        "",
        "quiet when it is there",
      );
      const again = world.pulumi("other");
      await again.up(archive(handle(digest), { path: "other.tar" }));
      assert.equal(digestIn(again), digest);
    });

    it("are not pulled from their source where the tag says Local", async () => {
      seedImported(world.publish("v1"), "Local");
      await upFails(archive("shop/web:v1"), advice);
    });

    it("name both ways when the source fails too, and no token goes to the source", async () => {
      seedImported(`sha256:${"2".repeat(64)}`);
      await upFails(
        archive("shop/web:v1"),
        /acme\/web@sha256:2222.*\nshop\/web:v1 is pulled from its source, because: Cannot reach the integrated registry:.*\[REGISTRY_NOT_FOUND\]/s,
      );
    });

    it("are warned of in the preview of the run that is to import them", async () => {
      const pulumi = world.pulumi();
      const args = archive(handle(`sha256:${"1".repeat(64)}`));
      const said = await linesOf(pulumi, () => pulumi.preview(args));

      assert.match(
        said,
        /^warning: pulumi up pulls shop\/web:v1 from its source if its referencePolicy is Source, and/m,
      );
      assert.match(said, advice);
    });

    it("are pulled by the address, the CA and the login of integratedRegistry", async () => {
      const digest = push("v1", "first");
      const { url } = world.sandbox.integratedRegistry;
      const token = world.sandbox.addToken("puller");
      world.sandbox.grant("puller", {
        apiGroups: ["image.openshift.io"],
        resources: ["imagestreams/layers"],
        verbs: ["get"],
        namespaces: ["shop"],
      });
      const caCert = world.sandbox.certificateAuthority;
      const pulumi = world.pulumi();
      for (const [index, login] of [{}, { token }, { username: "anybody", password: token }].entries()) {
        const integratedRegistry = { url, caCert, ...login };
        await pulumi.up(archive("shop/web:v1", { integratedRegistry, triggers: [index] }));
        assert.equal(digestIn(pulumi), digest);
      }
      const wrong = { url, caCert, token: "wrong" };
      await upFails(
        archive("shop/web:v1", { path: "b.tar", integratedRegistry: wrong }),
        /set integratedRegistry.*\[REGISTRY_UNAUTHORIZED\]/,
      );
      const noCa = { url: "https://registry.invalid", caCert: "/nowhere/ca.pem" };
      await upFails(
        archive("shop/web:v1", { path: "b.tar", integratedRegistry: noCa }),
        /^integratedRegistry\.caCert: .*\/nowhere\/ca\.pem/,
      );
    });
  });

  describe("on a cluster that is recorded", () => {
    let other: ArchiveWorld;
    beforeEach(async () => {
      await open();
      other = await startArchiveWorld();
    });
    afterEach(() => other.close());

    /** As if the shell had changed: the argument is the same, and another cluster answers. */
    async function pointElsewhere(engine: Engine): Promise<void> {
      const swap = (bag: object) => ({ ...bag, connection: other.connection });
      const { state } = engine;
      engine.state = {
        ...state!,
        inputs: swap(state!.inputs),
        outputs: swap(state!.outputs),
      } as Engine["state"];
      await Promise.resolve();
    }

    it("have their cluster as an output, which archives without streams do not have", async () => {
      push("v1", "first");
      world.publish("v1");
      const [streams, registry] = [world.pulumi("a"), world.pulumi("b")];
      await streams.up(archive("shop/web:v1"));
      await registry.up({ ...archive(""), path: "b.tar", images: [`${world.host}/acme/web:v1`] });

      const { cluster } = streams.state!.outputs as {
        readonly cluster?: { readonly server: string; readonly uid: string };
      };
      assert.equal(cluster?.server, world.sandbox.url);
      assert.match(cluster.uid, /./);
      assert.equal("cluster" in registry.state!.outputs, false);
    });

    it("stop refresh, update and delete that reach another cluster, with both named", async () => {
      push("v1", "first");
      const pulumi = world.pulumi();
      await pulumi.up(archive("shop/web:v1"));
      const before = pulumi.state;
      await pointElsewhere(pulumi);
      const both = (error: Error) => {
        assert.match(error.message, /OTHER_CLUSTER/);
        for (const { sandbox } of [world, other])
          assert.ok(error.message.includes(sandbox.url), error.message);
        return true;
      };
      other.sandbox.integratedRegistry.push({
        namespace: "shop",
        name: "web",
        tag: "v1",
        image: { layers: ["x"] },
      });

      await assert.rejects(pulumi.refresh(), both);
      await assert.rejects(pulumi.up({ ...archive("shop/web:v1"), connection: other.connection }), both);
      await assert.rejects(pulumi.destroy(), both);
      assert.ok(existsSync(world.file()));
      pulumi.state = before;
      await pulumi.destroy();
      assert.equal(existsSync(world.file()), false);
    });

    it("are exported from another cluster when the program names one", async () => {
      push("v1", "first");
      const { digest } = other.sandbox.integratedRegistry.push({
        namespace: "shop",
        name: "web",
        tag: "v1",
        image: { layers: ["another"] },
      });
      const pulumi = world.pulumi();
      await pulumi.up(archive("shop/web:v1"));
      const moved = { ...archive("shop/web:v1"), connection: other.connection };
      assert.equal((await pulumi.preview(moved)).step, "update");
      await pulumi.up(moved);

      assert.equal(digestIn(pulumi), digest);
      assert.equal(
        (pulumi.state!.outputs as { readonly cluster?: { readonly server: string } }).cluster?.server,
        other.sandbox.url,
      );
      assert.equal(await pulumi.refresh(), "same");
    });

    it("are refreshed and deleted though their cluster is gone", async () => {
      push("v1", "first");
      const pulumi = world.pulumi();
      await pulumi.up(archive("shop/web:v1"));
      world.sandbox.faults.add({ server: "api", effect: { kind: "answer", status: 503, body: "{}" } });

      assert.equal(await pulumi.refresh(), "same");
      await pulumi.destroy();
      assert.equal(existsSync(world.file()), false);
    });
  });

  it("name both rights that an export needs when they may not be read", async () => {
    await open();
    push("v1", "first");
    const token = world.sandbox.addToken("nobody");
    await upFails(
      archive("shop/web:v1", { connection: { ...world.connection, token } }),
      /may not get imagestreams\.image\.openshift\.io in namespace shop; get imagestreams\/layers\.image\.openshift\.io in namespace shop.*registry-viewer.*\[API_FORBIDDEN\]/,
    );
  });
});
