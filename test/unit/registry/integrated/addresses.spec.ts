import assert from "node:assert/strict";
import type { RegistryHints } from "../../../../provider/prune/clusterSurvey.js";
import {
  type AddressChoice,
  addressRemarks,
  isPodsApiServer,
  registryCandidates,
  schemesOf,
} from "../../../../provider/registry/integrated/addresses.js";

const service = "image-registry.openshift-image-registry.svc:5000";
const nothing: RegistryHints = {
  externalHostnames: [],
  internalHostname: undefined,
  routes: [],
  serviceHost: undefined,
  unread: [],
  publicRepositoryHost: undefined,
  repositoryHost: undefined,
  managedImageHost: undefined,
};
const everything: RegistryHints = {
  externalHostnames: ["registry.example.com", "images.example.com"],
  routes: [
    { name: "default-route", host: "default-route-openshift-image-registry.apps.example.com" },
    { name: "corp", host: "registry.corp.example" },
  ],
  internalHostname: "registry.internal:5000",
  serviceHost: service,
  unread: [],
  publicRepositoryHost: "public.example.com",
  repositoryHost: "quay.io",
  managedImageHost: "evil.example.com",
};
const outside: AddressChoice = { configured: undefined, podOf: undefined };

describe("registryAddress", () => {
  it("tries addresses for outside first, and internal ones last", () => {
    assert.deepEqual(
      registryCandidates(everything, outside).map(({ host, origin }) => `${host} (${origin})`),
      [
        "registry.example.com (external hostname in images.config.openshift.io/cluster)",
        "images.example.com (external hostname in images.config.openshift.io/cluster)",
        "default-route-openshift-image-registry.apps.example.com (route default-route)",
        "registry.corp.example (route corp)",
        "registry.internal:5000 (internal hostname in images.config.openshift.io/cluster)",
        `${service} (service image-registry)`,
      ],
    );
  });

  it("tries the internal addresses first in a pod of the cluster", () => {
    const choice: AddressChoice = { ...outside, podOf: "this cluster" };
    const hosts = registryCandidates(everything, choice).map(({ host }) => host);
    assert.deepEqual(hosts.slice(0, 3), ["registry.internal:5000", service, "registry.example.com"]);
    assert.equal(hosts.length, 6);
  });

  it("leaves the internal addresses out in a pod of another cluster, where they lead to that one's registry", () => {
    const choice: AddressChoice = { ...outside, podOf: "another cluster" };
    const hosts = registryCandidates(everything, choice).map(({ host }) => host);
    assert.deepEqual(hosts.length, 4);
    assert.ok(!hosts.includes(service));
  });

  it("tries registry.url alone", () => {
    const configured = { host: "r.example.com", scheme: "http" } as const;
    assert.deepEqual(registryCandidates(everything, { configured, podOf: "this cluster" }), [
      { host: "r.example.com", scheme: "http", origin: "registry.url" },
    ]);
  });

  it("tries a host once, for its best origin", () => {
    const hints = {
      ...nothing,
      routes: [{ name: "default-route", host: "R.example.com" }],
      internalHostname: "r.example.com",
    };
    assert.deepEqual(registryCandidates(hints, outside), [
      { host: "r.example.com", scheme: undefined, origin: "route default-route" },
    ]);
  });

  it("passes over texts that name no host", () => {
    const hints = {
      ...nothing,
      externalHostnames: ["", "a b", "shop/web"],
      routes: [{ name: "default-route", host: "" }],
      internalHostname: "",
    };
    assert.deepEqual(registryCandidates(hints, outside), []);
    assert.deepEqual(registryCandidates(nothing, outside), []);
  });

  it("believes no host that only streams and Images name, and reports it", () => {
    const named = {
      publicRepositoryHost: "public.example.com",
      repositoryHost: "quay.io",
      managedImageHost: "evil.example.com",
    };
    const hints = {
      ...nothing,
      ...named,
      unread: ["this user may not get images.config.openshift.io/cluster"],
    };
    assert.deepEqual(registryCandidates(hints, outside), []);
    assert.deepEqual(addressRemarks(hints, []), [
      "Not everything could be read: this user may not get images.config.openshift.io/cluster",
      'Image streams name "public.example.com", which is not believed: whoever edits a project can write that',
      'Image streams name "quay.io", which is not believed: whoever edits a project can write that',
      'The newest managed Image names "evil.example.com", which is not believed: whoever edits a project can write that',
    ]);
  });

  it("reports no host of streams that an administrator names too", () => {
    const named = {
      publicRepositoryHost: "r.example.com",
      repositoryHost: service,
      managedImageHost: service,
    };
    const hints = { ...nothing, ...named, externalHostnames: ["R.example.com"], serviceHost: service };
    assert.deepEqual(addressRemarks(hints, registryCandidates(hints, outside)), []);
  });

  const apiServers: readonly (readonly [server: string, expected: boolean])[] = [
    ["https://172.30.0.1:443", true],
    ["https://172.30.0.1", true],
    ["https://kubernetes.default.svc", true],
    ["https://kubernetes.default.svc.cluster.local/", true],
    ["https://172.30.0.1:6443", false],
    ["http://172.30.0.1:443", false],
    ["https://api.other.example.com:6443", false],
    ["https://kubernetes.default.svc.evil.example", false],
    ["no address", false],
  ];
  for (const [server, expected] of apiServers) {
    it(`takes ${server} ${expected ? "" : "not "}for the API server of the pod's cluster`, () => {
      assert.equal(isPodsApiServer(server, "172.30.0.1", "443"), expected);
    });
  }

  const schemes: readonly (readonly [
    host: string,
    scheme: "http" | "https" | undefined,
    tls: { readonly caCert?: string; readonly skipTlsVerify?: boolean },
    expected: string,
  ])[] = [
    ["registry.example.com", undefined, {}, "https"],
    ["registry.example.com", undefined, { skipTlsVerify: true }, "https http"],
    ["registry.example.com", "http", {}, "http"],
    ["127.0.0.1:5000", "https", { skipTlsVerify: true }, "https"],
    ["localhost:5000", undefined, {}, "https http"],
    ["127.0.0.1:5000", undefined, {}, "https http"],
    ["127.0.0.1:5000", undefined, { caCert: "PEM" }, "https"],
    ["127.0.0.1.example.com", undefined, {}, "https"],
    ["172.30.1.1:5000", undefined, {}, "https"],
    ["172.30.1.1:5000", undefined, { skipTlsVerify: true }, "https http"],
    ["10.1.1.1", undefined, {}, "https"],
    ["192.168.1.1", undefined, {}, "https"],
    ["8.8.8.8:5000", undefined, {}, "https"],
    ["[::1]:5000", undefined, {}, "https http"],
    ["[fd00::1]:5000", undefined, {}, "https"],
    [service, undefined, {}, "https"],
  ];
  for (const [host, scheme, tls, expected] of schemes) {
    it(`speaks ${expected} to ${scheme ?? "no scheme"} ${host} with ${JSON.stringify(tls)}`, () => {
      assert.equal(schemesOf({ host, scheme, origin: "x" }, tls).join(" "), expected);
    });
  }
});
