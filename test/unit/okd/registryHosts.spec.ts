import assert from "node:assert/strict";
import { registryRoutes, serviceHost } from "../../../provider/okd/registryHosts.js";

const route = (spec: object, ...admitted: readonly string[]) => ({
  metadata: { name: "r" },
  spec: { host: "r.example.com", to: { kind: "Service", name: "image-registry" }, ...spec },
  status: {
    ingress: admitted.map((status) => ({
      host: "r.example.com",
      conditions: [{ type: "Admitted", status }],
    })),
  },
});
const namesOf = (...routes: readonly unknown[]) => registryRoutes(routes).map(({ host }) => host);

describe("registryRoutes", () => {
  it("takes a route to service image-registry unless a router refuses it", () => {
    assert.deepEqual(namesOf(route({})), ["r.example.com"]);
    assert.deepEqual(namesOf(route({}, "True")), ["r.example.com"]);
    assert.deepEqual(namesOf(route({ path: "/" }, "False", "True")), ["r.example.com"]);
  });

  it("leaves out a route that every router refuses, because another project has its host", () => {
    assert.deepEqual(namesOf(route({}, "False")), []);
    assert.deepEqual(namesOf(route({}, "False", "False")), []);
  });

  it("leaves out a route to another service, or to a part of this one", () => {
    assert.deepEqual(namesOf(route({ to: { kind: "Service", name: "metrics" } })), []);
    assert.deepEqual(namesOf(route({ to: {} }), route({ to: undefined }), {}, undefined), []);
    assert.deepEqual(namesOf(route({ path: "/metrics" })), []);
  });

  it("takes the operator's own route first, and the others by name", () => {
    const named = (name: string) => ({ ...route({ host: `${name}.example.com` }), metadata: { name } });
    assert.deepEqual(namesOf(named("b"), named("default-route"), named("a")), [
      "default-route.example.com",
      "a.example.com",
      "b.example.com",
    ]);
  });
});

describe("serviceHost", () => {
  const rows: readonly (readonly [ports: unknown, port: number])[] = [
    [[{ port: 5000 }], 5000],
    [[{ port: 443 }], 443],
    [[{ port: 443 }, { port: 5000 }], 5000],
    [[], 5000],
    ["5000", 5000],
    [[{ port: "443" }], 5000],
  ];
  for (const [ports, port] of rows) {
    it(`has port ${port} with ports ${JSON.stringify(ports)}`, () => {
      assert.equal(serviceHost({ spec: { ports } }), `image-registry.openshift-image-registry.svc:${port}`);
    });
  }

  it("has port 5000 where the service may not be read", () => {
    assert.equal(serviceHost(undefined), "image-registry.openshift-image-registry.svc:5000");
  });
});
