import assert from "node:assert/strict";
import type { ApiResource } from "../../../../provider/okd/objects.js";
import { createSurveys } from "../../../../provider/prune/memory.js";
import type { ClusterSnapshot } from "../../../../provider/prune/snapshot.js";
import { loadSurvey } from "../../../../provider/prune/survey/load.js";
import { refreshSnapshot } from "../../../../provider/prune/survey/refresh.js";
import { ImageError } from "../../../../provider/support/imageError.js";
import {
  digest,
  type FakeCluster,
  fakeObjects,
  forbidden,
  rawImage,
  rawPod,
  rawStream,
  safeRequest,
  serverTime,
  surveyOptions,
  unavailable,
} from "../../../support/fakes/clusterObjects.js";
import { FakeProgressClock } from "../../../support/fakes/progressClock.js";

const images = "images.image.openshift.io";
const streams = "imagestreams.image.openshift.io";

const shop: FakeCluster = {
  objects: {
    [images]: [rawImage("v1"), rawImage("v2")],
    [streams]: [rawStream("shop", "web", ["v2", "v1"]), rawStream("other", "db", [])],
    pods: [rawPod("shop", "web-1", `registry.svc:5000/shop/web@${digest("v1")}`)],
    "deployments.apps": [
      {
        metadata: { namespace: "shop", name: "web" },
        spec: { template: { spec: { containers: [{ name: "app", image: "quay.io/a/b:1" }] } } },
      },
    ],
    limitranges: [
      {
        metadata: { namespace: "shop", name: "limits" },
        spec: {
          limits: [
            { type: "openshift.io/Image", max: { storage: "1Gi" } },
            { type: "Pod", max: { cpu: "1" } },
          ],
        },
      },
    ],
  },
};

const load = (cluster: FakeCluster, request = {}, options = {}) =>
  loadSurvey(fakeObjects(cluster), { ...safeRequest, ...request }, surveyOptions(options));

const failing = (failures: Readonly<Record<string, Error>>): FakeCluster => ({ ...shop, failing: failures });

describe("loadSurvey", () => {
  it("reduces a cluster to what decides", async () => {
    const { snapshot } = await load(shop);
    const [v1] = snapshot.images;
    assert.deepEqual(v1, {
      digest: digest("v1"),
      uid: "uid-v1",
      createdAt: Date.parse("2026-11-01T00:00:00Z"),
      managed: true,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      repository: "shop/web",
      isSigned: false,
      layers: [digest("base"), digest("layer v1")],
      metadata: { kind: "known", configId: digest("config v1"), sizeBytes: 700 },
      manifests: [],
      unsaid: "nothing",
    });
    assert.deepEqual(snapshot.streams[0], {
      namespace: "shop",
      name: "web",
      createdAt: Date.parse("2026-10-01T00:00:00Z"),
      labels: { team: "a" },
      resourceVersion: "7",
      specTags: [
        {
          name: "latest",
          from: { kind: "DockerImage", namespace: "", name: "quay.io/a/b:latest" },
          isReference: true,
        },
      ],
      tags: [
        {
          tag: "latest",
          items: ["v2", "v1"].map((image) => ({
            digest: digest(image),
            createdAt: Date.parse("2026-10-02T00:00:00Z"),
            pullSpec: `registry.svc:5000/shop/web@${digest(image)}`,
          })),
        },
      ],
    });
    assert.deepEqual(
      snapshot.referrers.map(({ kind, name }) => `${kind}/${name}`),
      ["pod/web-1", "deployment/web"],
    );
    assert.deepEqual(snapshot.imageLimits, [{ namespace: "shop", maxStorage: "1Gi" }]);
    assert.deepEqual(
      snapshot.layerBytes,
      new Map([
        [digest("base"), 300],
        [digest("layer v1"), 400],
        [digest("layer v2"), 400],
      ]),
    );
  });

  it("holds equal texts once", async () => {
    const { snapshot } = await load({
      objects: {
        ...shop.objects,
        pods: ["web-1", "web-2"].map((name) => rawPod("shop", name, `r.io/shop/web@${digest("v1")}`)),
      },
    });
    const [one, two] = snapshot.referrers;
    assert.ok(one?.kind === "pod" && two?.kind === "pod");
    assert.equal(one.images, two.images);
    assert.equal(one.mentions, two.mentions);
    assert.deepEqual(one.mentions?.digests, [digest("v1")]);
  });

  it("counts what it read and says what is not served", async () => {
    const { coverage } = await load({ ...shop, unserved: ["builds.build.openshift.io"] });
    assert.equal(coverage.read["images"], 2);
    assert.equal(coverage.read["imagestreams"], 2);
    assert.equal(coverage.read["pods"], 1);
    assert.equal(coverage.read["nodes"], 0);
    assert.equal("builds" in coverage.read, false);
    assert.deepEqual(coverage.absent, { builds: "its API is not served" });
    assert.deepEqual(Object.keys(coverage.read), Object.keys(coverage.read).sort());
  });

  it("reads streams before anything else", async () => {
    const objects = fakeObjects(shop);
    await loadSurvey(objects, safeRequest, surveyOptions());
    const lists = objects.calls.filter((call) => call.startsWith("list"));
    assert.deepEqual(lists.slice(0, 2), [`list ${streams}`, `listed ${streams}`]);
    assert.equal(lists[2], `list ${images}`);
  });

  it("reads at most four lists at a time, beside the few routes of the registry", async () => {
    const objects = fakeObjects({ ...shop, unserved: ["routes.route.openshift.io"] });
    await loadSurvey(objects, safeRequest, surveyOptions());
    let running = 0;
    let most = 0;
    for (const call of objects.calls) {
      if (call.startsWith("list ")) running += 1;
      if (call.startsWith("listed ")) running -= 1;
      most = Math.max(most, running);
    }
    assert.equal(most, 4);
  });

  describe("time", () => {
    it("is the server's when the first list began, rounded down to ten minutes", async () => {
      const later = { [images]: serverTime + 900_000, pods: serverTime + 1_000 };
      const { snapshot } = await load({ ...shop, serverTimes: later });
      assert.equal(snapshot.takenAt, Date.parse("2026-11-21T08:10:00Z"));
    });

    it("tells how far the server's clock is ahead", async () => {
      const skew = async (now: number) =>
        (await load(shop, {}, { now: () => now })).coverage.clockSkewSeconds;
      assert.equal(await skew(serverTime - 180_400), 180);
      assert.equal(await skew(serverTime + 60_000), -60);
    });
  });

  describe("a list that cannot be read", () => {
    const builds = "builds.build.openshift.io";

    it("stops the survey", async () => {
      await assert.rejects(load(failing({ pods: forbidden })), forbidden);
      await assert.rejects(load(failing({ [builds]: unavailable })), unavailable);
    });

    for (const name of ["builds", builds]) {
      it(`is told where ${name} may be unreadable`, async () => {
        const { coverage } = await load(failing({ [builds]: unavailable }), { allowUnreadable: [name] });
        assert.match(coverage.absent["builds"] ?? "", /allowed to be unreadable: .*service unavailable$/);
      });
    }

    it("stops the survey all the same for images and streams", async () => {
      const allowUnreadable = ["images", "imagestreams"];
      await assert.rejects(load(failing({ [images]: forbidden }), { allowUnreadable }), forbidden);
      await assert.rejects(load(failing({ [streams]: forbidden }), { allowUnreadable }), forbidden);
    });

    it("stops the survey where there is no answer at all", async () => {
      const unreachable = new ImageError("API_UNREACHABLE", "Cannot list it: gone");
      await assert.rejects(
        load(failing({ [builds]: unreachable }), { allowUnreadable: ["builds"] }),
        unreachable,
      );
    });

    it("tells the others to stop", async () => {
      const objects = fakeObjects(failing({ pods: forbidden }));
      let seen: AbortSignal | undefined;
      const watched = {
        ...objects,
        list: (...[resource, options]: Parameters<typeof objects.list>) => {
          if (resource.resource === "images") seen = options.signal;
          return objects.list(resource, options);
        },
      };
      await assert.rejects(loadSurvey(watched, safeRequest, surveyOptions()), forbidden);
      assert.equal(seen?.aborted, true);
    });
  });

  it("needs a cluster that serves images", async () => {
    await assert.rejects(
      load({ ...shop, unserved: [streams] }),
      /Cannot list imagestreams: .*is it an OKD or OpenShift cluster\? \[API_ERROR\]/,
    );
  });

  it("stops with the signal's reason", async () => {
    const signal = AbortSignal.abort(new ImageError("DEADLINE_EXCEEDED", "too long"));
    await assert.rejects(load(shop, {}, { signal }), /too long \[DEADLINE_EXCEEDED\]/);
  });

  describe("rules oc", () => {
    it("reads only what oc reads", async () => {
      const { coverage } = await load(shop, { rules: "oc" });
      assert.equal("controllerrevisions" in coverage.read, false);
      assert.equal("nodes" in coverage.read, false);
      assert.equal("pods" in coverage.read, true);
    });

    it("reads workloads and streams of the namespace alone, and all images", async () => {
      const objects = fakeObjects(shop);
      const { snapshot } = await loadSurvey(
        objects,
        { ...safeRequest, rules: "oc", namespace: "other" },
        surveyOptions(),
      );
      assert.deepEqual(
        snapshot.streams.map(({ name }) => name),
        ["db"],
      );
      assert.deepEqual(snapshot.referrers, []);
      assert.equal(snapshot.images.length, 2);
    });
  });

  describe("sets of mirrors", () => {
    const rule = { source: "quay.io/org", mirrors: ["r.io/mirror"] };
    const mirrored: FakeCluster = {
      ...shop,
      objects: {
        ...shop.objects,
        "imagedigestmirrorsets.config.openshift.io": [
          { metadata: { name: "a" }, spec: { imageDigestMirrors: [rule] } },
        ],
        "imagetagmirrorsets.config.openshift.io": [
          { metadata: { name: "b" }, spec: { imageTagMirrors: [rule] } },
        ],
        "imagecontentsourcepolicies.operator.openshift.io": [
          { metadata: { name: "c" }, spec: { repositoryDigestMirrors: [rule] } },
        ],
        "imagecontentpolicies.config.openshift.io": [
          { metadata: { name: "d" }, spec: { repositoryDigestMirrors: [rule] } },
        ],
      },
    };
    const forbidden = {
      ...mirrored,
      failing: {
        "imagetagmirrorsets.config.openshift.io": new ImageError(
          "API_FORBIDDEN",
          "may not list imagetagmirrorsets",
        ),
      },
    };

    it("are read, also when the cluster is looked at again", async () => {
      const { snapshot } = await load(mirrored);
      assert.deepEqual(snapshot.mirrors, [rule, rule, rule, rule]);
      const again = await refreshSnapshot(fakeObjects(mirrored), snapshot, safeRequest, surveyOptions());
      assert.deepEqual(again.mirrors, snapshot.mirrors);
    });

    it("are absent where their API is not served", async () => {
      const { snapshot, coverage } = await load({
        ...mirrored,
        unserved: ["imagecontentsourcepolicies.operator.openshift.io"],
      });
      assert.deepEqual(snapshot.mirrors, [rule, rule, rule]);
      assert.equal(coverage.absent["imagecontentsourcepolicies"], "its API is not served");
    });

    it("that may not be read stop the prune, unless that is allowed", async () => {
      await assert.rejects(load(forbidden), /may not list imagetagmirrorsets \[API_FORBIDDEN\]/);
      const { snapshot, coverage } = await load(forbidden, { allowUnreadable: ["imagetagmirrorsets"] });
      assert.deepEqual(snapshot.mirrors, [rule, rule, rule]);
      assert.match(coverage.absent["imagetagmirrorsets"] ?? "", /allowed to be unreadable/);
    });

    it("stop the prune, as workloads do, where only a glob would allow them to stay unread", async () => {
      for (const allowUnreadable of [["*"], ["image*"], ["*.openshift.io"]]) {
        await assert.rejects(load(forbidden, { allowUnreadable }), /may not list imagetagmirrorsets/);
      }
      const failing = { pods: new ImageError("API_ERROR", "503 Service Unavailable") };
      await assert.rejects(load({ ...shop, failing }, { allowUnreadable: ["*"] }), /503 Service Unavailable/);
    });

    it("are not read under oc's rules", async () => {
      const { snapshot, coverage } = await load(mirrored, { rules: "oc" });
      assert.deepEqual(snapshot.mirrors, []);
      assert.equal("imagedigestmirrorsets" in coverage.read, false);
    });
  });

  it("reads the workloads of all namespaces under safe rules, whatever namespace is pruned", async () => {
    const { snapshot } = await load(shop, { namespace: "other" });
    assert.equal(snapshot.referrers.length, 2);
    assert.equal(snapshot.streams.length, 2);
    assert.deepEqual(snapshot.imageLimits, []);
  });

  it("tells from its second second on what was listed, and how fast", async () => {
    const told: string[] = [];
    const time = new FakeProgressClock();
    const now = () => {
      time.pass(700);
      return serverTime + time.now();
    };
    await load(shop, {}, { now, progress: (text: string) => told.push(text), progressClock: time });
    assert.ok(told.length > 0);
    assert.match(told[0]!, /^listed 2 imagestreams.*, [\d.]+\/s$/);
    assert.equal(time.waiting, 0);
  });

  describe("extraReferences", () => {
    const widgets: ApiResource = { group: "example.io", version: "v1", resource: "widgets" };
    const cluster: FakeCluster = {
      ...shop,
      kinds: { "example.io/v1 Widget": widgets },
      objects: {
        ...shop.objects,
        "widgets.example.io": [
          {
            metadata: { namespace: "shop", name: "w" },
            spec: { main: "r.io/shop/web:a", more: ["r.io/shop/web:b", 7, "", { image: "no" }] },
            status: { used: digest("v2") },
          },
        ],
      },
    };
    const extra = (...jsonPaths: readonly string[]) => ({
      extraReferences: jsonPaths.map((jsonPath) => ({
        apiVersion: "example.io/v1",
        kind: "Widget",
        jsonPath,
      })),
    });

    it("are read once, with all their paths", async () => {
      const { snapshot, coverage } = await load(cluster, extra("$.spec.main", "$.spec.more[*]"));
      assert.deepEqual(snapshot.referrers.at(-1), {
        kind: "other",
        objectKind: "widget.example.io",
        namespace: "shop",
        name: "w",
        mentions: {
          pullSpecs: [
            { field: "$.spec.main", text: "r.io/shop/web:a" },
            { field: "$.spec.more[*]", text: "r.io/shop/web:b" },
          ],
          sources: [],
          digests: [digest("v2")],
          imageIds: [],
          possibleSpecs: ["no:latest"],
        },
      });
      assert.equal(coverage.read["widgets.example.io"], 1);
    });

    it("name the argument when the kind is not served", async () => {
      await assert.rejects(
        load({ ...cluster, kinds: {} }, extra("$.spec.main")),
        /extraReferences\[0\] names: the cluster serves no kind Widget of example.io\/v1.*\[API_NOT_FOUND\]/,
      );
    });

    it("name the argument when a path is wrong", async () => {
      await assert.rejects(
        load(cluster, extra("$.spec.main", "$.spec[")),
        /extraReferences\[1\]\.jsonPath \(\$\.spec\[\).*\[ARGUMENT_INVALID\]/,
      );
    });

    it("are looked through as a whole without a path", async () => {
      const { snapshot } = await load(cluster, {
        extraReferences: [{ apiVersion: "example.io/v1", kind: "Widget" }],
      });
      assert.deepEqual(snapshot.referrers.at(-1)?.mentions?.digests, [digest("v2")]);
    });
  });

  describe("the registry and the state of the cluster", () => {
    const registryNamespace = "openshift-image-registry";
    const job = (conditions: readonly object[], owner = "image-pruner") => ({
      metadata: {
        namespace: registryNamespace,
        name: "image-pruner-1",
        ownerReferences: [{ kind: "CronJob", name: owner }],
      },
      status: { conditions },
    });
    const operators: FakeCluster = {
      objects: {
        ...shop.objects,
        "images.config.openshift.io": [
          {
            metadata: { name: "cluster" },
            spec: { externalRegistryHostnames: ["wanted.example.com"] },
            status: {
              externalRegistryHostnames: ["registry.apps.example.com"],
              internalRegistryHostname: "registry.svc:5000",
            },
          },
        ],
        "routes.route.openshift.io": [
          {
            metadata: { namespace: registryNamespace, name: "default-route" },
            spec: { host: "default-route.apps.example.com", to: { kind: "Service", name: "image-registry" } },
          },
          {
            metadata: { namespace: registryNamespace, name: "corp" },
            spec: { host: "registry.corp.example", to: { kind: "Service", name: "image-registry" } },
          },
          {
            metadata: { namespace: "shop", name: "default-route" },
            spec: { host: "shop.example.com", to: { kind: "Service", name: "image-registry" } },
          },
        ],
        services: [
          {
            metadata: { namespace: registryNamespace, name: "image-registry" },
            spec: { ports: [{ name: "metrics", port: 9000 }, { port: 5443 }] },
          },
        ],
        "imagepruners.imageregistry.operator.openshift.io": [
          {
            metadata: { name: "cluster" },
            spec: { schedule: "", suspend: false, keepTagRevisions: 5, keepYoungerThanDuration: "90m0s" },
          },
        ],
        "clusterversions.config.openshift.io": [
          {
            metadata: { name: "version" },
            status: { conditions: [{ type: "Progressing", status: "True" }] },
          },
        ],
        "clusteroperators.config.openshift.io": [
          {
            metadata: { name: "image-registry" },
            status: { conditions: [{ type: "Available", status: "False" }] },
          },
        ],
        "jobs.batch": [job([])],
      },
    };

    it("are read", async () => {
      const { registry, conditions } = await load(operators);
      assert.deepEqual(registry, {
        externalHostnames: ["wanted.example.com", "registry.apps.example.com"],
        internalHostname: "registry.svc:5000",
        routes: [
          { name: "default-route", host: "default-route.apps.example.com" },
          { name: "corp", host: "registry.corp.example" },
        ],
        serviceHost: "image-registry.openshift-image-registry.svc:9000",
        unread: [],
        publicRepositoryHost: "registry.apps.example.com",
        repositoryHost: "registry.svc:5000",
        managedImageHost: "registry.svc:5000",
      });
      assert.deepEqual(conditions, {
        imagePruner: {
          kind: "active",
          schedule: "0 0 * * *",
          keepTagRevisions: 5,
          keepYoungerThan: "90m0s",
          isRunning: true,
        },
        clusterVersion: "progressing",
        registryOperator: "degraded",
      });
    });

    const isRunning = async (...jobs: readonly object[]) => {
      const { conditions } = await load({ objects: { ...operators.objects, "jobs.batch": jobs } });
      return conditions.imagePruner.kind === "active" && conditions.imagePruner.isRunning;
    };

    it("know a finished or foreign Job from a running one", async () => {
      assert.equal(await isRunning(job([{ type: "Complete", status: "True" }])), false);
      assert.equal(await isRunning(job([{ type: "Failed", status: "True" }])), false);
      assert.equal(await isRunning(job([], "backup")), false);
      assert.equal(await isRunning(job([{ type: "Suspended", status: "False" }])), true);
    });

    it("take the host of the newest managed image", async () => {
      const at = (host: string, day: string, managed: string) =>
        rawImage(host, {
          metadata: {
            name: digest(host),
            creationTimestamp: `2026-11-${day}T00:00:00Z`,
            annotations: { "openshift.io/image.managed": managed },
          },
          dockerImageReference: `${host}/a/b@${digest(host)}`,
        });
      const { registry } = await load({
        objects: {
          ...shop.objects,
          [images]: [at("old:5000", "02", "true"), at("new:5000", "03", "true"), at("x.io", "04", "True")],
        },
      });
      assert.equal(registry.managedImageHost, "new:5000");
    });

    it("are absent where there is nothing", async () => {
      const { conditions, registry } = await load(shop);
      assert.deepEqual(conditions, {
        imagePruner: { kind: "absent" },
        clusterVersion: "absent",
        registryOperator: "absent",
      });
      assert.deepEqual(registry.externalHostnames, []);
      assert.equal(registry.internalHostname, undefined);
      assert.deepEqual(registry.routes, []);
      assert.equal(registry.serviceHost, undefined);
      assert.deepEqual(registry.unread, []);
    });

    it("are unreadable, not absent, where they may not be read", async () => {
      const failures = Object.fromEntries(
        ["clusterversions", "clusteroperators", "images"].map((name) => [
          `${name}.config.openshift.io`,
          forbidden,
        ]),
      );
      const pruners = "imagepruners.imageregistry.operator.openshift.io";
      const { conditions, registry } = await load({
        ...operators,
        failing: {
          ...failures,
          [pruners]: unavailable,
          "routes.route.openshift.io": forbidden,
          services: forbidden,
        },
      });
      assert.deepEqual(registry.externalHostnames, []);
      assert.deepEqual(registry.routes, []);
      assert.equal(registry.serviceHost, "image-registry.openshift-image-registry.svc:5000");
      assert.deepEqual(registry.unread, [
        "this user may not get images.config.openshift.io/cluster",
        "this user may not list routes.route.openshift.io in namespace openshift-image-registry",
        "this user may not get service image-registry in namespace openshift-image-registry",
      ]);
      assert.deepEqual(conditions, {
        imagePruner: { kind: "unreadable" },
        clusterVersion: "unreadable",
        registryOperator: "unreadable",
      });
    });

    it("know a suspended pruner and a steady cluster", async () => {
      const { conditions } = await load({
        objects: {
          ...operators.objects,
          "imagepruners.imageregistry.operator.openshift.io": [
            { metadata: { name: "cluster" }, spec: { suspend: true } },
          ],
          "clusterversions.config.openshift.io": [{ metadata: { name: "version" } }],
          "clusteroperators.config.openshift.io": [{ metadata: { name: "image-registry" } }],
        },
      });
      assert.deepEqual(conditions, {
        imagePruner: { kind: "suspended" },
        clusterVersion: "steady",
        registryOperator: "healthy",
      });
    });
  });
});

describe("refreshSnapshot", () => {
  const snapshotOf = async (cluster: FakeCluster): Promise<ClusterSnapshot> => (await load(cluster)).snapshot;
  const withImages = (...names: readonly object[]): FakeCluster => ({
    ...shop,
    objects: { ...shop.objects, [images]: names },
  });

  it("keeps known images, fetches new ones, drops those that are gone, and keeps the instant", async () => {
    const previous = await snapshotOf(shop);
    const objects = fakeObjects({
      ...withImages(rawImage("v2"), rawImage("v3")),
      serverTimes: { [streams]: serverTime + 3_600_000 },
    });
    const fresh = await refreshSnapshot(objects, previous, safeRequest, surveyOptions());

    assert.equal(fresh.takenAt, previous.takenAt);
    assert.deepEqual(
      fresh.images.map((image) => image.digest),
      [digest("v2"), digest("v3")],
    );
    assert.equal(fresh.images[0], previous.images[1]);
    assert.equal(fresh.layerBytes.get(digest("layer v3")), 400);
    const requests = objects.calls.filter((call) => call.includes(images) && !call.startsWith("listed"));
    assert.deepEqual(requests, [`list ${images} (metadata)`, `get ${images}/${digest("v3")}`]);
  });

  it("reads an image anew that was deleted and pushed again", async () => {
    const previous = await snapshotOf(shop);
    const again = rawImage("v1", {
      metadata: { name: digest("v1"), uid: "another", creationTimestamp: "2026-11-21T00:00:00Z" },
    });
    const fresh = await refreshSnapshot(
      fakeObjects(withImages(again)),
      previous,
      safeRequest,
      surveyOptions(),
    );
    assert.equal(fresh.images[0]?.uid, "another");
    assert.equal(fresh.images[0].managed, false);
  });

  it("reads streams and workloads anew", async () => {
    const previous = await snapshotOf(shop);
    const objects = { ...shop.objects, pods: [], [streams]: [rawStream("shop", "new", [])] };
    const fresh = await refreshSnapshot(fakeObjects({ objects }), previous, safeRequest, surveyOptions());
    assert.deepEqual(
      fresh.streams.map(({ name }) => name),
      ["new"],
    );
    assert.deepEqual(
      fresh.referrers.map(({ name }) => name),
      ["web"],
    );
  });

  it("fails where a list fails", async () => {
    const previous = await snapshotOf(shop);
    const objects = fakeObjects(failing({ [images]: unavailable }));
    await assert.rejects(refreshSnapshot(objects, previous, safeRequest, surveyOptions()), unavailable);
  });

  it("equals a look of its own but for the instant", async () => {
    const now = withImages(rawImage("v1"), rawImage("v4"));
    const fresh = await refreshSnapshot(
      fakeObjects(now),
      await snapshotOf(shop),
      safeRequest,
      surveyOptions(),
    );
    const { layerBytes, ...rest } = fresh;
    const { layerBytes: anewBytes, ...anew } = await snapshotOf(now);
    assert.deepEqual(rest, anew);
    for (const [layer, bytes] of anewBytes) assert.equal(layerBytes.get(layer), bytes);
  });
});

describe("createSurveys", () => {
  const identity = { server: "https://a", uid: "u" };
  const lists = (calls: readonly string[]) => calls.filter((call) => call === `list ${images}`).length;

  it("looks once for all that ask for the same", async () => {
    const objects = fakeObjects(shop);
    const surveys = createSurveys();
    const ask = () => surveys.get({ identity, objects }, safeRequest, surveyOptions());
    const [one, two] = await Promise.all([ask(), ask()]);
    assert.equal(one, two);
    assert.equal(await ask(), one);
    assert.equal(lists(objects.calls), 1);
  });

  it("looks again for another request, another cluster, and after drop", async () => {
    const objects = fakeObjects(shop);
    const surveys = createSurveys();
    const cluster = { identity, objects };
    await surveys.get(cluster, safeRequest, surveyOptions());
    await surveys.get(cluster, { ...safeRequest, rules: "oc" }, surveyOptions());
    assert.equal(lists(objects.calls), 2);
    await surveys.get({ identity: { ...identity, uid: "v" }, objects }, safeRequest, surveyOptions());
    assert.equal(lists(objects.calls), 3);
    surveys.drop(cluster);
    await surveys.get(cluster, safeRequest, surveyOptions());
    assert.equal(lists(objects.calls), 4);
  });

  it("does not remember a failure", async () => {
    const surveys = createSurveys();
    const broken = { identity, objects: fakeObjects(failing({ pods: forbidden })) };
    await assert.rejects(surveys.get(broken, safeRequest, surveyOptions()), forbidden);
    const { snapshot } = await surveys.get(
      { identity, objects: fakeObjects(shop) },
      safeRequest,
      surveyOptions(),
    );
    assert.equal(snapshot.images.length, 2);
  });

  it("looks again for those who still wait when whoever asked first is stopped", async () => {
    const objects = fakeObjects(shop);
    const surveys = createSurveys();
    const first = new AbortController();
    const stopped = surveys.get({ identity, objects }, safeRequest, surveyOptions({ signal: first.signal }));
    const waiting = surveys.get({ identity, objects }, safeRequest, surveyOptions());
    first.abort();
    await assert.rejects(stopped, /\[CANCELLED\]/);
    assert.equal((await waiting).snapshot.images.length, 2);
  });
});
