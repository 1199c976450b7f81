import assert from "node:assert/strict";
import type { KubeObject } from "okd-image-sandbox";
import { describeContract } from "../support/worlds/contract/scene.js";

const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const partial = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
/** Milliseconds until a definition is accepted and served everywhere. */
const patienceMs = 30_000;

interface Discovered {
  readonly groups?: readonly { readonly name: string }[];
  readonly resources?: readonly { readonly name: string; readonly verbs: readonly string[] }[];
}

// In a suite of its own, so that the definition is deleted before the connection is closed.
describeContract("contract: what operators add", (scene) =>
  describe("custom resources", () => {
    const group = () => `run-${scene().target.run}.example.com`;
    const root = (version = "v2") => `/apis/${group()}/${version}`;
    const objects = (version = "v2") => `${root(version)}/namespaces/${scene().namespace}/widgets`;

    before(async function () {
      this.timeout(2 * patienceMs);
      const created = await scene().target.admin.post(definitions, definitionIn(group()));
      assert.equal(created.status, 201, created.text);
      await until(async () => (await scene().target.admin.get(objects())).status === 200);
      for (const name of ["a", "b", "c"]) {
        const body = { metadata: { name }, spec: { image: `quay.io/acme/${name}:1` } };
        const answer = await scene().target.admin.post(objects(), { ...typeIn(group()), ...body });
        assert.equal(answer.status, 201, answer.text);
      }
    });
    after(async () => {
      await scene().target.admin.delete(`${definitions}/widgets.${group()}`);
    });

    it("are served when their definition is accepted", async () => {
      const { admin } = scene().target;
      const { status } = (await admin.get(`${definitions}/widgets.${group()}`)).json as {
        readonly status: {
          readonly conditions: readonly { readonly type: string; readonly status: string }[];
        };
      };
      const established = status.conditions.find(({ type }) => type === "Established");
      assert.equal(established?.status, "True");
    });

    it("are in discovery, with their verbs and in each version that is served", async () => {
      const { admin } = scene().target;
      await until(async () => groupsIn((await admin.get("/apis")).json).includes(group()));
      for (const version of ["v1", "v2"]) {
        const { resources = [] } = (await admin.get(root(version))).json as Discovered;
        const verbs = resources.find(({ name }) => name === "widgets")?.verbs ?? [];
        for (const verb of ["get", "list", "watch"]) assert.ok(verbs.includes(verb), `${version} ${verb}`);
      }
      assert.equal((await admin.get(root("v3"))).status, 404, "a version that is not served");
    });

    it("come in pages, each with its kind and the version that was asked for", async () => {
      const { admin } = scene().target;
      for (const version of ["v1", "v2"]) {
        const first = await admin.get(`${objects(version)}?limit=2`);
        assert.equal(first.status, 200, first.text);
        assert.equal(first.list.kind, "WidgetList");
        assert.equal(first.list.metadata.remainingItemCount, 1);
        const token = encodeURIComponent(first.list.metadata.continue ?? "");
        const second = await admin.get(`${objects(version)}?limit=2&continue=${token}`);
        const items = [...first.list.items, ...second.list.items];
        assert.deepEqual(
          items.map((item) => [item["apiVersion"], item["kind"], item.metadata.name]),
          ["a", "b", "c"].map((name) => [`${group()}/${version}`, "Widget", name]),
        );
      }
    });

    it("are watched like other objects", async () => {
      const { admin } = scene().target;
      const { list } = await admin.get(objects());
      const body = { metadata: { name: "watched" }, spec: { image: "quay.io/acme/watched:1" } };
      await admin.post(objects(), { ...typeIn(group()), ...body });
      await admin.delete(`${objects()}/watched`);
      const from = `watch=true&resourceVersion=${list.metadata.resourceVersion ?? ""}&timeoutSeconds=2`;
      const { text } = await admin.get(`${objects()}?${from}`);
      const events = text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as { readonly type: string; readonly object: KubeObject })
        .filter(({ object }) => object.metadata.name === "watched");
      assert.deepEqual(
        events.map(({ type }) => type),
        ["ADDED", "DELETED"],
      );
      assert.equal(events[0]?.object["kind"], "Widget");
    });

    it("have definitions whose metadata shows a change", async () => {
      const { admin } = scene().target;
      const path = `${definitions}/widgets.${group()}`;
      const seen = async () => {
        const { list } = await admin.get(`${definitions}?limit=500`, { accept: partial });
        const found = list.items.find(({ metadata }) => metadata.name === `widgets.${group()}`);
        assert.equal(found?.["spec"], undefined);
        return found?.metadata;
      };
      const before = await seen();
      const { spec } = (await admin.get(path)).json as {
        readonly spec: { readonly versions: readonly Version[] };
      };
      const versions = spec.versions.map((version) =>
        version.name === "v2" ? { ...version, schema: { openAPIV3Schema: schemaWith("more") } } : version,
      );
      const patched = await admin.patch(path, "merge", { spec: { versions } });
      assert.equal(patched.status, 200, patched.text);
      const after = await seen();
      assert.equal(after?.uid, before?.uid);
      assert.equal(after?.generation, (before?.generation ?? 0) + 1);
    });

    it("are deleted with their definition: 404, and not in discovery", async function () {
      this.timeout(2 * patienceMs);
      const { admin } = scene().target;
      await admin.delete(`${definitions}/widgets.${group()}`);
      await until(async () => (await admin.get(objects())).status === 404);
      await until(async () => !groupsIn((await admin.get("/apis")).json).includes(group()));
    });
  }),
);

interface Version {
  readonly name: string;
}

function schemaWith(...fields: readonly string[]): object {
  const spec = Object.fromEntries(["image", ...fields].map((name) => [name, { type: "string" }]));
  return {
    type: "object",
    properties: { spec: { type: "object", properties: spec } },
  };
}

/** Stored as v2, served as v1 too; v3 is not served. */
function definitionIn(group: string): object {
  const version = (name: string) => ({
    name,
    served: name !== "v3",
    storage: name === "v2",
    schema: { openAPIV3Schema: schemaWith() },
  });
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
      versions: ["v1", "v2", "v3"].map(version),
    },
  };
}

function typeIn(group: string): object {
  return { apiVersion: `${group}/v2`, kind: "Widget" };
}

function groupsIn(json: unknown): readonly string[] {
  return ((json as Discovered).groups ?? []).map(({ name }) => name);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + patienceMs;
  while (!(await isSo())) {
    assert.ok(Date.now() < giveUpAt, "it did not come about");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
