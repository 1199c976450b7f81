import assert from "node:assert/strict";
import { loadSurvey } from "../../../../provider/prune/survey/load.js";
import { ImageError } from "../../../../provider/support/imageError.js";
import {
  digest,
  fakeObjects,
  forbidden,
  rawPod,
  safeRequest,
  serverTime,
  surveyOptions,
  unavailable,
} from "../../../support/fakes/clusterObjects.js";
import { FakeProgressClock } from "../../../support/fakes/progressClock.js";
import { images, streams, shop, load, failing } from "../../../support/fakes/surveyedCluster.js";

describe("loadSurvey", () => {
  it("reduces a cluster to the facts that decide", async () => {
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

  it("counts what it read and names kinds that are not served", async () => {
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
    it("is the server's at the beginning of the first list, rounded down to ten minutes", async () => {
      const later = { [images]: serverTime + 900_000, pods: serverTime + 1_000 };
      const { snapshot } = await load({ ...shop, serverTimes: later });
      assert.equal(snapshot.takenAt, Date.parse("2026-11-21T08:10:00Z"));
    });

    it("includes the skew of the server's clock", async () => {
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
      it(`is reported where ${name} may be unreadable`, async () => {
        const { coverage } = await load(failing({ [builds]: unavailable }), { allowUnreadable: [name] });
        assert.match(coverage.absent["builds"] ?? "", /allowed to be unreadable: .*service unavailable$/);
      });
    }

    it("always stops the survey for images and streams", async () => {
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

    it("stops the other lists", async () => {
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

  it("reads the workloads of all namespaces under safe rules, whatever namespace is pruned", async () => {
    const { snapshot } = await load(shop, { namespace: "other" });
    assert.equal(snapshot.referrers.length, 2);
    assert.equal(snapshot.streams.length, 2);
    assert.deepEqual(snapshot.imageLimits, []);
  });

  it("reports progress from the second second on", async () => {
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
});
