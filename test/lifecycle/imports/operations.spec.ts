import assert from "node:assert/strict";
import type { ResolvedImage, ResolvedTags } from "../../../provider/imports/plan/resolvedTag.js";
import type { ResourceState } from "../../support/fakes/pulumi.js";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

function resolved(bag: { readonly resolved?: unknown }, tag: string): ResolvedImage {
  return (bag.resolved as ResolvedTags)[tag] as ResolvedImage;
}

function digestIn(state: ResourceState | undefined, tag: string): string {
  return resolved(state!.outputs, tag).digest;
}

describe("ImportedImageStream", () => {
  let world: ImportWorld;
  let v1: string;
  let v2: string;

  beforeEach(async () => {
    world = await startImportWorld();
    v1 = world.publish("v1");
    v2 = world.publish("v2");
  });
  afterEach(() => world.sandbox.close());

  const web = (tags: Record<string, unknown>, more: object = {}) => ({
    connection: world.connection,
    namespace: "shop",
    name: "web",
    tags,
    ...more,
  });
  const one = (more: object = {}) => web({ v1: "quay.io/acme/web:v1" }, more);

  describe("created, unchanged, destroyed", () => {
    it("previews the digest without writing anything", async () => {
      const preview = await world.pulumi().preview(one());

      assert.equal(preview.step, "create");
      assert.deepEqual(preview.failures, []);
      assert.equal(resolved(preview.inputs, "v1").digest, v1);
      assert.equal(resolved(preview.inputs, "v1").pullSpec, `quay.io/acme/web@${v1}`);
      assert.deepEqual(resolved(preview.inputs, "v1").platforms, ["linux/amd64"]);
      assert.equal(world.stream(), undefined);
    });

    it("imports what was previewed, and is quiet afterwards with one GET of the stream", async () => {
      const pulumi = world.pulumi();
      const preview = await pulumi.preview(one());

      await pulumi.up(one());

      assert.equal(world.served("v1"), v1);
      assert.deepEqual(pulumi.state?.outputs.resolved, preview.inputs.resolved);
      assert.equal(pulumi.state?.id, "shop/web");

      world.sandbox.requests.clear();
      assert.equal((await pulumi.up(one())).step, "same");
      assert.deepEqual(world.writes(), []);
      assert.equal(world.sandbox.requests.matching({ path: /imagestreams\/web$/ }).length, 1);
      assert.equal(await pulumi.refresh(), "same");
    });

    it("destroys its tag and the stream it created", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());

      await pulumi.destroy();

      assert.equal(world.stream(), undefined);
    });
  });

  describe("many tags", () => {
    it("imports all, each with its own policies", async () => {
      const pulumi = world.pulumi();
      const declared = web({
        v1: "quay.io/acme/web:v1",
        v2: {
          image: "quay.io/acme/web:v2",
          scheduled: true,
          referencePolicy: "Local",
          annotations: { a: "1" },
        },
        pinned: `quay.io/acme/web@${v1}`,
      });
      await pulumi.up(declared);

      const tags = world.stream()!.spec.tags!;
      assert.deepEqual(
        tags.map((tag) => tag.name),
        ["pinned", "v1", "v2"],
      );
      assert.deepEqual(tags[2]!.annotations, { a: "1" });
      assert.deepEqual(tags[2]!.importPolicy, { scheduled: true, importMode: "Legacy" });
      assert.equal(tags[2]!.referencePolicy?.type, "Local");
      assert.equal(world.served("pinned"), v1);
      assert.match(resolved(pulumi.state!.outputs, "v2").pullSpec, /\/shop\/web@sha256:/);
      assert.equal((await pulumi.up(declared)).step, "same");
    });

    it("sends at most three images a request", async () => {
      const names = Array.from({ length: 8 }, (_, index) => `t${index}`);
      for (const name of names) world.publish(name);
      const pulumi = world.pulumi();

      await pulumi.up(web(Object.fromEntries(names.map((name) => [name, `quay.io/acme/web:${name}`]))));

      const imports = world.writes().filter((request) => request.path.endsWith("/imagestreamimports"));
      assert.equal(imports.length, 6, "three lookups and three storing imports");
      assert.equal(pulumi.state?.initErrors.length, 0);
    });

    it("answers every platform of an index, and the digest of the index", async () => {
      const index = world.sandbox.registry().publishIndex("acme/multi", "v1", [
        { os: "linux", architecture: "arm64" },
        { os: "linux", architecture: "amd64" },
      ]);
      const pulumi = world.pulumi();
      const tags = web(
        { all: "quay.io/acme/multi:v1", one: { image: "quay.io/acme/multi:v1", importMode: "Legacy" } },
        { importMode: "PreserveOriginal" },
      );

      const preview = await pulumi.preview(tags);
      await pulumi.up(tags);

      assert.equal(resolved(preview.inputs, "all").digest, index.digest);
      assert.deepEqual(resolved(preview.inputs, "all").platforms, ["linux/amd64", "linux/arm64"]);
      assert.equal(resolved(preview.inputs, "one").digest, index.children[1]!.digest);
      assert.equal(world.served("all"), index.digest);
      assert.equal(world.served("one"), index.children[1]!.digest);
    });

    it("takes the platform that a tag prefers, and another one when that changes", async () => {
      const index = world.sandbox.registry().publishIndex("acme/multi", "v1", [
        { os: "linux", architecture: "amd64" },
        { os: "linux", architecture: "arm64" },
        { os: "linux", architecture: "s390x" },
      ]);
      const pulumi = world.pulumi();
      const preferring = (architecture: string) =>
        web({
          v1: {
            image: "quay.io/acme/multi:v1",
            annotations: { "importer.image.openshift.io/prefer-arch": architecture },
          },
        });

      const preview = await pulumi.preview(preferring("arm64"));
      await pulumi.up(preferring("arm64"));
      assert.equal(resolved(preview.inputs, "v1").digest, index.children[1]!.digest);
      assert.equal(world.served("v1"), index.children[1]!.digest);
      assert.equal((await pulumi.up(preferring("arm64"))).step, "same");

      await pulumi.up(preferring("s390x"));
      assert.equal(world.served("v1"), index.children[2]!.digest);
      assert.equal((await pulumi.up(preferring("s390x"))).step, "same");
    });

    it("takes the tag of source, and latest where it has none", async () => {
      const latest = world.publish("latest");
      const pulumi = world.pulumi();

      await pulumi.up({ connection: world.connection, namespace: "shop", source: "quay.io/acme/web" });

      assert.equal(world.served("latest"), latest);
      assert.equal(pulumi.state?.id, "shop/web");
    });
  });

  describe("upstream moved", () => {
    const moved = async (track: string) => {
      const pulumi = world.pulumi();
      await pulumi.up(one({ trackUpstream: track }));
      world.sandbox.registry().moveTag("acme/web", "v1", v2);
      world.sandbox.requests.clear();
      return pulumi;
    };

    it("is not even asked about when pinned", async () => {
      const pulumi = await moved("pinned");

      assert.equal((await pulumi.preview(one({ trackUpstream: "pinned" }))).step, "same");
      assert.deepEqual(world.writes(), []);
    });

    it("is reported, and nothing changes", async () => {
      const pulumi = await moved("report");

      const preview = await pulumi.preview(one({ trackUpstream: "report" }));

      assert.equal(preview.step, "same");
      assert.match(pulumi.lines.join("\n"), new RegExp(`warning: v1 moved upstream: ${v1} -> ${v2}`));
      await pulumi.up(one({ trackUpstream: "report" }));
      assert.equal(world.served("v1"), v1);
    });

    it("is followed: old and new digest show, and up imports the new one", async () => {
      const pulumi = await moved("follow");

      const preview = await pulumi.preview(one({ trackUpstream: "follow" }));

      assert.equal(preview.step, "update");
      assert.equal(resolved(preview.inputs, "v1").digest, v2);
      assert.equal(digestIn(pulumi.state, "v1"), v1);
      await pulumi.up(one({ trackUpstream: "follow" }));
      assert.equal(world.served("v1"), v2);
      assert.equal(digestIn(pulumi.state, "v1"), v2);
      assert.equal((await pulumi.up(one({ trackUpstream: "follow" }))).step, "same");
    });

    it("is left alone where the program ignores changes of resolved", async () => {
      const pulumi = await moved("follow");
      const ignoring = { ignoreChanges: ["resolved"] };

      assert.equal((await pulumi.up(one({ trackUpstream: "follow" }), ignoring)).step, "same");
      await pulumi.up(one({ trackUpstream: "follow", labels: { a: "1" } }), ignoring);

      assert.equal(world.served("v1"), v1);
      assert.equal(world.stream()?.metadata.labels?.a, "1");
      assert.equal(digestIn(pulumi.state, "v1"), v1);
    });

    it("between check and import is an error, and the next run shows what is there", async () => {
      const pulumi = world.pulumi();
      const moving = world.sandbox.faults;
      // The lookup answers v1; before the storing import the tag moves.
      const hooksSawV1 = await pulumi.preview(one());
      assert.equal(resolved(hooksSawV1.inputs, "v1").digest, v1);
      moving.add({
        method: "POST",
        path: "/imagestreams$",
        body: () => {
          world.sandbox.registry().moveTag("acme/web", "v1", v2);
          return false;
        },
        times: 0,
        effect: { kind: "delay", milliseconds: 1 },
      });

      await assert.rejects(pulumi.up(one()), /planned was .*IMPORT_MOVED/s);

      assert.equal(pulumi.state?.initErrors.length, 1);
      moving.clear();
      await pulumi.up(one());
      assert.equal(digestIn(pulumi.state, "v1"), v2);
    });
  });

  describe("changed by hand", () => {
    const drifts: readonly {
      readonly name: string;
      readonly drift: () => Promise<void>;
      readonly line?: RegExp;
    }[] = [
      { name: "a tag was deleted", drift: () => world.deleteTag("v1"), line: /v1 is not on the cluster/ },
      {
        name: "scheduled was set",
        drift: () =>
          world.edit((s) => {
            s.spec.tags[0]!.importPolicy = { scheduled: true };
          }),
        line: /scheduled is true/,
      },
      {
        name: "the reference policy was changed",
        drift: () =>
          world.edit((s) => {
            s.spec.tags[0]!.referencePolicy = { type: "Local" };
          }),
        line: /referencePolicy is Local/,
      },
      {
        name: "the source was changed",
        drift: () =>
          world.edit((s) => {
            s.spec.tags[0]!.from = { kind: "DockerImage", name: "quay.io/acme/web:v2" };
          }),
        line: /another source/,
      },
      {
        name: "the tag became an alias",
        drift: () =>
          world.edit((s) => {
            s.spec.tags[0]!.from = { kind: "ImageStreamTag", name: "v2" };
          }),
        line: /ImageStreamTag v2/,
      },
      {
        name: "a tag annotation was changed",
        drift: () =>
          world.edit((s) => {
            s.spec.tags[0]!.annotations = { team: "theirs" };
          }),
        line: /annotation team/,
      },
      {
        name: "a label of the stream was removed",
        drift: () =>
          world.edit((s) => {
            s.metadata.labels = {};
          }),
      },
      {
        name: "local lookup was switched off",
        drift: () =>
          world.edit((s) => {
            s.spec.lookupPolicy.local = false;
          }),
      },
    ];
    const args = () =>
      web(
        { v1: { image: "quay.io/acme/web:v1", annotations: { team: "ours" } } },
        { labels: { app: "web" }, lookupLocal: true },
      );

    for (const { name, drift, line } of drifts) {
      it(`${name}: preview and refresh show it, up repairs it`, async () => {
        const pulumi = world.pulumi();
        await pulumi.up(args());
        await drift();

        assert.equal((await pulumi.preview(args())).step, "update");
        if (line !== undefined) assert.match(pulumi.lines.join("\n"), line);
        const before = pulumi.state;
        assert.equal(await pulumi.refresh(), "update");
        assert.equal((await pulumi.preview(args())).step, "update", "after the refresh");
        pulumi.state = before;
        await pulumi.up(args());

        assert.equal((await pulumi.up(args())).step, "same");
        assert.equal(world.served("v1"), v1);
        const tag = world.stream()!.spec.tags![0]!;
        assert.deepEqual(tag.from, { kind: "DockerImage", name: "quay.io/acme/web:v1" });
        assert.deepEqual(tag.annotations, { team: "ours" });
        assert.equal(tag.importPolicy?.scheduled ?? false, false);
        assert.equal(tag.referencePolicy?.type, "Source");
        assert.equal(world.stream()!.metadata.labels?.app, "web");
        assert.equal(world.stream()!.spec.lookupPolicy?.local, true);
      });

      it(`${name}: up repairs it after a refresh too`, async () => {
        const pulumi = world.pulumi();
        await pulumi.up(args());
        await drift();

        await pulumi.refresh();
        await pulumi.up(args());

        assert.equal((await pulumi.up(args())).step, "same");
        assert.equal(await pulumi.refresh(), "same");
        assert.equal(world.served("v1"), v1);
        assert.deepEqual(world.stream()!.spec.tags![0]!.annotations, { team: "ours" });
      });
    }

    it("the stream was deleted: a refresh forgets it, up imports again", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      await world.deleteTag("v1");
      await world.deleteStream();

      assert.equal(await pulumi.refresh(), "delete");
      await pulumi.up(one());

      assert.equal(world.served("v1"), v1);
    });

    it("the stream was deleted: up without a refresh imports again", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      await world.deleteStream();

      assert.equal((await pulumi.up(one())).step, "update");

      assert.equal(world.served("v1"), v1);
      await pulumi.destroy();
      assert.equal(world.stream(), undefined);
    });
  });

  describe("a changed program", () => {
    it("removes a tag that is no longer declared, and leaves foreign ones", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(web({ v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2" }));
      await world.edit((stream) => {
        stream.spec.tags.push({ name: "theirs", from: { kind: "DockerImage", name: "quay.io/acme/web:v2" } });
      });

      await pulumi.up(one());

      assert.deepEqual(
        world.stream()!.spec.tags!.map((tag) => tag.name),
        ["theirs", "v1"],
      );
      assert.equal(world.served("v2"), undefined);
      assert.deepEqual(pulumi.state?.outputs.owned, ["v1"]);
      await pulumi.destroy();
      assert.deepEqual(
        world.stream()!.spec.tags!.map((tag) => tag.name),
        ["theirs"],
      );
      assert.deepEqual(Object.keys(world.stream()!.metadata.annotations ?? {}), [
        "openshift.io/image.dockerRepositoryCheck",
      ]);
    });

    it("imports a tag from its new source", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());

      await pulumi.up(web({ v1: "quay.io/acme/web:v2" }));

      assert.equal(world.served("v1"), v2);
    });

    it("imports again when triggers change, once", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      world.sandbox.registry().moveTag("acme/web", "v1", v2);

      await pulumi.up(one({ triggers: ["now"] }));

      assert.equal(world.served("v1"), v2);
      assert.equal((await pulumi.up(one({ triggers: ["now"] }))).step, "same");
    });

    it("is no change where only the spelling differs", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());

      const respelled = web(
        { v1: { image: "quay.io/acme/web:v1", scheduled: false } },
        { trackUpstream: "pinned" },
      );
      assert.equal((await pulumi.up(respelled)).step, "same");
    });

    it("replaces the stream when its name changes", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());

      assert.equal((await pulumi.up({ ...one(), name: "site" })).step, "replace");

      assert.equal(world.stream("web"), undefined);
      assert.equal(world.served("v1", "site"), v1);
    });

    it("keeps a name that was taken from the resource when that is renamed with aliases", async () => {
      const pulumi = world.pulumi();
      const { name: _, ...unnamed } = one();
      await pulumi.up(unnamed);
      pulumi.rename("renamed");

      assert.equal((await pulumi.up(unnamed)).step, "same");
      assert.equal((await pulumi.up(unnamed, { replace: true })).step, "replace");
      assert.equal(world.served("v1"), v1);
      await pulumi.destroy();
      assert.equal(world.stream(), undefined);
    });
  });

  describe("one stream under two resources", () => {
    it("a replacement takes over, and the old one's delete removes nothing", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());

      await pulumi.up(one(), { replace: true });

      assert.equal(world.served("v1"), v1);
      assert.equal((await pulumi.up(one())).step, "same");
      await pulumi.destroy();
      assert.equal(world.stream(), undefined, "whether it created the stream was handed over");
    });

    it("a replacement that also drops a tag removes just that tag", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(web({ v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2" }));

      await pulumi.up(one(), { replace: true });

      assert.equal(world.served("v1"), v1);
      assert.equal(world.served("v2"), undefined);
    });

    it("a rename without aliases is refused, and loses nothing", async () => {
      const old = world.pulumi();
      await old.up(one());
      const renamed = world.pulumi("renamed");

      const preview = await renamed.preview(one());
      await assert.rejects(renamed.up(one()), /belongs to urn:.*::web\..*aliases.*adopt.*STREAM_CLAIMED/);

      assert.match(preview.failures.join("\n"), /STREAM_CLAIMED/);
      assert.equal(world.served("v1"), v1);
    });

    it("a rename with adopt takes over, and the old one's delete removes nothing", async () => {
      const old = world.pulumi();
      await old.up(one());
      const renamed = world.pulumi("renamed");

      await renamed.up(one({ adopt: true }));
      await old.destroy();

      assert.equal(world.served("v1"), v1);
      assert.equal((await renamed.up(one({ adopt: true }))).step, "same");
      await renamed.destroy();
      assert.equal(world.stream(), undefined);
    });

    it("the loser learns it at its next up", async () => {
      const old = world.pulumi();
      await old.up(one());
      await world.pulumi("renamed").up(one({ adopt: true }));

      await assert.rejects(old.up(one()), /CLAIM_LOST/);
    });

    it("two resources own different tags of it", async () => {
      const first = world.pulumi("first");
      const second = world.pulumi("second");
      await first.up(one());
      await second.up(web({ v2: "quay.io/acme/web:v2" }));

      await first.destroy();
      assert.equal(world.served("v2"), v2);
      assert.equal((await second.up(web({ v2: "quay.io/acme/web:v2" }))).step, "same");
      await second.destroy();
    });

    it("three resources create it at the same time", async () => {
      const v3 = world.publish("v3");
      const names = ["v1", "v2", "v3"];
      const engines = names.map((name) => world.pulumi(name));
      const args = (name: string) => web({ [name]: `quay.io/acme/web:${name}` });

      await Promise.all(engines.map((pulumi, index) => pulumi.up(args(names[index]!))));

      assert.deepEqual(
        names.map((name) => world.served(name)),
        [v1, v2, v3],
      );
      await Promise.all(engines.map((pulumi) => pulumi.destroy()));
      assert.equal(world.stream(), undefined);
    });

    it("a create that was interrupted is run again", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      pulumi.state = undefined;

      await pulumi.up(one());

      await pulumi.destroy();
      assert.equal(world.stream(), undefined);
    });

    it("a tag that exists already is refused, and adopted on wish", async () => {
      await world.seedTag("v1", "quay.io/acme/web:v2");
      const pulumi = world.pulumi();

      await assert.rejects(pulumi.up(one()), /TAG_NOT_OWNED/);
      assert.equal(world.stream()?.spec.tags?.[0]?.from?.name, "quay.io/acme/web:v2");
      await pulumi.up(one({ adopt: true }));

      assert.equal(world.served("v1"), v1);
      await pulumi.destroy();
      assert.notEqual(world.stream(), undefined, "somebody else created the stream");
    });
  });

  describe("onDestroy", () => {
    it("keep leaves tags and stream, but no claim", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one({ onDestroy: "keep", labels: { app: "web" } }));

      await pulumi.destroy();

      assert.equal(world.served("v1"), v1);
      assert.equal(world.stream()?.metadata.labels?.app, "web");
      assert.doesNotMatch(JSON.stringify(world.stream()?.metadata.annotations), /claim/);
    });

    it("stream removes foreign tags too", async () => {
      await world.seedTag("theirs", "quay.io/acme/web:v2");
      const pulumi = world.pulumi();
      await pulumi.up(one({ onDestroy: "stream" }));

      await pulumi.destroy();

      assert.equal(world.stream(), undefined);
    });

    it("stream is refused while another resource owns tags", async () => {
      const pulumi = world.pulumi();
      const other = world.pulumi("other");
      await pulumi.up(one({ onDestroy: "stream" }));
      await other.up(web({ v2: "quay.io/acme/web:v2" }));

      await assert.rejects(pulumi.destroy(), /STREAM_CLAIMED/);

      assert.equal(world.served("v1"), v1);
    });
  });

  describe("rules of the cluster", () => {
    const limitTo = (limits: Record<string, string>) =>
      world.sandbox.seed({
        apiVersion: "v1",
        kind: "LimitRange",
        metadata: { namespace: "shop", name: "images" },
        spec: { limits: [{ type: "openshift.io/ImageStream", max: limits }] },
      });
    const allow = (domainName: string) =>
      world.sandbox.seed({
        apiVersion: "config.openshift.io/v1",
        kind: "Image",
        metadata: { name: "cluster" },
        spec: { allowedRegistriesForImport: [{ domainName }] },
      });

    it("a registry that is not allowed stops the preview before it is contacted", async () => {
      allow("docker.io");
      world.sandbox.requests.clear();

      const preview = await world.pulumi().preview(one());

      assert.match(
        preview.failures.join(),
        /registry "quay\.io.*not in allowedRegistriesForImport.*IMPORT_REGISTRY_NOT_ALLOWED/,
      );
      assert.deepEqual(world.sandbox.requests.matching({ server: "open" }), []);
    });

    it("a limit of tags stops the preview", async () => {
      limitTo({ "openshift.io/image-tags": "1" });

      const preview = await world
        .pulumi()
        .preview(web({ v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2" }));

      assert.match(preview.failures.join(), /openshift\.io\/image-tags.*API_INVALID/);
    });

    it("a limit of images fails in up, and the next up repairs it", async () => {
      limitTo({ "openshift.io/images": "1" });
      const pulumi = world.pulumi();
      const two = web({ v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2" });

      await assert.rejects(pulumi.up(two), /tags\.v1: .*openshift\.io\/images/);
      assert.notEqual(pulumi.state, undefined, "the stream was created, so the state is kept");
      limitTo({ "openshift.io/images": "5" });
      await pulumi.up(two);

      assert.equal(world.served("v1"), v1);
      assert.equal(world.served("v2"), v2);
    });

    it("a namespace that is being deleted is told", async () => {
      world.sandbox.seed({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "going", deletionTimestamp: "2026-01-01T00:00:00Z" },
        status: { phase: "Terminating" },
      });

      const preview = await world.pulumi().preview({ ...one(), namespace: "going" });

      assert.match(preview.failures.join(), /namespace going is being deleted.*API_FORBIDDEN/);
    });

    it("a user without rights is told which role has them", async () => {
      const [alice] = world.sandbox.users;
      const connection = { ...world.connection, token: alice!.token };

      const preview = await world.pulumi().preview({ ...one(), connection });

      assert.match(
        preview.failures.join(),
        /alice may not get imagestreams in namespace shop.*oc policy add-role-to-user/,
      );
    });

    it("policy Local names the integrated registry in the first preview already", async () => {
      const preview = await world.pulumi().preview(one({ referencePolicy: "Local" }));

      assert.match(
        resolved(preview.inputs, "v1").pullSpec,
        new RegExp(`^image-registry\\..*:5000/shop/web@${v1}$`),
      );
    });

    it("a pushed tag of the same stream is left alone", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      world.push("pushed", v2);

      await pulumi.up(web({ v2: "quay.io/acme/web:v2" }));
      await pulumi.destroy();

      assert.equal(world.served("pushed"), v2);
    });
  });

  describe("trouble", () => {
    const three = () =>
      web({ v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2", v3: "quay.io/acme/web:v3" });

    it("a tag that does not exist stops the preview, before anything is written", async () => {
      const preview = await world.pulumi().preview(three());

      assert.equal(preview.failures.length, 1);
      assert.match(
        preview.failures[0]!,
        /^tags\.v3: quay\.io\/acme\/web:v3 was not imported: .*\[IMPORT_NOT_FOUND\]$/,
      );
      assert.equal(world.stream(), undefined);
    });

    it("one of three tags failing in up: the others are kept, and the next up repairs", async () => {
      const pulumi = world.pulumi();

      await assert.rejects(pulumi.up(three()), /tags\.v3: .*IMPORT_NOT_FOUND/);

      assert.equal(world.served("v1"), v1);
      assert.equal(world.served("v2"), v2);
      assert.equal(pulumi.state?.outputs.__provider, "code");
      assert.deepEqual(pulumi.state.outputs.owned, ["v1", "v2", "v3"]);
      const v3 = world.publish("v3");
      await pulumi.refresh();
      await pulumi.up(three());
      assert.equal(world.served("v3"), v3);
      assert.equal((await pulumi.up(three())).step, "same");
    });

    it("one of three tags failing in up: destroy works from there", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(three()).catch(() => undefined);

      await pulumi.destroy();

      assert.equal(world.stream(), undefined);
    });

    it("a server's words about a failing tag enter the state without the token", async () => {
      const token = world.sandbox.adminToken;
      const row = { code: 500, reason: "Forbidden", message: `refused: Bearer ${token}` };
      world.sandbox.faults.add({ effect: { kind: "importRow", tag: "v1", row }, times: 0 });
      const pulumi = world.pulumi();

      await assert.rejects(pulumi.up(one()), (error: Error) => !error.message.includes(token));

      const { connection, ...state } = pulumi.state!.outputs;
      const { connection: given, ...inputs } = pulumi.state!.inputs;
      assert.deepEqual([connection, given], [world.connection, world.connection]);
      assert.match(JSON.stringify(state), /refused: Bearer \[secret\]/);
      assert.doesNotMatch(JSON.stringify([state, inputs]), new RegExp(token));
    });

    it("success that stays without an image is never reported as success", async () => {
      const effect = { kind: "importRow", tag: "v1", row: "successWithoutImage", storingOnly: true } as const;
      world.sandbox.faults.add({ effect, times: 0 });
      const pulumi = world.pulumi();

      await assert.rejects(pulumi.up(one()), /reported success but gave no image.*IMPORT_FAILED/);

      assert.match(JSON.stringify(pulumi.state?.outputs.resolved), /"error"/);
      world.sandbox.faults.clear();
      await pulumi.up(one());
      assert.equal(digestIn(pulumi.state, "v1"), v1);
    });

    it("success without an image is a failure, and is asked for again", async () => {
      world.sandbox.faults.add({
        effect: { kind: "importRow", tag: "v1", row: "successWithoutImage", storingOnly: true },
        times: 2,
      });
      const pulumi = world.pulumi();

      await pulumi.up(one());

      assert.equal(digestIn(pulumi.state, "v1"), v1);
    });

    const survived: readonly {
      readonly name: string;
      readonly fault: Parameters<ImportWorld["sandbox"]["faults"]["add"]>[0];
    }[] = [
      {
        name: "409 on the definition",
        fault: {
          method: "POST",
          path: "/imagestreams$",
          effect: { kind: "answer", status: 409, body: conflict() },
        },
      },
      {
        name: "429 on a read",
        fault: {
          method: "GET",
          path: "/imagestreams/web$",
          effect: { kind: "answer", status: 429, headers: { "retry-after": "0" } },
        },
      },
      {
        name: "503 on a read",
        fault: {
          method: "GET",
          path: "/imagestreams/web$",
          times: 2,
          effect: { kind: "answer", status: 503, body: "service unavailable" },
        },
      },
      {
        name: "503 on an import",
        fault: {
          method: "POST",
          path: "/imagestreamimports",
          effect: { kind: "answer", status: 503, headers: { "retry-after": "0" } },
        },
      },
      {
        name: "a cut connection before an import",
        fault: { method: "POST", path: "/imagestreamimports", effect: { kind: "cut", when: "before" } },
      },
      {
        name: "a cut connection after an import was stored",
        fault: {
          method: "POST",
          path: "/imagestreamimports",
          body: '"import":true',
          effect: { kind: "cut", when: "after" },
        },
      },
      {
        name: "a 504 after an import was stored",
        fault: {
          method: "POST",
          path: "/imagestreamimports",
          body: '"import":true',
          effect: {
            kind: "answer",
            status: 504,
            afterEffect: true,
            body: { metadata: {}, status: "Failure", reason: "Timeout", code: 504 },
          },
        },
      },
      {
        name: "a cut connection after the stream was created",
        fault: { method: "POST", path: "/imagestreams$", effect: { kind: "cut", when: "after" } },
      },
      {
        name: "a 504 after the stream was created",
        fault: {
          method: "POST",
          path: "/imagestreams$",
          effect: {
            kind: "answer",
            status: 504,
            afterEffect: true,
            body: { metadata: {}, status: "Failure", reason: "Timeout", code: 504 },
          },
        },
      },
      {
        name: "409 on an import",
        fault: {
          method: "POST",
          path: "/imagestreamimports",
          body: '"import":true',
          effect: { kind: "answer", status: 409, body: conflict() },
        },
      },
    ];
    for (const { name, fault } of survived) {
      it(`${name} is survived`, async () => {
        const id = world.sandbox.faults.add(fault);
        const pulumi = world.pulumi();

        await pulumi.up(one());

        assert.ok(
          world.sandbox.faults.list().find((active) => active.id === id)!.hits > 0,
          "the fault was met",
        );
        assert.equal(world.served("v1"), v1);
        assert.equal(world.stream()!.status!.tags![0]!.items!.length, 1);
        assert.equal((await pulumi.up(one())).step, "same");
      }).timeout(30_000);
    }

    it("a namespace that is not there yet is unknown in a preview and an error in up", async () => {
      const pulumi = world.pulumi();
      const elsewhere = { ...one(), namespace: "later" };

      const preview = await pulumi.preview(elsewhere);

      assert.deepEqual(preview.failures, []);
      assert.match(JSON.stringify(preview.inputs.resolved), /04da6b54/);
      assert.match(pulumi.lines.join("\n"), /namespace: "later" does not exist yet/);
      await assert.rejects(pulumi.up(elsewhere), /"later" does not exist yet.*dependsOn/);
    });

    it("another cluster is refused by read, update and delete, and replaced by a changed program", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(one());
      const other = await startImportWorld();
      try {
        other.publish("v1");
        const there = { ...pulumi.state!.outputs, connection: other.connection };
        const here = pulumi.state!;
        pulumi.state = { ...here, outputs: there as typeof here.outputs };

        await assert.rejects(pulumi.refresh(), /OTHER_CLUSTER/);
        await assert.rejects(pulumi.destroy(), /OTHER_CLUSTER/);
        pulumi.state = here;
        const plan = await pulumi.preview({ ...one(), connection: other.connection });
        assert.equal(plan.step, "replace");
        assert.equal(world.served("v1"), v1);
      } finally {
        await other.sandbox.close();
      }
    });

    it("is told with every problem at once, before any request", async () => {
      const preview = await world.pulumi().preview({
        connection: { ...world.connection, colour: "red" },
        namespace: "Shop",
        name: "web",
        tags: {
          "1.27": "docker.io/Nope",
          ok: { image: "quay.io/a/b:1", schedule: true },
          "bad tag": "quay.io/a/b:1",
        },
        onDestroy: "sometimes",
      });

      const text = preview.failures.join("\n");
      assert.match(text, /^namespace: "Shop" is not a valid namespace name/m);
      assert.match(text, /^tags\.ok\.schedule: /m);
      assert.match(text, /^onDestroy: /m);
      assert.match(text, /^connection\.colour: /m);
      assert.deepEqual(world.sandbox.requests.matching(), []);
    });

    it("names the semantic problems of tags by the path that was written", async () => {
      const preview = await world.pulumi().preview(
        web({
          "1.27": "docker.io/Nope",
          "bad tag": "quay.io/a/b:1",
          d: { image: `quay.io/a/b@${v1}`, scheduled: true },
        }),
      );

      const text = preview.failures.join("\n");
      assert.match(text, /^tags\["1\.27"\]: /m);
      assert.match(text, /^tags\["bad tag"\]: is not a valid tag name/m);
      assert.match(text, /^tags\.d\.scheduled: /m);
    });
  });
});

function conflict(): object {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    reason: "Conflict",
    message: "the object has been modified",
    code: 409,
  };
}
