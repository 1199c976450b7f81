import assert from "node:assert/strict";
import type { PruneArgs } from "../../../../provider/prune/args/parsed.js";
import { parseArgs } from "../../../../provider/prune/args/schema.js";
import type { ClusterSurvey } from "../../../../provider/prune/clusterSurvey.js";
import { findObjections } from "../../../../provider/prune/plan/objections.js";
import { image, item, planOf, snapshot, stream } from "../../../support/builders/snapshot.js";

const cluster = snapshot({
  images: [image("a"), image("b"), image("c"), image("d")],
  streams: [stream("shop/web", { latest: [item("d"), item("c"), item("b"), item("a")] })],
  layerBytes: new Map([
    ["layer-a", 600],
    ["layer-b", 600],
  ]),
});

function survey(overrides: Partial<ClusterSurvey> = {}): ClusterSurvey {
  return {
    snapshot: cluster,
    coverage: { read: { pods: 3 }, costs: {}, absent: {}, uncovered: [], clockSkewSeconds: 0 },
    registry: {
      externalHostnames: [],
      internalHostname: undefined,
      routes: [],
      serviceHost: undefined,
      unread: [],
      publicRepositoryHost: undefined,
      repositoryHost: undefined,
      managedImageHost: undefined,
    },
    conditions: { imagePruner: { kind: "absent" }, clusterVersion: "steady", registryOperator: "healthy" },
    ...overrides,
  };
}

function objectionsTo(inputs: object, found: ClusterSurvey = survey()): readonly string[] {
  const parsed = parseArgs(inputs);
  assert.ok(parsed.ok);
  const args: PruneArgs = parsed.args;
  return findObjections(planOf(cluster), found, args).map(({ name, message }) => `${name}: ${message}`);
}

const noLimits = { limits: { fraction: 1 } };

describe("objections to a plan", () => {
  it("include no objection to a harmless plan", () => assert.deepEqual(objectionsTo(noLimits), []));

  it("name the numbers and the biggest streams when a limit is exceeded", () => {
    assert.deepEqual(objectionsTo({ limits: { images: 2, revisions: 1, bytes: 1000, fraction: 1 } }), [
      "limits.images: the plan has 3 images, the limit is 2. Biggest: shop/web 3.",
      "limits.revisions: the plan has 3 revisions, the limit is 1. Biggest: shop/web 3.",
      "limits.bytes: the plan frees 1.2 kB, the limit is 1 kB. Biggest: shop/web 3.",
    ]);
    assert.deepEqual(objectionsTo({ limits: { images: 3, revisions: 3, bytes: 1200, fraction: 1 } }), []);
  });

  it("have half of the Images and of the revisions as the default limit", () => {
    assert.deepEqual(objectionsTo({}), [
      "limits.fraction: the plan has 3 images of 4, more than half of all images (limits.fraction 0.5). Biggest: shop/web 3.",
      "limits.fraction: the plan has 3 revisions of 4, more than half of all revisions (limits.fraction 0.5). Biggest: shop/web 3.",
    ]);
    assert.deepEqual(objectionsTo({ rules: "oc" }), []);
  });

  const guards: readonly {
    readonly name: string;
    readonly inputs?: object;
    readonly found?: Partial<ClusterSurvey>;
  }[] = [
    { name: "noPods", found: { coverage: { ...survey().coverage, read: { pods: 0 } } } },
    { name: "noStreams", found: { snapshot: { ...cluster, streams: [] } } },
    { name: "zeroRevisions", inputs: { keepTagRevisions: 0 } },
    {
      name: "clusterUpgrading",
      found: { conditions: { ...survey().conditions, clusterVersion: "progressing" } },
    },
    {
      name: "registryDegraded",
      found: { conditions: { ...survey().conditions, registryOperator: "degraded" } },
    },
    {
      name: "imagePrunerRunning",
      found: {
        conditions: {
          ...survey().conditions,
          imagePruner: {
            kind: "active",
            schedule: "",
            keepTagRevisions: 3,
            keepYoungerThan: "60m",
            isRunning: true,
          },
        },
      },
    },
  ];
  for (const { name, inputs = {}, found } of guards) {
    it(`are passed over only by name: ${name}`, () => {
      const [objection = "", ...others] = objectionsTo({ ...noLimits, ...inputs }, survey(found)).filter(
        (text) => !text.startsWith("limits."),
      );

      assert.ok(objection.startsWith(`${name}: `), objection);
      assert.deepEqual(others, []);
      const forced = objectionsTo({ ...noLimits, ...inputs, force: [name] }, survey(found));
      assert.ok(
        forced.every((text) => text.startsWith("limits.")),
        forced.join(),
      );
      if (name !== "zeroRevisions") assert.deepEqual(objectionsTo({ rules: "oc" }, survey(found)), []);
    });
  }

  it("treat pods that may not be read, as a glob of allowUnreadable allows, as none", () => {
    const coverage = { ...survey().coverage, read: {}, absent: { pods: "allowed to be unreadable" } };
    assert.deepEqual(objectionsTo(noLimits, survey({ coverage })), [
      "noPods: the connection sees no pod at all (are its rights those of a pruner?)",
    ]);
  });

  it("include none to a plan that deletes nothing", () => {
    const parsed = parseArgs({ limits: { images: 0 } });
    assert.ok(parsed.ok);
    const empty = survey({ coverage: { ...survey().coverage, read: { pods: 0 } } });

    assert.deepEqual(findObjections(planOf(snapshot({})), empty, parsed.args), []);
  });
});
