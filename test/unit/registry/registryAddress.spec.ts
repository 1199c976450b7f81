import assert from "node:assert/strict";
import type { RegistryHints } from "../../../provider/prune/survey/survey.js";
import type { AddressChoice } from "../../../provider/registry/registryAddress.js";
import { registryCandidates, schemesOf } from "../../../provider/registry/registryAddress.js";

const nothing: RegistryHints = {
  externalHostnames: [],
  internalHostname: undefined,
  routeHost: undefined,
  publicRepositoryHost: undefined,
  repositoryHost: undefined,
  managedImageHost: undefined,
};
const everything: RegistryHints = {
  externalHostnames: ["registry.example.com", "images.example.com"],
  publicRepositoryHost: "public.example.com",
  routeHost: "default-route-openshift-image-registry.apps.example.com",
  internalHostname: "image-registry.openshift-image-registry.svc:5000",
  repositoryHost: "172.30.1.1:5000",
  managedImageHost: "old.example.com",
};
const outside: AddressChoice = { configured: undefined, inCluster: false };

describe("registryAddress", () => {
  it("tries what is meant for outside first, and the internal addresses last", () => {
    assert.deepEqual(
      registryCandidates(everything, outside).map(({ host, origin }) => `${host} (${origin})`),
      [
        "registry.example.com (external hostname in images.config.openshift.io/cluster)",
        "images.example.com (external hostname in images.config.openshift.io/cluster)",
        "public.example.com (public repository of an image stream)",
        "default-route-openshift-image-registry.apps.example.com (route default-route)",
        "image-registry.openshift-image-registry.svc:5000 (internal hostname in images.config.openshift.io/cluster)",
        "172.30.1.1:5000 (repository of an image stream)",
        "old.example.com (newest managed image)",
      ],
    );
  });

  it("tries the internal addresses first in a pod", () => {
    const hosts = registryCandidates(everything, { ...outside, inCluster: true }).map(({ host }) => host);
    assert.equal(hosts[0], "image-registry.openshift-image-registry.svc:5000");
    assert.equal(hosts[3], "registry.example.com");
    assert.equal(hosts.length, 7);
  });

  it("tries nothing beside registry.url", () => {
    const configured = { host: "r.example.com", scheme: "http" } as const;
    assert.deepEqual(registryCandidates(everything, { configured, inCluster: true }), [
      { host: "r.example.com", scheme: "http", origin: "registry.url" },
    ]);
  });

  it("tries a host once, for its best origin", () => {
    const hints = { ...nothing, routeHost: "R.example.com", repositoryHost: "r.example.com" };
    assert.deepEqual(registryCandidates(hints, outside), [
      { host: "r.example.com", scheme: undefined, origin: "route default-route" },
    ]);
  });

  it("passes over texts that name no host", () => {
    const hints = {
      ...nothing,
      externalHostnames: ["", "a b", "shop/web"],
      routeHost: "",
      internalHostname: "",
    };
    assert.deepEqual(registryCandidates(hints, outside), []);
    assert.deepEqual(registryCandidates(nothing, outside), []);
  });

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
    ["172.30.1.1:5000", undefined, {}, "https http"],
    ["172.30.1.1:5000", undefined, { caCert: "PEM" }, "https"],
    ["172.32.1.1:5000", undefined, {}, "https"],
    ["10.1.1.1", undefined, {}, "https http"],
    ["192.168.1.1", undefined, {}, "https http"],
    ["8.8.8.8:5000", undefined, {}, "https"],
    ["[::1]:5000", undefined, {}, "https http"],
    ["[fd00::1]:5000", undefined, {}, "https http"],
    ["[fe80::1]", undefined, {}, "https http"],
    ["[2001:db8::1]", undefined, {}, "https"],
    ["image-registry.openshift-image-registry.svc:5000", undefined, {}, "https"],
  ];
  for (const [host, scheme, tls, expected] of schemes) {
    it(`speaks ${expected} to ${scheme ?? "no scheme"} ${host} with ${JSON.stringify(tls)}`, () => {
      assert.equal(schemesOf({ host, scheme, origin: "x" }, tls).join(" "), expected);
    });
  }
});
