import assert from "node:assert/strict";
import {
  digest,
  type FakeCluster,
  forbidden,
  rawImage,
  unavailable,
} from "../../../support/fakes/clusterObjects.js";
import { images, shop, load } from "../../../support/fakes/surveyedCluster.js";

describe("loadSurvey", () => {
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

    it("are part of a survey", async () => {
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

    it("distinguish a finished or foreign Job from a running one", async () => {
      assert.equal(await isRunning(job([{ type: "Complete", status: "True" }])), false);
      assert.equal(await isRunning(job([{ type: "Failed", status: "True" }])), false);
      assert.equal(await isRunning(job([], "backup")), false);
      assert.equal(await isRunning(job([{ type: "Suspended", status: "False" }])), true);
    });

    it("include the host of the newest managed image", async () => {
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

    it("include a suspended pruner and a steady cluster", async () => {
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
