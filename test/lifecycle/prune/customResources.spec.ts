import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeObject } from "okd-image-sandbox";
import type { PlanReport } from "../../../provider/prune/report/model.js";
import { customUses } from "../../support/builders/customUses.js";
import { planIn, type PruneWorld, repositoryHost, startPruneWorld } from "../../support/worlds/prune.js";

const [widgetUse] = customUses.filter(({ kind }) => kind.kind === "Widget");
const widgets = widgetUse!.kind;
const plain = {
  group: "example.com",
  version: "v1",
  resource: "gauges",
  kind: "Gauge",
  namespaced: true,
  schema: {
    type: "object",
    properties: { spec: { type: "object", properties: { level: { type: "integer" } } } },
  },
};

/** Objects of kinds that operators have added, on a cluster where everything else of a stream's history may go. */
describe("custom resources in a prune", () => {
  let world: PruneWorld;
  let digests: readonly string[];
  /** Of shop/web:latest; it is deleted unless something uses it. */
  let oldest: string;

  async function open(kinds: readonly object[] = customUses.map(({ kind }) => kind)): Promise<void> {
    world = await startPruneWorld({
      namespaces: ["shop", "apps"],
      customKinds: kinds as NonNullable<Parameters<typeof startPruneWorld>[0]>["customKinds"] & object,
    });
    digests = world.pushWeb(60, 50, 40).map(({ digest }) => digest);
    oldest = digests[2] ?? "";
    world.runPod("other", "quay.io/acme/other:1");
  }
  afterEach(() => world.close());

  const policy = (more: object = {}) =>
    world.policy({ keepTagRevisions: 1, planReport: "plan.json", ...more });

  const prune = (more: object = {}) => world.prune(policy(more));
  const report = () => JSON.parse(readFileSync(join(world.folder, "plan.json"), "utf8")) as PlanReport;

  for (const { title, use } of customUses) {
    it(`keep their image, and the report names them: ${title}`, async () => {
      await open();
      const user = world.sandbox.seed(use(`${repositoryHost}/shop/web@${oldest}`));
      await prune();

      assert.deepEqual(await world.pull(`shop/web@${oldest}`), { ok: true });
      assert.deepEqual(world.history("shop/web:latest"), [digests[0], oldest]);
      const kept = report().kept.revisions.find(({ digest }) => digest === oldest);
      const group = String(user["apiVersion"]).split("/")[0] ?? "";
      const where = user.metadata.namespace === undefined ? "" : " namespace=apps";
      assert.deepEqual(kept?.users, [`${String(user["kind"]).toLowerCase()}.${group}/user${where}`]);
    });
  }

  for (const [spelling, image] of [
    ["a route's host", "default-route-openshift-image-registry.apps.example.com/shop/tool:v1"],
    ["the service's host", `${repositoryHost}/shop/tool:v1`],
  ] as const) {
    it(`keep the image of a tag that they name by ${spelling}`, async () => {
      await open();
      const tool = world.push("shop/tool:v1", "tool", 60).digest;
      world.sandbox.seed(widgetUse!.use(image));
      await prune({ keepTagRevisions: 0, force: ["zeroRevisions"] });

      assert.deepEqual(world.history("shop/tool:v1"), [tool]);
      assert.deepEqual(await world.pull("shop/tool:v1"), { ok: true });
    });
  }

  it("keep the image of a tag that they name shortly, where their namespace has the stream", async () => {
    await open();
    const own = world.push("apps/tool:v1", "tool of apps", 60).digest;
    world.push("shop/tool:v1", "tool of shop", 60);
    world.sandbox.seed(widgetUse!.use("tool:v1"));
    await prune({ keepTagRevisions: 0, force: ["zeroRevisions"] });

    assert.deepEqual(world.history("apps/tool:v1"), [own]);
    assert.deepEqual(world.history("shop/tool:v1"), []);
  });

  it("are not listed where they cannot hold an image", async () => {
    await open([plain, widgets]);
    world.sandbox.requests.clear();
    await prune();

    const asked = (path: RegExp) => world.sandbox.requests.matching({ path }).length;
    assert.equal(asked(/\/gauges$/), 0);
    assert.ok(asked(/\/widgets$/) > 0);
  });

  it("keep their image when their kind was installed between preview and up", async () => {
    await open([]);
    const pulumi = world.pulumi();
    world.beginRun();
    await pulumi.preview(policy());
    world.sandbox.seed(definitionOf("sprockets", "Sprocket"));
    world.sandbox.seed(sprocketWith(`${repositoryHost}/shop/web@${oldest}`));
    await pulumi.up(policy());

    assert.deepEqual(await world.pull(`shop/web@${oldest}`), { ok: true });
  });

  it("keep their image when their kind is installed while streams are trimmed", async () => {
    await open([]);
    world.sandbox.onRequest({ method: "PUT", path: "/imagestreams/web/status" }, () => {
      world.sandbox.seed(definitionOf("sprockets", "Sprocket"));
      world.sandbox.seed(sprocketWith(`${repositoryHost}/shop/web@${oldest}`));
    });
    await prune();

    assert.deepEqual(await world.images(), [digests[0], oldest].toSorted());
  });

  it("are no obstacle when their kind is removed between discovery and the list", async () => {
    await open([widgets, plain]);
    const name = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
    world.sandbox.onRequest({ path: "/widgets\\?" }, () =>
      world.sandbox.remove({ ...name, metadata: { name: "widgets.example.com" } }),
    );
    const pulumi = await prune();

    assert.deepEqual(pulumi.state?.initErrors, []);
    assert.deepEqual(await world.images(), [digests[0]]);
    assert.match(String(planIn(pulumi.state.inputs).coverage["widgets.example.com"]), /not served any more/);
  });

  describe("that cannot be read", () => {
    const answer = (status: number, message: string) => ({
      kind: "answer" as const,
      status,
      body: { kind: "Status", apiVersion: "v1", status: "Failure", message, code: status },
    });
    const failures = [
      {
        what: "a conversion that fails",
        effect: answer(500, "conversion webhook for example.com/v1, Kind=Widget failed"),
        message: /Cannot list widgets\.example\.com.*conversion webhook.*allowUnreadable \[API_ERROR\]/,
      },
      {
        what: "a right that is missing",
        effect: answer(403, "widgets.example.com is forbidden"),
        message: /widgets\.example\.com.*forbidden.*\[API_FORBIDDEN\]/,
      },
    ];
    for (const { what, effect, message } of failures) {
      it(`stop the prune, unless allowUnreadable names them: ${what}`, async () => {
        await open([widgets]);
        world.sandbox.faults.add({ path: "/widgets\\?", times: 0, effect });
        const preview = await world.pulumi().preview(policy());
        assert.match(preview.failures.join(), message);
        assert.equal((await world.images()).length, 3);

        await prune({ allowUnreadable: ["*.example.com"] });
        assert.deepEqual(await world.images(), [digests[0]]);
        assert.match(report().coverage.absent["widgets.example.com"] ?? "", /^allowed to be unreadable: /);
      });
    }

    it("stop the prune when the backend of their group is down, unless allowUnreadable names it", async () => {
      await open([]);
      await world.close();
      world = await startPruneWorld({ unavailableGroups: ["boats.example.com"] });
      const preview = await world.pulumi().preview(policy());
      assert.match(preview.failures.join(), /boats\.example\.com\/v1 serves.*"\*\.boats\.example\.com"/);

      const allowed = await world.pulumi().preview(policy({ allowUnreadable: ["*.boats.example.com"] }));
      assert.deepEqual(allowed.failures, []);
    });
  });

  it("are not tried where skipKinds names them, which preview and report tell", async () => {
    await open([widgets]);
    world.sandbox.seed(widgetUse!.use(`${repositoryHost}/shop/web@${oldest}`));
    world.sandbox.requests.clear();
    const pulumi = await prune({ skipKinds: ["widgets.*"] });

    assert.equal(world.sandbox.requests.matching({ path: /\/widgets$/ }).length, 0);
    assert.deepEqual(await world.images(), [digests[0]]);
    const plan = planIn(pulumi.state!.inputs);
    assert.match(plan.warnings.join(), /skipKinds leaves them out: widgets\.example\.com/);
    assert.deepEqual(report().coverage.uncovered, ["widgets.example.com"]);
  });

  it("are counted by kind, with bytes and time in the report alone", async () => {
    await open([widgets]);
    for (let number = 0; number < 3; number += 1) {
      const { metadata, ...rest } = widgetUse!.use("quay.io/acme/other:1");
      world.sandbox.seed({ ...rest, metadata: { ...metadata, name: `user-${number}` } });
    }
    const pulumi = world.pulumi();
    world.beginRun();
    const { inputs } = await pulumi.preview(policy());

    const { read, costs } = report().coverage;
    assert.equal(read["widgets.example.com"], 3);
    assert.ok((costs["widgets.example.com"]?.bytes ?? 0) > 300);
    assert.equal(planIn(inputs).coverage["widgets.example.com"], 3);
    assert.doesNotMatch(JSON.stringify(planIn(inputs).coverage), /bytes|milliseconds/i);
  });

  it("are counted for the ten biggest kinds and for the rest together", async () => {
    const many = Array.from({ length: 40 }, (_, number) => ({
      ...widgets,
      resource: `widgets${number}`,
      kind: `Widget${number}`,
    }));
    await open(many);
    const { inputs } = await world.pulumi().preview(policy());

    const { coverage } = planIn(inputs);
    assert.equal(Object.keys(coverage).filter((name) => name.startsWith("widgets")).length, 0);
    assert.match(String(coverage["other kinds"]), /^0 objects of 4\d kinds$/);
  });
});

function definitionOf(plural: string, kind: string): KubeObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.example.org`, generation: 1 },
    spec: {
      group: "example.org",
      scope: "Namespaced",
      names: { plural, kind },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: { spec: { type: "object", properties: { image: { type: "string" } } } },
            },
          },
        },
      ],
    },
  };
}

function sprocketWith(image: string): KubeObject {
  return {
    apiVersion: "example.org/v1",
    kind: "Sprocket",
    metadata: { name: "s", namespace: "apps" },
    spec: { image },
  };
}
