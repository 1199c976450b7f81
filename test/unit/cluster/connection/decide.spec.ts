import assert from "node:assert/strict";
import path from "node:path";
import { never } from "../../../support/clients/cluster.js";
import {
  resolve,
  authorization,
  atHome,
  serviceAccount,
  type Given,
} from "../../../support/fakes/connections.js";
import { homeConfig, kubeconfig, machine } from "../../../support/fakes/machine.js";

describe("resolveConnection decides", () => {
  interface Case extends Given {
    readonly name: string;
    readonly server: string;
    readonly authorization: string;
    readonly namespace?: string;
  }
  const both = kubeconfig({ prod: { namespace: "shop" }, stage: {} });
  const cases: readonly Case[] = [
    {
      name: "host and token of the arguments, whatever else there is",
      args: { host: "https://api.args:6443/", token: "a" },
      config: { "okd:host": "https://api.config:6443", "okd:token": "b" },
      machine: machine({ OKD_HOST: "https://api.env:6443", OKD_TOKEN: "c" }, { [homeConfig]: both }),
      server: "https://api.args:6443",
      authorization: "Bearer a",
    },
    {
      name: "stack config before the environment",
      config: { "okd:host": "https://api.config:6443", "okd:token": "b" },
      machine: machine({ KUBECONFIG: homeConfig }, { [homeConfig]: both }),
      server: "https://api.config:6443",
      authorization: "Bearer b",
    },
    {
      name: "the environment before ~/.kube/config",
      machine: machine(
        { K8S_AUTH_HOST: "https://api.env:6443", K8S_AUTH_API_KEY: "c" },
        { [homeConfig]: both },
      ),
      server: "https://api.env:6443",
      authorization: "Bearer c",
    },
    {
      name: "OKD_* before K8S_AUTH_*",
      machine: machine({
        K8S_AUTH_HOST: "https://api.k8s:6443",
        OKD_HOST: "https://api.okd:6443",
        OKD_TOKEN: "o",
      }),
      server: "https://api.okd:6443",
      authorization: "Bearer o",
    },
    {
      name: "~/.kube/config when nothing else is said",
      machine: atHome(both),
      server: "https://api.prod:6443",
      authorization: "Bearer prod-token",
      namespace: "shop",
    },
    {
      name: "the service account in a pod",
      machine: machine(
        { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" },
        {
          [`${serviceAccount}/token`]: "sa-token\n",
          [`${serviceAccount}/ca.crt`]: "ca",
          [`${serviceAccount}/namespace`]: "ci",
        },
      ),
      server: "https://[fd00::1]:443",
      authorization: "Bearer sa-token",
      namespace: "ci",
    },
    {
      name: "a context of the arguments, looked up in the kubeconfig at home",
      args: { context: "stage" },
      machine: atHome(both),
      server: "https://api.stage:6443",
      authorization: "Bearer stage-token",
    },
    {
      name: "a context of stack config, looked up in KUBECONFIG before home",
      config: { "okd:context": "stage" },
      machine: machine(
        { KUBECONFIG: "/k/one" },
        { "/k/one": kubeconfig({ x: {}, stage: { server: "https://api.one:6443" } }), [homeConfig]: both },
      ),
      server: "https://api.one:6443",
      authorization: "Bearer stage-token",
    },
    {
      name: "a token of the arguments over the user of their context",
      args: { context: "stage", token: "mine" },
      machine: atHome(both),
      server: "https://api.stage:6443",
      authorization: "Bearer mine",
    },
    {
      name: "another cluster of the kubeconfig for the current context's user",
      args: { cluster: "stage" },
      machine: atHome(both),
      server: "https://api.stage:6443",
      authorization: "Bearer prod-token",
      namespace: "shop",
    },
    {
      name: "a kubeconfig given as text",
      args: { kubeconfig: both },
      server: "https://api.prod:6443",
      authorization: "Bearer prod-token",
      namespace: "shop",
    },
    {
      name: "a kubeconfig given as YAML text",
      args: {
        kubeconfig: [
          "current-context: a",
          "clusters: [{name: a, cluster: {server: 'https://api.yaml:6443/'}}]",
          "contexts: [{name: a, context: {cluster: a, user: u}}]",
          "users: [{name: u, user: {username: ann, password: pw}}]",
        ].join("\n"),
      },
      server: "https://api.yaml:6443",
      authorization: `Basic ${Buffer.from("ann:pw").toString("base64")}`,
    },
    {
      name: "a kubeconfig given as an object",
      args: { kubeconfig: JSON.parse(both) as Record<string, unknown> },
      server: "https://api.prod:6443",
      authorization: "Bearer prod-token",
      namespace: "shop",
    },
    {
      name: "a kubeconfig given as a path below the home folder",
      args: { kubeconfig: "~/my.config", namespace: "mine" },
      machine: machine({}, { "/home/ann/my.config": both }),
      server: "https://api.prod:6443",
      authorization: "Bearer prod-token",
      namespace: "mine",
    },
    {
      name: "several files of KUBECONFIG, of which missing ones are passed over and the first name wins",
      machine: machine(
        { KUBECONFIG: ["/k/missing", "/k/one", "/k/two"].join(path.delimiter) },
        { "/k/one": kubeconfig({ prod: { server: "https://api.first:6443" } }), "/k/two": both },
      ),
      server: "https://api.first:6443",
      authorization: "Bearer prod-token",
    },
    {
      name: "several files of KUBECONFIG, of which empty ones are passed over",
      machine: machine(
        { KUBECONFIG: ["/k/empty", "/k/two"].join(path.delimiter) },
        { "/k/empty": "\n", "/k/two": both },
      ),
      server: "https://api.prod:6443",
      authorization: "Bearer prod-token",
      namespace: "shop",
    },
    {
      name: "host and token of the environment beside a KUBECONFIG that is not written yet",
      machine: machine({ OKD_HOST: "https://api.env:6443", OKD_TOKEN: "c", KUBECONFIG: "/k/missing" }),
      server: "https://api.env:6443",
      authorization: "Bearer c",
    },
    {
      name: "an API server below a path of a proxy",
      args: { host: "https://rancher.args/k8s/clusters/c-1/", token: "a" },
      server: "https://rancher.args/k8s/clusters/c-1",
      authorization: "Bearer a",
    },
    {
      name: "the pod's service account where ~/.kube/config is empty",
      machine: machine(
        { KUBERNETES_SERVICE_HOST: "10.0.0.1" },
        { [homeConfig]: "", [`${serviceAccount}/token`]: "sa-token", [`${serviceAccount}/ca.crt`]: "ca" },
      ),
      server: "https://10.0.0.1:443",
      authorization: "Bearer sa-token",
    },
    {
      name: "credentials of a later place for a host without any, when it names the same server",
      args: { host: "https://API.prod:6443/" },
      machine: atHome(both),
      server: "https://API.prod:6443",
      authorization: "Bearer prod-token",
    },
    {
      name: "no credentials of a later place that names another server",
      args: { host: "https://api.other:6443" },
      machine: atHome(both),
      server: "https://api.other:6443",
      authorization: "none",
    },
    {
      name: "no token of the environment for a host of the arguments",
      args: { host: "https://api.args:6443" },
      machine: machine({ OKD_TOKEN: "c" }),
      server: "https://api.args:6443",
      authorization: "none",
    },
    {
      name: "the host of the environment over a KUBECONFIG for something else",
      machine: machine(
        { K8S_AUTH_HOST: "https://api.env:6443", KUBECONFIG: homeConfig },
        { [homeConfig]: both },
      ),
      server: "https://api.env:6443",
      authorization: "none",
    },
    {
      name: "nothing by what is wrong in places that do not count",
      args: { host: "https://api.args:6443", token: "a" },
      machine: machine({ OKD_TIMEOUT_SECONDS: "soon", KUBECONFIG: "/missing" }, { [homeConfig]: "[" }),
      server: "https://api.args:6443",
      authorization: "Bearer a",
    },
  ];
  for (const { name, server, authorization: expected, namespace, ...given } of cases) {
    it(name, async () => {
      const connection = resolve(given);
      assert.equal(connection.endpoint.server, server);
      assert.equal(await authorization(connection), expected);
      assert.equal(connection.namespace, namespace);
    });
  }

  it("for settings without a cluster, which are laid over those of later places", () => {
    const connection = resolve({
      args: { namespace: "a", impersonate: { user: "ann" } },
      config: { "okd:timeoutSeconds": "7", "okd:skipTlsVerify": "true", "okd:namespace": "b" },
      machine: machine(
        { K8S_AUTH_VERIFY_SSL: "yes", OKD_PROXY_URL: "http://proxy:3128", KUBECONFIG: homeConfig },
        { [homeConfig]: both },
      ),
    });
    assert.equal(connection.namespace, "a");
    assert.deepEqual(connection.impersonate, { user: "ann" });
    assert.equal(connection.timeoutMs, 7000);
    assert.equal(connection.endpoint.skipTlsVerify, true);
    assert.equal(connection.endpoint.proxyUrl, "http://proxy:3128");
  });

  it("for Ansible's variables: VERIFY_SSL the other way round, groups by comma", () => {
    const connection = resolve({
      machine: machine({
        K8S_AUTH_HOST: "https://api.env:6443",
        K8S_AUTH_USERNAME: "ann",
        K8S_AUTH_PASSWORD: "pw",
        K8S_AUTH_VERIFY_SSL: "no",
        K8S_AUTH_IMPERSONATE_USER: "bob",
        K8S_AUTH_IMPERSONATE_GROUPS: "dev, ops",
      }),
    });
    assert.equal(connection.endpoint.skipTlsVerify, true);
    assert.deepEqual(connection.impersonate, { user: "bob", groups: ["dev", "ops"] });
  });

  it("for the proxy of the environment unless NO_PROXY or the kubeconfig say otherwise", () => {
    const proxy = { HTTPS_PROXY: "http://proxy:3128" };
    const args = { host: "https://api.args:6443" };
    assert.equal(resolve({ args, machine: machine(proxy) }).endpoint.proxyUrl, "http://proxy:3128");
    assert.equal(
      resolve({ args, machine: machine({ ...proxy, NO_PROXY: ".args" }) }).endpoint.proxyUrl,
      undefined,
    );
    const own = kubeconfig({
      prod: { cluster: { "proxy-url": "http://own:1", "tls-server-name": "api.int" } },
    });
    const { endpoint } = resolve({ machine: machine(proxy, { [homeConfig]: own }) });
    assert.equal(endpoint.proxyUrl, "http://own:1");
    assert.equal(endpoint.tlsServerName, "api.int");
  });

  it("for no proxy to a server that noProxy lists, wherever the proxy is named, and then NO_PROXY does not count", () => {
    const own = kubeconfig({ prod: { cluster: { "proxy-url": "http://own:1" } } });
    const proxyOf = (given: Given) => resolve(given).endpoint.proxyUrl;
    const host = "https://api.args:6443";
    const variables = { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: ".args" };
    const explicit = { host, proxyUrl: "http://explicit:1" };

    assert.equal(proxyOf({ args: { ...explicit, noProxy: ".args" } }), undefined);
    assert.equal(proxyOf({ args: { ...explicit, noProxy: ".other" } }), "http://explicit:1");
    assert.equal(proxyOf({ args: explicit, machine: machine(variables) }), "http://explicit:1");
    assert.equal(
      proxyOf({ args: { host, noProxy: ".other" }, machine: machine(variables) }),
      "http://proxy:3128",
    );
    const ansible = {
      K8S_AUTH_HOST: host,
      K8S_AUTH_PROXY: "http://ansible:1",
      K8S_AUTH_NO_PROXY: "10.0.0.0/8,.args",
    };
    assert.equal(proxyOf({ machine: machine(ansible) }), undefined);
    assert.equal(proxyOf({ machine: machine({ ...ansible, OKD_NO_PROXY: ".other" }) }), "http://ansible:1");
    assert.equal(
      proxyOf({ args: { noProxy: "api.prod" }, machine: machine({}, { [homeConfig]: own }) }),
      undefined,
    );
  });

  it("for a proxy's headers of the same place as the proxy or a better one, and for none without a proxy", () => {
    const headersOf = (given: Given) => resolve(given).endpoint.proxyHeaders;
    const host = "https://api.env:6443";
    const ansible = {
      K8S_AUTH_HOST: host,
      K8S_AUTH_PROXY: "http://ansible:1",
      K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH: "bob:proxy",
      K8S_AUTH_PROXY_HEADERS_BASIC_AUTH: "ann:gate",
      K8S_AUTH_PROXY_HEADERS_USER_AGENT: "robot/1",
    };
    const all = { basicAuth: "ann:gate", proxyBasicAuth: "bob:proxy", userAgent: "robot/1" };
    assert.deepEqual(headersOf({ machine: machine(ansible) }), all);
    const mine = { proxyBasicAuth: "eve:mine" };
    assert.deepEqual(headersOf({ args: { proxyHeaders: mine }, machine: machine(ansible) }), mine);
    const config = { "okd:proxyHeaders": JSON.stringify(mine) };
    assert.deepEqual(headersOf({ config, machine: machine(ansible) }), mine);
    assert.equal(headersOf({ args: { proxyUrl: "http://other:1" }, machine: machine(ansible) }), undefined);
    assert.equal(headersOf({ machine: machine({ ...ansible, K8S_AUTH_NO_PROXY: ".env" }) }), undefined);
    assert.equal(headersOf({ args: { host, proxyHeaders: mine } }), undefined);
  });

  it("for other identities only of the same server, and for none where the arguments have one", async () => {
    const connection = resolve({
      args: { host: "https://api.prod:6443", token: "old" },
      config: { "okd:host": "https://api.stage:6443", "okd:token": "stage" },
      machine: atHome(both),
    });
    const later = await Promise.all(connection.otherIdentities.sources().map((source) => source.read(never)));
    assert.deepEqual(
      later.map(({ headers }) => headers["Authorization"]),
      ["Bearer prod-token"],
    );
    assert.match(connection.otherIdentities.barredBy ?? "", /`connection` says about credentials is final/);
  });

  it("for one fingerprint for equal connections, and another one for another token, which it does not show", () => {
    const fingerprint = (token: string) =>
      resolve({ args: { host: "https://api.args:6443", token } }).fingerprint;
    assert.equal(fingerprint("a1b2c3"), fingerprint("a1b2c3"));
    assert.notEqual(fingerprint("a1b2c3"), fingerprint("a1b2c4"));
  });
});
