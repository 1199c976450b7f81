import assert from "node:assert/strict";
import { createSecretUsers } from "../../../../provider/imports/use/pullers.js";
import { describeSecretUse } from "../../../../provider/imports/use/describePullers.js";
import { ImageError } from "../../../../provider/support/imageError.js";
import { type FakeCluster, fakeObjects } from "../../../support/fakes/clusterObjects.js";

const key = { namespace: "shop", name: "quay" };
const object = (name: string, more: object, metadata: object = {}) => ({
  metadata: { namespace: "shop", name, ...metadata },
  ...more,
});
const pod = { containers: [{ image: "x" }], imagePullSecrets: [{ name: "other" }, { name: "quay" }] };
const find = (cluster: FakeCluster) =>
  createSecretUsers(fakeObjects(cluster)).findSecretUsers(key, { signal: new AbortController().signal });

describe("Users of a pull secret", () => {
  it("are service accounts, pods, workloads and builds of its namespace that name it", async () => {
    const found = await find({
      objects: {
        serviceaccounts: [
          object("default", { imagePullSecrets: [{ name: "quay" }] }),
          object("builder", { secrets: [{ name: "quay" }] }),
          object("deployer", { secrets: [{ name: "quay-2" }] }),
        ],
        pods: [
          object("bare", { spec: pod }),
          object("web-1", { spec: pod }, { ownerReferences: [{ kind: "ReplicaSet" }] }),
        ],
        "deployments.apps": [object("web", { spec: { template: { spec: pod } } })],
        "statefulsets.apps": [
          object("db", { spec: { template: { spec: { volumes: [{ secret: { secretName: "quay" } }] } } } }),
          object("cache", { spec: { template: { spec: { containers: [] } } } }),
        ],
        "cronjobs.batch": [
          object("nightly", { spec: { jobTemplate: { spec: { template: { spec: pod } } } } }),
        ],
        "buildconfigs.build.openshift.io": [
          object("site", { spec: { strategy: { dockerStrategy: { pullSecret: { name: "quay" } } } } }),
        ],
        "replicasets.apps": [
          { metadata: { namespace: "elsewhere", name: "x" }, spec: { template: { spec: pod } } },
        ],
      },
    });

    assert.deepEqual(found.unread, []);
    assert.deepEqual(found.users, [
      "buildconfig/site",
      "cronjob/nightly",
      "deployment/web",
      "pod/bare",
      "serviceaccount/builder",
      "serviceaccount/default",
      "statefulset/db",
    ]);
  });

  it("are unknown where a kind may not be listed, and none where it is not served", async () => {
    const found = await find({
      objects: {},
      unserved: ["buildconfigs.build.openshift.io"],
      failing: {
        serviceaccounts: new ImageError("API_FORBIDDEN", "no"),
        "buildconfigs.build.openshift.io": new ImageError("API_ERROR", "not served"),
      },
    });
    assert.deepEqual(found, { users: [], unread: ["serviceaccounts"] });
  });

  it("are not overlooked where a list fails for another reason", async () => {
    const failing = { pods: new ImageError("API_UNREACHABLE", "gone") };
    await assert.rejects(find({ objects: {}, failing }), /API_UNREACHABLE/);
  });

  it("keep the secret unless it may be removed in use, and are named in either case", () => {
    const found = { users: ["deployment/web", "serviceaccount/default"], unread: [] };
    assert.deepEqual(describeSecretUse(key, found, false), {
      isKept: true,
      warnings: [
        "pull secret shop/quay is kept, because deployment/web, serviceaccount/default use it; with deleteInUse: true it would be removed",
      ],
    });
    const removed = describeSecretUse(key, found, true);
    assert.equal(removed.isKept, false);
    assert.match(removed.warnings.join("\n"), /^pull secret shop\/quay is removed, although deployment\/web/);
    const unsure = describeSecretUse(key, { users: [], unread: ["serviceaccounts"] }, false);
    assert.deepEqual([unsure.isKept, unsure.warnings.length], [false, 1]);
    assert.deepEqual(describeSecretUse(key, { users: [], unread: [] }, false), {
      isKept: false,
      warnings: [],
    });
  });
});
