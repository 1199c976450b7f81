import assert from "node:assert/strict";
import { createKindLooks } from "../../../../provider/imports/use/kindLooks.js";
import { createStreamUsers } from "../../../../provider/imports/use/search.js";
import type { ClusterObjects, ObjectWatches } from "../../../../provider/okd/objects.js";
import { ImageError } from "../../../../provider/support/imageError.js";
import { digest } from "../../../support/builders/imageStream.js";

const a = digest("a");
const vanishing = { namespace: "shop", name: "web", tags: ["v1"], digests: [a], upstreams: [] };
const options = { signal: new AbortController().signal, isForRemoval: true };
const unwatchable: ObjectWatches = { watch: () => Promise.reject(new ImageError("API_FORBIDDEN", "no")) };

interface World {
  /** Objects by the plural of their kind. */
  readonly objects?: Readonly<Record<string, readonly object[]>>;
  /** Kinds that may be listed in the stream's namespace only, and those that may not be listed at all. */
  readonly refused?: readonly string[];
  readonly hidden?: readonly string[];
  readonly absent?: readonly string[];
  readonly failing?: readonly string[];
}

function objectsOf({ objects = {}, refused = [], hidden = [], absent = [], failing = [] }: World) {
  const asked: string[] = [];
  const partial: Pick<ClusterObjects, "serves" | "list"> = {
    serves: ({ resource }) => Promise.resolve(!absent.includes(resource)),
    list({ resource }, { namespace, onPage }) {
      asked.push(namespace === undefined ? resource : `${namespace}/${resource}`);
      if (failing.includes(resource)) return Promise.reject(new ImageError("API_ERROR", "down"));
      if (hidden.includes(resource) || (namespace === undefined && refused.includes(resource)))
        return Promise.reject(new ImageError("API_FORBIDDEN", "no"));
      onPage(objects[resource] ?? []);
      return Promise.resolve({ count: 0, bytes: 0, serverTime: 0 });
    },
  };
  const users = createStreamUsers(createKindLooks({ objects: partial, watches: unwatchable }));
  return { asked, users };
}

const find = (world: World) => objectsOf(world).users.find(vanishing, options);

function pod(
  name: string,
  image: string,
  more: { readonly metadata?: object; readonly phase?: string } = {},
) {
  return {
    metadata: { name, namespace: "shop", ...more.metadata },
    spec: { containers: [{ name: "main", image }] },
    status: { phase: more.phase ?? "Running" },
  };
}

function template(name: string, image: string) {
  return {
    metadata: { name, namespace: "shop" },
    spec: { template: { spec: { containers: [{ name: "main", image }] } } },
  };
}

function stream(
  name: string,
  tags: readonly object[],
  pullSpecs: readonly string[] = [],
  namespace = "prod",
) {
  const items = pullSpecs.map((dockerImageReference) => ({ image: a, dockerImageReference }));
  return { metadata: { name, namespace }, spec: { tags }, status: { tags: [{ tag: "t", items }] } };
}

describe("users of a stream", () => {
  it("are found by digest whatever the host, and by tag", async () => {
    const pods = [
      pod("digest", `mirror.example/cache/web@${a}`),
      pod("tag", "registry.svc:5000/shop/web:v1"),
      pod("other", "registry.svc:5000/shop/web:v2"),
    ];

    assert.deepEqual((await find({ objects: { pods } })).blocking, [
      "pod/digest namespace=shop",
      "pod/tag namespace=shop",
    ]);
  });

  it("exclude objects that have ended or are being deleted", async () => {
    const pods = [
      pod("done", `r/shop/web@${a}`, { phase: "Succeeded" }),
      pod("failed", `r/shop/web@${a}`, { phase: "Failed" }),
      pod("going", `r/shop/web@${a}`, { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }),
      pod("unknown", `r/shop/web@${a}`, { phase: "Unknown" }),
    ];

    assert.deepEqual((await find({ objects: { pods } })).blocking, ["pod/unknown namespace=shop"]);
  });

  it("are found in Dockerfiles, hooks, variables and wherever else the prune finds them", async () => {
    const named = (name: string, spec: object) => ({ metadata: { name, namespace: "shop" }, spec });
    const registry = "registry.svc:5000";
    const found = await find({
      objects: {
        buildconfigs: [
          named("built", { source: { dockerfile: `ARG TAG=v1\nFROM ${registry}/shop/web:\${TAG}\n` } }),
          named("other", { source: { dockerfile: "FROM shop/web:v2 AS web\nFROM web\n" } }),
          named("unknown", { source: { dockerfile: "ARG TAG\nFROM shop/web:${TAG}\n" } }),
        ],
        deploymentconfigs: [
          named("custom", { strategy: { customParams: { image: "shop/web:v1" } } }),
          named("hook", {
            strategy: {
              rollingParams: { post: { tagImages: [{ to: { kind: "ImageStreamTag", name: "web:v1" } }] } },
            },
          }),
        ],
        deployments: [
          named("runner", {
            template: {
              spec: { containers: [{ name: "main", image: "x", args: [`--image=${registry}/shop/web:v1`] }] },
            },
          }),
        ],
        templates: [{ ...named("app", {}), kind: "Template", objects: [{ image: "web:${TAG}" }] }],
      },
    });

    assert.deepEqual(found.blocking, [
      "buildconfig/built namespace=shop",
      "buildconfig/unknown namespace=shop",
      "deployment/runner namespace=shop",
      "deploymentconfig/custom namespace=shop",
      "deploymentconfig/hook namespace=shop",
    ]);
    assert.deepEqual(found.history, ["template/app namespace=shop"]);
  });

  it("are told apart from objects that only a rollback needs", async () => {
    const workload = [template("web", `r/shop/web@${a}`)];
    const build = {
      metadata: { name: "app", namespace: "shop" },
      spec: { strategy: { dockerStrategy: {} } },
    };
    const from = { kind: "ImageStreamTag", name: "web:v1" };
    const building = [{ ...build, spec: { strategy: { dockerStrategy: { from } } } }];
    const revision = { metadata: { name: "web-5", namespace: "shop" }, data: workload[0] };
    const found = await find({
      objects: {
        deployments: workload,
        daemonsets: workload,
        statefulsets: workload,
        deploymentconfigs: workload,
        replicasets: workload,
        replicationcontrollers: workload,
        jobs: workload,
        buildconfigs: building,
        builds: building,
        controllerrevisions: [revision],
      },
    });

    assert.deepEqual(found.blocking, [
      "buildconfig/app namespace=shop",
      "daemonset/web namespace=shop",
      "deployment/web namespace=shop",
      "deploymentconfig/web namespace=shop",
      "statefulset/web namespace=shop",
    ]);
    assert.deepEqual(found.history, [
      "build/app namespace=shop",
      "controllerrevision/web-5 namespace=shop",
      "job/web namespace=shop",
      "replicaset/web namespace=shop",
      "replicationcontroller/web namespace=shop",
    ]);
  });

  const source = (kind: string, name: string, namespace?: string) => ({
    name: "x",
    from: { kind, name, namespace },
  });
  const pointing: readonly (readonly [string, object, boolean])[] = [
    ["an alias", stream("s", [source("ImageStreamTag", "web:v1", "shop")]), true],
    ["an alias of another tag", stream("s", [source("ImageStreamTag", "web:v2", "shop")]), false],
    ["an alias of the same name elsewhere", stream("s", [source("ImageStreamTag", "web:v1")]), false],
    ["an alias in the namespace", stream("s", [source("ImageStreamTag", "web:v1")], [], "shop"), true],
    ["an alias of its own tag", stream("web", [source("ImageStreamTag", "v1")]), false],
    ["an image of the stream", stream("s", [source("ImageStreamImage", `web@${a}`, "shop")]), true],
    [
      "the same image of another stream",
      stream("s", [source("ImageStreamImage", `app@${a}`, "shop")]),
      false,
    ],
    ["a pull spec into it", stream("s", [source("DockerImage", `registry.svc:5000/shop/web@${a}`)]), true],
    ["a pull spec by tag", stream("s", [source("DockerImage", "registry.svc:5000/shop/web:v1")]), true],
    ["the same image from its origin", stream("s", [source("DockerImage", `quay.io/acme/web@${a}`)]), false],
    ["an item that is pulled from it", stream("s", [], [`registry.svc:5000/shop/web@${a}`]), true],
    ["an item of its own", stream("s", [], [`registry.svc:5000/prod/s@${a}`]), false],
    ["the stream itself", stream("web", [], [`registry.svc:5000/shop/web@${a}`], "shop"), false],
  ];
  for (const [what, imagestream, isUser] of pointing) {
    it(`${isUser ? "are" : "are not"} other streams with ${what}`, async () => {
      const { blocking } = await find({ objects: { imagestreams: [imagestream] } });

      assert.equal(blocking.length, isUser ? 1 : 0);
    });
  }

  it("are searched in the namespace where the cluster may not be listed", async () => {
    const { asked, users } = objectsOf({
      objects: { pods: [pod("web", `r/shop/web@${a}`)] },
      refused: ["pods", "jobs"],
      hidden: ["nodes", "builds"],
    });

    const found = await users.find(vanishing, options);

    assert.deepEqual(found.blocking, ["pod/web namespace=shop"]);
    assert.deepEqual(found.unread, ["jobs, pods of other namespaces", "builds, nodes at all"]);
    assert.equal(asked.includes("shop/pods"), true);
    assert.equal(asked.includes("shop/nodes"), false, "nodes have no namespace");
  });

  it("are none of a kind that is not served", async () => {
    const found = await find({ absent: ["deploymentconfigs"], failing: ["deploymentconfigs"] });

    assert.deepEqual(found, { blocking: [], history: [], unread: [] });
  });

  it("are not known when a list fails", async () => {
    await assert.rejects(find({ failing: ["statefulsets"] }), /down.*API_ERROR/);
  });
});
