import assert from "node:assert/strict";
import path from "node:path";
import { hasCode } from "../../../../provider/support/imageError.js";
import { never } from "../../../support/clients/cluster.js";
import { resolve, atHome, type Given } from "../../../support/fakes/connections.js";
import { homeConfig, kubeconfig, machine } from "../../../support/fakes/machine.js";
import { type Authority, createAuthority, type Issued } from "../../../support/servers/certificates.js";

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
      name: "an exemption from the proxy that is a URL",
      machine: machine({ OKD_HOST: host, K8S_AUTH_NO_PROXY: "localhost,https://api.lan" }),
      says: /^connection\.noProxy: has a URL in it; give hosts, .* \(variable K8S_AUTH_NO_PROXY\)/,
    },
    {
      name: "a login for a proxy that is encoded already",
      args: { host, proxyUrl: "http://proxy:3128", proxyHeaders: { proxyBasicAuth: "Basic YW5uOnB3" } },
      says: /^connection\.proxyHeaders: proxyBasicAuth is not user:password, in one line, not encoded and without Basic \(argument\)/,
    },
    {
      name: "a login for a proxy with a line break",
      machine: machine({ OKD_HOST: host, K8S_AUTH_PROXY_HEADERS_BASIC_AUTH: "ann:pw\n" }),
      says: /^connection\.proxyHeaders: basicAuth is not user:password.*\(variable K8S_AUTH_PROXY_HEADERS_BASIC_AUTH\)/,
    },
    {
      name: "a user agent that no header may have",
      args: { host, proxyHeaders: { userAgent: "robot\r\nX-Admin: 1" } },
      says: /^connection\.proxyHeaders: userAgent has a character that no header may have/,
    },
    {
      name: "headers for a proxy of stack config that are no object",
      config: { "okd:host": host, "okd:proxyHeaders": "ann:pw" },
      says: /^connection\.proxyHeaders: is not \{"basicAuth": "\.\.\.", .*\(stack config okd:proxyHeaders\)/,
    },
    {
      name: "headers for a proxy of stack config with another name",
      config: { "okd:host": host, "okd:proxyHeaders": '{"constructor":"ann:pw"}' },
      says: /^connection\.proxyHeaders: is not /,
    },
    {
      name: "headers for a SOCKS proxy",
      args: { host, proxyUrl: "socks5://proxy:1080", proxyHeaders: { proxyBasicAuth: "ann:pw" } },
      says: /^connection\.proxyHeaders: a SOCKS proxy takes no headers; give its user and password in proxyUrl \(argument\)/,
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

  it("no CA in base64, as a kubeconfig holds it", () => {
    const caCert = Buffer.from(authority.cert).toString("base64");
    assert.equal(resolve({ args: { host, token: "t", caCert } }).endpoint.ca, authority.cert);
  });

  it("all wrong settings at once", () => {
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
