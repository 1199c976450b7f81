import assert from "node:assert/strict";
import { planIn, type PruneWorld, startPruneWorld } from "../../support/worlds/prune.js";

describe("names in the arguments of a policy", () => {
  let world: PruneWorld;

  beforeEach(async () => {
    world = await startPruneWorld({ namespaces: ["shop", "empty"] });
    world.pushWeb(60, 50, 40);
    world.runPod("other", "quay.io/acme/other:1");
    world.beginRun();
  });
  afterEach(() => world.close());

  const policy = (more: object) => world.policy({ keepTagRevisions: 1, ...more });

  const missing: readonly { readonly what: string; readonly args: object; readonly says: RegExp }[] = [
    {
      what: "a namespace",
      args: { namespace: "shopp" },
      says: /namespace: there is no namespace shopp; did you mean "shop"\? .*dependsOn \[NAMESPACE_NOT_FOUND\]/,
    },
    {
      what: "a namespace that has no image streams",
      args: { namespace: "emty" },
      says: /namespace: there is no namespace emty; did you mean "empty"\?/,
    },
    {
      what: "a namespace for oc's rules",
      args: { namespace: "shopp", rules: "oc" },
      says: /namespace: there is no namespace shopp/,
    },
    {
      what: "a selected namespace",
      args: { select: { namespaces: ["shop", "Shop"] } },
      says: /select\.namespaces\[1\]: there is no namespace Shop; did you mean "shop"\?/,
    },
    {
      what: "a selected stream",
      args: { select: { streams: ["shop/wbe"] } },
      says: /select\.streams\[0\]: there is no image stream shop\/wbe; did you mean "shop\/web"\? .*\[STREAM_NOT_FOUND\]/,
    },
    {
      what: "the namespace of a selected glob of streams",
      args: { select: { streams: ["shoop/*"] } },
      says: /select\.streams\[0\]: there is no namespace shoop; did you mean "shop"\?/,
    },
    {
      what: "a kept namespace that is like no other",
      args: { keep: { namespaces: ["payments"] } },
      says: /keep\.namespaces\[0\]: there is no namespace payments\. Correct the name/,
    },
    {
      what: "a kept stream",
      args: { keep: { streams: ["shop/webb"] } },
      says: /keep\.streams\[0\]: there is no image stream shop\/webb/,
    },
    {
      what: "a namespace of a report",
      args: { namespace: "shopp", mode: "report" },
      says: /namespace: there is no namespace shopp/,
    },
  ];
  for (const { what, args, says } of missing) {
    it(`are a warning in a preview and an error in up when they do not exist: ${what}`, async () => {
      const pulumi = world.pulumi();
      const preview = await pulumi.preview(policy(args));

      assert.deepEqual(preview.failures, []);
      const warned = pulumi.lines.filter((line) => says.test(line));
      assert.equal(warned.length, 1, pulumi.lines.join("\n"));
      assert.match(warned[0] ?? "", /^warning: pulumi up would stop here: /);
      await assert.rejects(pulumi.up(policy(args)), says);
      assert.equal(world.history("shop/web:latest").length, 3);
    });
  }

  it("are accepted when they exist, are globs, or cannot be looked for", async () => {
    const pulumi = world.pulumi();
    const args = policy({
      select: {
        namespaces: ["sho*", "empty"],
        streams: ["shop/*", "*/web", "shop/w?b", "{a,b}/x", "{x,z}/y"],
      },
      keep: { namespaces: ["prod-*"], streams: ["prod-?/*"], tags: ["no-such-tag"], labels: { no: "such" } },
    });
    const preview = await pulumi.preview(args);
    assert.deepEqual([preview.failures, pulumi.lines], [[], []]);
    await pulumi.up(args);
  });

  it("are no reason to stop when they may not be read", async () => {
    const token = world.sandbox.addToken("reader");
    const everything = { apiGroups: ["*"], verbs: ["*"] };
    world.sandbox.grant("reader", { ...everything, resources: ["images", "imagestreams", "imagestreams/*"] });
    const lists = [
      "pods",
      "nodes",
      "limitranges",
      "replicationcontrollers",
      "jobs",
      "cronjobs",
      "podtemplates",
    ];
    const more = ["deployments", "replicasets", "statefulsets", "daemonsets", "controllerrevisions"];
    const openshift = ["builds", "buildconfigs", "deploymentconfigs", "templates"];
    const mirrors = [
      "imagedigestmirrorsets",
      "imagetagmirrorsets",
      "imagecontentpolicies",
      "imagecontentsourcepolicies",
    ];
    world.sandbox.grant("reader", {
      ...everything,
      resources: [...lists, ...more, ...openshift, ...mirrors],
    });
    const pulumi = world.pulumi();
    const connection = { ...world.connection, token };
    const args = policy({ namespace: "hidden", connection, mode: "report", allowUnreadable: ["*"] });
    await pulumi.up(args);

    assert.equal(planIn(pulumi.state!.inputs).images, 0);
  });
});
