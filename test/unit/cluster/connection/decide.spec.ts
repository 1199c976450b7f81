import assert from "node:assert/strict";
import path from "node:path";
import {
  resolveConnection,
  type ResolvedConnection,
} from "../../../../provider/cluster/connection/decide.js";
import type { ConnectionInputs } from "../../../../provider/cluster/connection/schema.js";
import type { ConnectionEnvironment } from "../../../../provider/http/machine.js";
import { hasCode } from "../../../../provider/support/imageError.js";
import { never } from "../../../support/clients/cluster.js";
import { homeConfig, kubeconfig, machine } from "../../../support/fakes/machine.js";
import { type Authority, createAuthority, type Issued } from "../../../support/servers/certificates.js";

interface Given {
  readonly args?: ConnectionInputs;
  readonly config?: Readonly<Record<string, string>>;
  readonly machine?: ConnectionEnvironment;
}

function resolve({ args, config = {}, machine: environment = machine() }: Given): ResolvedConnection {
  return resolveConnection({ inputs: args, config: (key) => config[key] }, environment);
}

async function authorization(connection: ResolvedConnection): Promise<string> {
  const { headers } = await connection.credentials.read(never);
  return String(headers["Authorization"] ?? "none");
}

const atHome = (text: string) => machine({}, { [homeConfig]: text });
const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

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

  it("settings of better places that name no cluster are laid over", () => {
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

  it("Ansible's words: VERIFY_SSL the other way round, groups by comma", () => {
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

  it("the proxy of the environment unless NO_PROXY or the kubeconfig say otherwise", () => {
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

  it("other identities only for the same server, and none of them for what the arguments say", async () => {
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

  it("one fingerprint for equal connections and another for another token, without showing it", () => {
    const fingerprint = (token: string) =>
      resolve({ args: { host: "https://api.args:6443", token } }).fingerprint;
    assert.equal(fingerprint("a1b2c3"), fingerprint("a1b2c3"));
    assert.notEqual(fingerprint("a1b2c3"), fingerprint("a1b2c4"));
  });
});

describe("resolveConnection refuses", () => {
  let authority: Authority;
  let pair: Issued;
  before(async () => {
    authority = await createAuthority();
    pair = await authority.issue("ann", []);
  });

  interface Refusal extends Given {
    readonly name: string;
    readonly says: RegExp;
  }
  const host = "https://api.args:6443";
  const one = kubeconfig({ prod: {}, stage: {} });
  const refusals: readonly Refusal[] = [
    { name: "to guess a cluster", says: /^connection: no cluster is named\..*okd:kubeconfig.*oc login/ },
    {
      name: "a token of the arguments without a host",
      args: { token: "t" },
      machine: atHome(one),
      says: /^connection\.token: names no cluster: set host, kubeconfig or context.*\(argument\)/,
    },
    {
      name: "a password of stack config without a host",
      config: { "okd:username": "ann", "okd:password": "pw" },
      says: /^connection\.username: names no cluster.*\(stack config okd:username\)/,
    },
    {
      name: "a token of the environment without a host",
      machine: machine({ K8S_AUTH_API_KEY: "t" }, { [homeConfig]: one }),
      says: /^connection\.token: names no cluster.*\(variable K8S_AUTH_API_KEY\)/,
    },
    {
      name: "a host without a scheme",
      args: { host: "api.args:6443" },
      says: /^connection\.host: "api\.args:6443" is not a URL; write https:\/\/api\.args:6443/,
    },
    {
      name: "a host with a password",
      args: { host: "https://a:b@c" },
      says: /^connection\.host: must not contain user and password/,
    },
    {
      name: "a proxy without a scheme",
      args: { host, proxyUrl: "proxy:3128" },
      says: /^connection\.proxyUrl: is not an http/,
    },
    {
      name: "a token with a line break",
      args: { host, token: "abc\n" },
      says: /^connection\.token: contains a line break/,
    },
    {
      name: "a token with a blank",
      args: { host, token: "abc def" },
      says: /^connection\.token: contains a blank/,
    },
    {
      name: "a token with the word of the header",
      config: { "okd:host": host, "okd:token": "Bearer abc" },
      says: /^connection\.token: begins with a word of the header; give the token alone, without Bearer \(stack config okd:token\)/,
    },
    {
      name: "a token in quotes",
      machine: machine({ OKD_HOST: host, OKD_TOKEN: '"abc"' }),
      says: /^connection\.token: contains quotes.*\(variable OKD_TOKEN\)/,
    },
    {
      name: "a token of a variable with a line break",
      machine: machine({ K8S_AUTH_HOST: host, K8S_AUTH_API_KEY: "abc\n" }),
      says: /^connection\.token: contains a line break.*\(variable K8S_AUTH_API_KEY\)/,
    },
    {
      name: "a user with a colon",
      args: { host, username: "a:b", password: "c" },
      says: /^connection\.username: must not contain a colon/,
    },
    {
      name: "a host of a variable without a scheme",
      machine: machine({ K8S_AUTH_HOST: "api.env:6443" }),
      says: /^connection\.host: "api\.env:6443" is not a URL; write https:\/\/api\.env:6443 \(variable K8S_AUTH_HOST\)/,
    },
    {
      name: "a host with another scheme",
      args: { host: "ftp://api.args" },
      says: /^connection\.host: "ftp:\/\/api\.args" is not an address like https:/,
    },
    {
      name: "a host with a port that is none",
      args: { host: "https://api.args:99999" },
      says: /^connection\.host: "https:\/\/api\.args:99999" is not an address like/,
    },
    {
      name: "a host with a line break at its end",
      machine: machine({ OKD_HOST: "https://api.env:6443\n" }),
      says: /^connection\.host: "https:\/\/api\.env:6443" has a blank or a line break in it or around it \(variable OKD_HOST\)/,
    },
    {
      name: "a host with a path of the API",
      args: { host: "https://api.args:6443/apis/image.openshift.io" },
      says: /^connection\.host: ends with \/apis\/image\.openshift\.io; give the address that `oc whoami --show-server` prints/,
    },
    {
      name: "the web console's address",
      config: { "okd:host": "https://console-openshift-console.apps.args" },
      says: /^connection\.host: "console-openshift-console\.apps\.args" is the web console's .*\(stack config okd:host\)/,
    },
    {
      name: "a token beside a user",
      args: { host, token: "t", username: "a", password: "b" },
      says: /give either token or username/,
    },
    {
      name: "a user without a password",
      args: { host, username: "a" },
      says: /^connection\.username: needs password/,
    },
    {
      name: "a CA file that is missing",
      args: { host, caCert: "/ca.pem" },
      says: /^connection\.caCert: \/ca\.pem cannot be read: there is no such file \(argument\)/,
    },
    {
      name: "a CA file that may not be read",
      machine: machine({ OKD_HOST: host, K8S_AUTH_SSL_CA_CERT: "/ca.pem" }, { "/ca.pem": "(not readable)" }),
      says: /^connection\.caCert: \/ca\.pem cannot be read: it may not be read \(variable K8S_AUTH_SSL_CA_CERT\)/,
    },
    {
      name: "a CA file with something else in it",
      args: { host, caCert: "/ca.pem" },
      machine: machine({}, { "/ca.pem": "hello" }),
      says: /^connection\.caCert: holds no certificate/,
    },
    {
      name: "a CA with a line missing",
      args: { host, caCert: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" },
      says: /^connection\.caCert: holds a certificate that cannot be parsed/,
    },
    {
      name: "a client certificate without a key",
      args: { host, clientCert: "/c" },
      says: /connection\.clientCert: needs clientKey beside it/,
    },
    {
      name: "an unreadable kubeconfig",
      args: { kubeconfig: "/k" },
      says: /^connection\.kubeconfig: \/k cannot be read: there is no such file \(argument\)/,
    },
    {
      name: "a KUBECONFIG of which nothing is there",
      machine: machine({ KUBECONFIG: "/k" }),
      says: /^connection\.kubeconfig: \/k cannot be read: there is no such file \(variable KUBECONFIG\)/,
    },
    {
      name: "a KUBECONFIG of several files of which none is there, naming all",
      machine: machine({ KUBECONFIG: ["/k", "/l"].join(path.delimiter) }),
      says: /^connection\.kubeconfig: none of these files is there: \/k, \/l \(variable KUBECONFIG\)/,
    },
    {
      name: "an empty KUBECONFIG file",
      machine: machine({ KUBECONFIG: "/k" }, { "/k": " \n" }),
      says: /^connection\.kubeconfig: \/k is empty; `oc login` writes it \(variable KUBECONFIG\)/,
    },
    {
      name: "a KUBECONFIG that is a folder",
      machine: machine({ KUBECONFIG: "/k" }, { "/k": "(folder)" }),
      says: /^connection\.kubeconfig: \/k cannot be read: it is a folder \(variable KUBECONFIG\)/,
    },
    {
      name: "a KUBECONFIG that may not be read, even beside one that may",
      machine: machine(
        { KUBECONFIG: ["/k", "/l"].join(path.delimiter) },
        { "/k": "(not readable)", "/l": one },
      ),
      says: /^connection\.kubeconfig: \/k cannot be read: it may not be read \(variable KUBECONFIG\)/,
    },
    {
      name: "a KUBECONFIG without any name",
      machine: machine({ KUBECONFIG: path.delimiter }),
      says: /^connection\.kubeconfig: names no file \(variable KUBECONFIG\)/,
    },
    {
      name: "a kubeconfig without any context",
      machine: machine({ OKD_KUBECONFIG: "/k" }, { "/k": '{"clusters":[],"contexts":[]}' }),
      says: /^connection\.context: the kubeconfig has no current-context and no other context \(\/k \(variable OKD_KUBECONFIG\)\)/,
    },
    {
      name: "groups to impersonate without a user",
      machine: machine({ OKD_HOST: host, K8S_AUTH_IMPERSONATE_GROUPS: "dev" }),
      says: /^connection\.impersonate: groups need a user beside them \(variable K8S_AUTH_IMPERSONATE_GROUPS\)/,
    },
    {
      name: "an empty user to impersonate",
      config: { "okd:host": host, "okd:impersonate": '{"user":""}' },
      says: /^connection\.impersonate: is not \{"user"/,
    },
    {
      name: "a kubeconfig that is not YAML, without quoting it",
      machine: atHome("clusters:\n  - token: sha256~topsecret\n bad: [\n"),
      says: /^connection\.kubeconfig: is not valid YAML in line \d+: (?!.*topsecret).*\(\/home\/ann\/\.kube\/config\)/s,
    },
    {
      name: "a text that is no kubeconfig",
      args: { kubeconfig: "a: b\nc: d" },
      says: /neither clusters nor contexts/,
    },
    {
      name: "a cluster without a server",
      args: { kubeconfig: '{"clusters":[{"name":"a","cluster":{}}]}' },
      says: /is incomplete: clusters\[0\]\.cluster\.server is missing/,
    },
    {
      name: "an unknown context, with those that there are",
      config: { "okd:context": "prdo" },
      machine: atHome(one),
      says: /^connection\.context: there is no context "prdo" in \/home\/ann\/\.kube\/config; known: prod, stage \(stack config okd:context\)/,
    },
    {
      name: "a context without any kubeconfig",
      args: { context: "prod" },
      says: /^connection\.context: there is no kubeconfig to look it up in/,
    },
    {
      name: "a kubeconfig without a current context",
      args: { kubeconfig: one.replace('"current-context":"prod"', '"current-context":""') },
      says: /^connection\.context: the kubeconfig has no current-context; name one of: prod, stage/,
    },
    {
      name: "a context whose cluster is missing",
      args: { kubeconfig: one.replace('"cluster":"prod"', '"cluster":"gone"') },
      says: /^connection\.context: context "prod" names the cluster "gone", which is not there; known: prod, stage/,
    },
    {
      name: "an unknown cluster",
      args: { cluster: "x" },
      machine: atHome(one),
      says: /^connection\.cluster: there is no cluster "x"/,
    },
    {
      name: "a server that is no URL",
      args: { kubeconfig: kubeconfig({ prod: { server: "api.prod" } }) },
      says: /server of cluster "prod" is not an http\(s\) URL/,
    },
    {
      name: "a CA in a kubeconfig that is none",
      args: { kubeconfig: kubeconfig({ prod: { cluster: { "certificate-authority-data": "aGVsbG8=" } } }) },
      says: /the CA of cluster "prod" holds no certificate/,
    },
    {
      name: "two servers in one place",
      args: { host: "https://api.other:6443", kubeconfig: one },
      says: /^connection\.host: https:\/\/api\.other:6443 is not the server of the chosen context \(https:\/\/api\.prod:6443\)/,
    },
    {
      name: "a pod without its token",
      machine: machine({ KUBERNETES_SERVICE_HOST: "10.0.0.1" }),
      says: /this is a pod .*ca\.crt cannot be read.*automountServiceAccountToken/,
    },
    {
      name: "a proxy of the environment that is no URL, without quoting it",
      args: { host },
      machine: machine({ HTTPS_PROXY: "ftp://ann:topsecret@proxy" }),
      says: /^connection\.proxyUrl: is not an http:\/\/.* \(proxy variables\)/,
    },
    {
      name: "a boolean that is none",
      config: { "okd:skipTlsVerify": "maybe" },
      says: /^connection\.skipTlsVerify: "maybe" is neither true nor false \(stack config okd:skipTlsVerify\)/,
    },
    {
      name: "a timeout that is none",
      machine: machine({ OKD_TIMEOUT_SECONDS: "30s" }),
      says: /^connection\.timeoutSeconds: "30s" is not a number of seconds/,
    },
    {
      name: "an impersonate that is none",
      config: { "okd:impersonate": "ann" },
      says: /^connection\.impersonate: is not \{"user"/,
    },
  ];
  for (const { name, says, ...given } of refusals) {
    it(name, () => {
      assert.throws(
        () => resolve(given),
        (error) => {
          assert.ok(hasCode(error, "CONNECTION_INVALID"), String(error));
          assert.match(error.message, says);
          assert.doesNotMatch(error.message, /topsecret/);
          return true;
        },
      );
    });
  }

  it("a key that does not belong to the certificate, and takes one that does", async () => {
    const other = await authority.issue("bob", []);
    const args = { host, clientCert: pair.cert, clientKey: other.key };
    assert.throws(
      () => resolve({ args }),
      /^ImageError: connection\.clientKey: does not belong to clientCert/,
    );
    const { certificate } = await resolve({ args: { ...args, clientKey: pair.key } }).credentials.read(never);
    assert.deepEqual(certificate, pair);
  });

  it("a rotated client certificate that is broken, and takes one that is whole", async () => {
    const files: Record<string, string> = { "/cert": pair.cert, "/key": pair.key };
    const args = { host, clientCert: "/cert", clientKey: "/key" };
    const { credentials } = resolve({ args, machine: machine({}, files) });
    assert.deepEqual((await credentials.read(never)).certificate, pair);

    const next = await authority.issue("ann", []);
    files["/cert"] = next.cert;
    credentials.forget?.();
    await assert.rejects(credentials.read(never), /connection\.clientKey: does not belong to clientCert/);
    files["/key"] = next.key;
    assert.deepEqual((await credentials.read(never)).certificate, next);
  });

  it("no CA for being in base64, as a kubeconfig holds it", () => {
    const caCert = Buffer.from(authority.cert).toString("base64");
    assert.equal(resolve({ args: { host, token: "t", caCert } }).endpoint.ca, authority.cert);
  });

  it("all that is wrong at once", () => {
    const args = { host: "api", token: "a b", clientKey: "/k" };
    assert.throws(
      () => resolve({ args }),
      (error) => {
        const lines = (error as Error).message.split("\n").map((line) => line.split(":")[0]);
        assert.deepEqual(lines, [
          "connection.host",
          "connection.token",
          "connection.clientKey",
          "connection.clientKey",
        ]);
        return true;
      },
    );
  });
});
