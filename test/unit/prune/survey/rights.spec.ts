import assert from "node:assert/strict";
import type { ServedKind } from "../../../../provider/okd/objects.js";
import { loadSurvey } from "../../../../provider/prune/survey/load.js";
import { refreshSnapshot } from "../../../../provider/prune/survey/refresh.js";
import type { SurveyRequest } from "../../../../provider/prune/survey/request.js";
import { listRights } from "../../../../provider/prune/survey/rights.js";
import { ImageError } from "../../../../provider/support/imageError.js";
import {
  digest,
  type FakeCluster,
  fakeObjects,
  forbidden,
  rawStream,
  safeRequest,
  surveyOptions,
} from "../../../support/fakes/clusterObjects.js";

const definitionsName = "customresourcedefinitions.apiextensions.k8s.io";
const text = { type: "string" };
const withImage = { type: "object", properties: { spec: { type: "object", properties: { image: text } } } };
const withoutImage = {
  type: "object",
  properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
};

interface Version {
  readonly name: string;
  readonly schema?: object;
  readonly isServed?: boolean;
}

/** `Widget.example.io`; the first version is the stored one. */
function definition(name: string, versions: readonly Version[], changes: object = {}): object {
  const [kind = "", ...group] = name.split(".");
  const plural = `${kind.toLowerCase()}s`;
  return {
    metadata: { name: `${plural}.${group.join(".")}`, uid: `uid of ${name}`, generation: 1 },
    spec: {
      group: group.join("."),
      names: { plural, kind },
      versions: versions.map(({ name: version, schema, isServed = true }, index) => ({
        name: version,
        served: isServed,
        storage: index === 0,
        ...(schema === undefined ? {} : { schema: { openAPIV3Schema: schema } }),
      })),
      ...changes,
    },
  };
}

const widget = definition("Widget.example.io", [{ name: "v1", schema: withImage }]);
const gauge = definition("Gauge.example.io", [{ name: "v1", schema: withoutImage }]);
const user = (name: string, image = digest(name)) => ({
  metadata: { namespace: "shop", name },
  spec: { image: `r.io/shop/web@${image}` },
});

function cluster(definitions: readonly object[], more: Partial<FakeCluster> = {}): FakeCluster {
  return {
    ...more,
    objects: {
      "imagestreams.image.openshift.io": [rawStream("shop", "web", ["v1"])],
      [definitionsName]: definitions,
      ...more.objects,
    },
  };
}

const served = (name: string, kind = ""): ServedKind => {
  const [resource = "", ...group] = name.split(".");
  return { group: group.join("."), version: "v1", resource, kind };
};
const load = (given: FakeCluster, request: Partial<SurveyRequest> = {}) =>
  loadSurvey(fakeObjects(given), { ...safeRequest, ...request }, surveyOptions());
const othersIn = async (given: FakeCluster, request: Partial<SurveyRequest> = {}) =>
  (await load(given, request)).snapshot.referrers.filter(({ kind }) => kind === "other");
/** Full names of what was listed beyond what every survey lists. */
async function listedIn(
  given: FakeCluster,
  request: Partial<SurveyRequest> = {},
): Promise<readonly string[]> {
  const objects = fakeObjects(given);
  await loadSurvey(objects, { ...safeRequest, ...request }, surveyOptions());
  const plain = fakeObjects(cluster([]));
  await loadSurvey(plain, safeRequest, surveyOptions());
  return objects.calls.filter((call) => call.startsWith("list ") && !plain.calls.includes(call));
}

describe("the kinds that a cluster adds", () => {
  it("are listed and searched where their schema can hold an image", async () => {
    const given = cluster([widget, gauge], {
      objects: { "widgets.example.io": [user("a")], "gauges.example.io": [user("b")] },
    });
    assert.deepEqual(await listedIn(given), ["list widgets.example.io"]);
    const [found, ...rest] = await othersIn(given);
    assert.deepEqual(rest, []);
    assert.equal(found?.kind === "other" && found.objectKind, "widget.example.io");
    assert.deepEqual(found?.mentions?.digests, [digest("a")]);
    assert.equal((await load(given)).coverage.read["widgets.example.io"], 1);
  });

  it("leave no trace of objects that name nothing", async () => {
    const given = cluster([widget], {
      objects: { "widgets.example.io": [{ metadata: { name: "idle" }, spec: {} }] },
    });
    assert.deepEqual(await othersIn(given), []);
  });

  const versions: readonly (readonly [string, object, string | undefined])[] = [
    [
      "stored",
      definition("W.e.io", [
        { name: "v2", schema: withImage },
        { name: "v1", schema: withImage },
      ]),
      "v2",
    ],
    [
      "first served, where the stored one is not",
      definition("W.e.io", [
        { name: "v3", schema: withImage, isServed: false },
        { name: "v2", schema: withImage },
      ]),
      "v2",
    ],
    [
      "only one that can hold an image",
      definition("W.e.io", [
        { name: "v2", schema: withoutImage },
        { name: "v1", schema: withImage },
      ]),
      "v1",
    ],
    ["one without a schema", definition("W.e.io", [{ name: "v1" }]), "v1"],
    [
      "one whose unknown fields are kept",
      definition("W.e.io", [{ name: "v1", schema: withoutImage }], { preserveUnknownFields: true }),
      "v1",
    ],
    [
      "none, where nothing is served",
      definition("W.e.io", [{ name: "v1", schema: withImage, isServed: false }]),
      undefined,
    ],
  ];
  for (const [name, given, version] of versions) {
    it(`are read in the version that is ${name}`, async () => {
      const objects = fakeObjects(cluster([given]));
      const asked: string[] = [];
      const watched = {
        ...objects,
        list: (...[resource, options]: Parameters<typeof objects.list>) => {
          if (resource.group === "e.io") asked.push(resource.version);
          return objects.list(resource, options);
        },
      };
      await loadSurvey(watched, safeRequest, surveyOptions());
      assert.deepEqual(asked, version === undefined ? [] : [version]);
    });
  }

  it("are all read and reported where the definitions may not be listed", async () => {
    const given = cluster([widget, gauge], {
      served: [
        served("widgets.example.io", "Widget"),
        served("gauges.example.io", "Gauge"),
        served("services"),
      ],
      failing: { [definitionsName]: forbidden },
      objects: { "gauges.example.io": [user("a")] },
    });
    assert.deepEqual((await listedIn(given)).toSorted(), [
      "list gauges.example.io",
      "list widgets.example.io",
    ]);
    assert.equal((await othersIn(given)).length, 1);
    const { coverage } = await load(given);
    assert.match(
      coverage.absent["customresourcedefinitions"] ?? "",
      /every custom resource is read.*apiGroups: \["apiextensions\.k8s\.io"\].*verbs: \["list"\]/,
    );
  });

  it("stop the survey where the definitions cannot be read for another reason", async () => {
    const broken = new ImageError("API_ERROR", "Cannot list them: etcd is gone");
    await assert.rejects(load(cluster([widget], { failing: { [definitionsName]: broken } })), broken);
  });

  it("are read from aggregated APIs that nobody knows, and not from those that hold no image", async () => {
    const given = cluster([], {
      served: [
        ...["templateinstances.template.openshift.io", "gadgets", "boats.harbour.example.com"].map((name) =>
          served(name),
        ),
        ...["secrets", "configmaps", "services", "routes.route.openshift.io", "users.user.openshift.io"].map(
          (name) => served(name),
        ),
        ...["oauthaccesstokens.oauth.openshift.io", "imagestreamtags.image.openshift.io", "pods"].map(
          (name) => served(name),
        ),
      ],
    });
    assert.deepEqual(await listedIn(given), [
      "list boats.harbour.example.com",
      "list gadgets",
      "list templateinstances.template.openshift.io",
    ]);
  });

  it("are skipped where they are big and hold nothing, which the coverage reports", async () => {
    const names = [
      "events",
      "events.events.k8s.io",
      "nodes.metrics.k8s.io",
      "packagemanifests.packages.operators.coreos.com",
    ];
    const given = cluster([], {
      served: names.map((name) => served(name)),
      failing: Object.fromEntries(names.map((name) => [name, forbidden])),
    });
    const { coverage } = await load(given);
    assert.deepEqual(
      Object.keys(coverage.absent).filter((name) => names.includes(name)),
      names.toSorted(),
    );
    assert.match(coverage.absent["events"] ?? "", /^left out by default: /);
  });

  describe("that cannot be read", () => {
    const broken = new ImageError(
      "API_ERROR",
      "Cannot list widgets.example.io in all namespaces: conversion webhook for example.io/v1 failed (HTTP 500)",
    );
    const refused = (failure: ImageError) =>
      cluster([widget], { failing: { "widgets.example.io": failure } });

    it("stop the survey: forbidden", async () => {
      await assert.rejects(load(refused(forbidden)), forbidden);
    });

    it("stop the survey: a broken conversion, naming the kind and the way out", async () => {
      await assert.rejects(
        load(refused(broken)),
        /Cannot list widgets\.example\.io.*conversion webhook.*name "widgets\.example\.io" in allowUnreadable \[API_ERROR\]/,
      );
    });

    it("stop the survey: the backend of a whole group, naming it", async () => {
      const given = cluster([], { served: [served("*.dead.example.io")] });
      await assert.rejects(
        load(given),
        /dead\.example\.io\/v1 serves.*oc get apiservice v1\.dead\.example\.io.*"\*\.dead\.example\.io" in allowUnreadable \[API_ERROR\]/,
      );
      const { coverage } = await load(given, { allowUnreadable: ["*.dead.example.io"] });
      assert.match(coverage.absent["*.dead.example.io"] ?? "", /allowed to be unreadable/);
    });

    for (const glob of ["widgets.example.io", "widgets", "*.example.io", "*"]) {
      it(`are reported where allowUnreadable names them: ${glob}`, async () => {
        for (const failure of [forbidden, broken]) {
          const { coverage } = await load(refused(failure), { allowUnreadable: [glob] });
          assert.match(coverage.absent["widgets.example.io"] ?? "", /^allowed to be unreadable: /);
        }
      });
    }

    for (const glob of ["*.example.com", "gauges.example.io", "example.io", "widget"]) {
      it(`stop the survey where allowUnreadable names others: ${glob}`, async () => {
        await assert.rejects(load(refused(forbidden), { allowUnreadable: [glob] }), forbidden);
      });
    }

    it("are no obstacle when discovery proves that their definition was deleted meanwhile", async () => {
      const gone = new ImageError("API_NOT_FOUND", "Cannot list it: 404");
      const { coverage } = await load({ ...refused(gone), unserved: ["widgets.example.io"] });
      assert.match(coverage.absent["widgets.example.io"] ?? "", /its API is not served any more/);
      await assert.rejects(load(refused(gone)), gone);
    });
  });

  describe("that skipKinds names", () => {
    const given = cluster([widget, gauge], {
      served: [served("boats.harbour.example.com")],
      failing: { "widgets.example.io": forbidden },
    });

    it("are skipped, and named", async () => {
      const { coverage } = await load(given, { skipKinds: ["*.example.io"] });
      assert.deepEqual(coverage.uncovered, ["widgets.example.io"]);
      assert.equal(coverage.read["boats.harbour.example.com"], 0);
    });

    it("are read all the same where extraReferences names them", async () => {
      const kinds = { "harbour.example.com/v1 Boat": served("boats.harbour.example.com") };
      const { coverage } = await load(
        { ...given, kinds },
        { skipKinds: ["*"], extraReferences: [{ apiVersion: "harbour.example.com/v1", kind: "Boat" }] },
      );
      assert.equal(coverage.read["boats.harbour.example.com"], 0);
    });

    it("never include workloads, builds, streams and Images", async () => {
      const all = fakeObjects(given);
      await loadSurvey(all, { ...safeRequest, skipKinds: ["*"] }, surveyOptions());
      for (const name of ["pods", "builds.build.openshift.io", "images.image.openshift.io"]) {
        assert.ok(all.calls.includes(`list ${name}`), name);
      }
    });

    it("are matched by whole names: a plural alone is of the core group", async () => {
      await assert.rejects(load(given, { skipKinds: ["widgets"] }), forbidden);
    });
  });

  it("are not read under oc's rules", async () => {
    const given = cluster([widget], { served: [served("gadgets")] });
    const objects = fakeObjects(given);
    await loadSurvey(objects, { ...safeRequest, rules: "oc" }, surveyOptions());
    assert.deepEqual(
      objects.calls.filter((call) => /widgets|gadgets|customresource/.test(call)),
      [],
    );
  });

  it("are part of every refresh, which notices kinds that were installed meanwhile", async () => {
    const definitions: object[] = [widget];
    const objects = fakeObjects(
      cluster(definitions, {
        objects: {
          [definitionsName]: definitions,
          "widgets.example.io": [user("a")],
          "sprockets.example.io": [user("b")],
        },
      }),
    );
    const { snapshot } = await loadSurvey(objects, safeRequest, surveyOptions());
    const look = async () => {
      const { referrers } = await refreshSnapshot(objects, snapshot, safeRequest, surveyOptions());
      return referrers.flatMap(({ mentions }) => mentions?.digests ?? []).toSorted();
    };
    assert.deepEqual(await look(), [digest("a")]);
    assert.equal(objects.calls.filter((call) => call === `list ${definitionsName}`).length, 1);
    definitions.push(definition("Sprocket.example.io", [{ name: "v1", schema: withImage }]));
    assert.deepEqual(await look(), [digest("a"), digest("b")].toSorted());
  });

  it("are among the rights that are needed, as far as they may not be unreadable", async () => {
    const objects = fakeObjects(cluster([widget, gauge], { served: [served("gadgets")] }));
    const needed = async (request: Partial<SurveyRequest> = {}) =>
      (await listRights(objects, { ...safeRequest, ...request }, surveyOptions())).map(
        ({ resource }) => resource,
      );
    assert.deepEqual((await needed()).slice(-2), ["gadgets", "widgets"]);
    assert.equal((await needed({ allowUnreadable: ["*.example.io"] })).includes("widgets"), false);
    assert.equal((await needed({ skipKinds: ["*.example.io"] })).includes("widgets"), false);
    assert.equal((await needed({ rules: "oc" })).includes("gadgets"), false);
  });

  it("are counted by kind with their bytes and time", async () => {
    const given = cluster([widget], { objects: { "widgets.example.io": [user("a"), user("b")] } });
    let at = 0;
    const { coverage } = await loadSurvey(
      fakeObjects(given),
      safeRequest,
      surveyOptions({ now: () => (at += 5) }),
    );
    const { bytes, milliseconds } = coverage.costs["widgets.example.io"]!;
    assert.equal(bytes, 200);
    assert.ok(milliseconds >= 5);
    assert.deepEqual(Object.keys(coverage.costs), Object.keys(coverage.read));
  });
});
