import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type CertificateAuthority, createCertificateAuthority, type KeyPair } from "okd-image-sandbox";
import type { EngineArgs } from "../../../../provider/archive/args/parsed.js";
import {
  type EngineRoute,
  resolveEngineAddress,
} from "../../../../provider/containerEngine/address/resolve.js";
import { engineArgs, type EngineMachine, machine } from "../../../support/fakes/engineMachine.js";

const metaFile = (name: string, folder = "/home/me/.docker") =>
  `${folder}/contexts/meta/${createHash("sha256").update(name).digest("hex")}/meta.json`;
const tlsFile = (name: string, file: string) =>
  `/home/me/.docker/contexts/tls/${createHash("sha256").update(name).digest("hex")}/docker/${file}`;
const contextAt = (host: string, skip = false) =>
  JSON.stringify({ Name: "x", Endpoints: { docker: { Host: host, SkipTLSVerify: skip } } });
const current = (name: string) => JSON.stringify({ auths: {}, currentContext: name });

interface Row {
  readonly name: string;
  readonly args?: Partial<EngineArgs>;
  readonly machine?: EngineMachine;
  readonly host: string;
  readonly origin: string | RegExp;
}

const everything: EngineMachine = {
  variables: { DOCKER_HOST: "unix:///variable.sock", DOCKER_CONTEXT: "ctx" },
  files: {
    [metaFile("ctx")]: contextAt("unix:///ctx.sock"),
    [metaFile("other")]: contextAt("unix:///other.sock"),
    "/home/me/.docker/config.json": current("other"),
  },
  sockets: ["/var/run/docker.sock"],
};
const without = (...names: readonly string[]): EngineMachine => ({
  ...everything,
  variables: Object.fromEntries(
    Object.entries(everything.variables ?? {}).filter(([name]) => !names.includes(name)),
  ),
});

const order: readonly Row[] = [
  {
    name: "the argument host",
    args: { host: "unix:///mine.sock" },
    machine: everything,
    host: "unix:///mine.sock",
    origin: "argument engine.host",
  },
  {
    name: "the argument context",
    args: { context: "other" },
    machine: everything,
    host: "unix:///other.sock",
    origin: "Docker context other (argument engine.context)",
  },
  { name: "DOCKER_HOST", machine: everything, host: "unix:///variable.sock", origin: "variable DOCKER_HOST" },
  {
    name: "DOCKER_CONTEXT",
    machine: without("DOCKER_HOST"),
    host: "unix:///ctx.sock",
    origin: "Docker context ctx (variable DOCKER_CONTEXT)",
  },
  {
    name: "the current context",
    machine: without("DOCKER_HOST", "DOCKER_CONTEXT"),
    host: "unix:///other.sock",
    origin: /^Docker context other \(currentContext/,
  },
  {
    name: "the context `default`, which is DOCKER_HOST",
    args: { context: "default" },
    machine: everything,
    host: "unix:///variable.sock",
    origin: "variable DOCKER_HOST",
  },
  {
    name: "the context `default` of the variable: the usual socket",
    machine: { variables: { DOCKER_CONTEXT: "default" }, sockets: ["/var/run/docker.sock"] },
    host: "unix:///var/run/docker.sock",
    origin: "usual place",
  },
  {
    name: "a context below DOCKER_CONFIG",
    machine: {
      variables: { DOCKER_CONFIG: "/conf", DOCKER_CONTEXT: "a" },
      files: { [metaFile("a", "/conf")]: contextAt("unix:///conf.sock") },
    },
    host: "unix:///conf.sock",
    origin: /DOCKER_CONTEXT/,
  },
  {
    name: "an empty variable counts as none",
    machine: { variables: { DOCKER_HOST: "" }, sockets: ["/run/podman/podman.sock"] },
    host: "unix:///run/podman/podman.sock",
    origin: "usual place",
  },
  {
    name: "Docker Desktop's socket before podman's",
    machine: { sockets: ["/run/podman/podman.sock", "/home/me/.docker/run/docker.sock"] },
    host: "unix:///home/me/.docker/run/docker.sock",
    origin: "usual place",
  },
  {
    name: "the user's podman before the machine's",
    machine: {
      variables: { XDG_RUNTIME_DIR: "/run/user/7" },
      sockets: ["/run/podman/podman.sock", "/run/user/7/podman/podman.sock"],
    },
    host: "unix:///run/user/7/podman/podman.sock",
    origin: "usual place",
  },
  {
    name: "Windows' pipe",
    machine: { isWindows: true },
    host: "npipe:////./pipe/docker_engine",
    origin: "usual place",
  },
];

describe("resolveEngineAddress", () => {
  describe("takes", () => {
    for (const row of order) {
      it(row.name, () => {
        const { host, origin } = resolveEngineAddress(engineArgs(row.args), machine(row.machine));
        assert.equal(host, row.host);
        if (typeof row.origin === "string") assert.equal(origin, row.origin);
        else assert.match(origin, row.origin);
      });
    }
  });

  describe("reads", () => {
    const plain = { kind: "tcp", basePath: "", tls: undefined, proxyUrl: undefined } as const;
    const rows: readonly (readonly [string, EngineRoute])[] = [
      ["unix:///a/b.sock", { kind: "socket", path: "/a/b.sock" }],
      ["unix:///a/b.sock/", { kind: "socket", path: "/a/b.sock" }],
      ["unix://", { kind: "socket", path: "/var/run/docker.sock" }],
      [" unix:///a/b.sock\n", { kind: "socket", path: "/a/b.sock" }],
      ["npipe:////./pipe/docker_engine", { kind: "socket", path: "\\\\.\\pipe\\docker_engine" }],
      ["tcp://build:1234", { ...plain, origin: "http://build:1234" }],
      ["tcp://build", { ...plain, origin: "http://build:2375" }],
      ["tcp://build:80", { ...plain, origin: "http://build" }],
      ["tcp://build:1234/", { ...plain, origin: "http://build:1234" }],
      ["tcp://", { ...plain, origin: "http://localhost:2375" }],
      ["tcp://:1234", { ...plain, origin: "http://localhost:1234" }],
      ["tcp://[::1]:2375", { ...plain, origin: "http://[::1]:2375" }],
      ["http://build:8080/docker/", { ...plain, origin: "http://build:8080", basePath: "/docker" }],
      [
        "ssh://me@build:2222",
        { kind: "ssh", host: "build", user: "me", port: "2222", socketPath: undefined },
      ],
      [
        "ssh://build/run/user/1000/podman/podman.sock",
        {
          kind: "ssh",
          host: "build",
          user: undefined,
          port: undefined,
          socketPath: "/run/user/1000/podman/podman.sock",
        },
      ],
      [
        "ssh://build/",
        { kind: "ssh", host: "build", user: undefined, port: undefined, socketPath: undefined },
      ],
    ];
    for (const [host, route] of rows) {
      it(host, () => assert.deepEqual(resolveEngineAddress(engineArgs({ host }), machine()).route, route));
    }
  });

  describe("refuses", () => {
    const rows: readonly (readonly [string, Partial<EngineArgs>, EngineMachine, RegExp])[] = [
      [
        "host and context together",
        { host: "unix:///a", context: "b" },
        {},
        /exclude each other.*ENGINE_INVALID/,
      ],
      [
        "an address without a scheme",
        { host: "build:2375" },
        {},
        /"build:2375" \(argument engine\.host\).*must begin with/,
      ],
      [
        "a path in place of a host",
        { host: "tcp:///var/run/docker.sock" },
        {},
        /host, port and nothing else/,
      ],
      ["a user in a tcp address", { host: "tcp://me@build" }, {}, /host, port and nothing else/],
      ["an option in place of a host of ssh", { host: "ssh://-oProxyCommand=x" }, {}, /ENGINE_INVALID/],
      [
        "a bad escape in a user of ssh",
        { host: "ssh://%zz@build" },
        {},
        /a % that stands for no character.*ENGINE_INVALID/,
      ],
      [
        "a bad escape in a path of ssh",
        { host: "ssh://build/%zz" },
        {},
        /a % that stands for no character.*ENGINE_INVALID/,
      ],
      ["an option in place of a user of ssh", { host: "ssh://-l@build" }, {}, /read as an option/],
      [
        "a context that does not exist",
        {},
        { variables: { DOCKER_CONTEXT: "gone" } },
        /no Docker context "gone" \(variable DOCKER_CONTEXT\)/,
      ],
      [
        "a context without an engine",
        { context: "k" },
        { files: { [metaFile("k")]: "{}" } },
        /names no engine/,
      ],
      [
        "a config.json that is none",
        {},
        { files: { "/home/me/.docker/config.json": "{" } },
        /config\.json is not JSON/,
      ],
      [
        "a version of the API that is none",
        { host: "unix:///a", apiVersion: "new" },
        {},
        /"new" \(argument engine\.apiVersion\)/,
      ],
      [
        "a certificate that is not there",
        { host: "tcp://a", caCert: "/ca.pem" },
        {},
        /engine\.caCert: \/ca\.pem cannot be read: there is no such file/,
      ],
      [
        "a machine without any engine",
        {},
        {},
        /No container engine was found.*\/var\/run\/docker\.sock, \/home\/me\/.*ENGINE_UNREACHABLE/,
      ],
    ];
    for (const [name, args, on, message] of rows) {
      it(name, () => assert.throws(() => resolveEngineAddress(engineArgs(args), machine(on)), message));
    }

    it("a password for ssh, without showing it", () => {
      const host = "ssh://me:hunter22@build";
      assert.throws(
        () => resolveEngineAddress(engineArgs({ host }), machine()),
        (error: Error) => /ssh takes no password/.test(error.message) && !error.message.includes("hunter22"),
      );
    });
  });

  for (const host of [
    "tcp://me:hunter22@build",
    "tcp://:hunter22@build",
    "tcp://me:hunter22@build?x",
    "ssh://me:hunter22@build?x",
    "ftp://me:hunter22@build",
  ]) {
    it(`never shows the password of ${host}`, () => {
      assert.throws(
        () => resolveEngineAddress(engineArgs({ host }), machine()),
        (error: Error) => /ENGINE_INVALID/.test(error.message) && !error.message.includes("hunter22"),
      );
    });
  }

  describe("goes through a proxy", () => {
    const proxyOf = (host: string, variables: Readonly<Record<string, string>>, args = {}) => {
      const { route } = resolveEngineAddress(engineArgs({ host, ...args }), machine({ variables }));
      return route.kind === "tcp" ? route.proxyUrl : undefined;
    };
    const tls = { skipTlsVerify: true };
    const both = { HTTP_PROXY: "http://plain:1", HTTPS_PROXY: "http://secure:2" };

    for (const [name, host, variables, args, expected] of [
      ["HTTP_PROXY without TLS", "tcp://build", both, {}, "http://plain:1"],
      ["HTTPS_PROXY with TLS", "tcp://build", both, tls, "http://secure:2"],
      ["small letters", "tcp://build", { http_proxy: "http://a:1" }, {}, "http://a:1"],
      [
        "capitals before small letters",
        "tcp://build",
        { ...both, http_proxy: "http://a:1" },
        {},
        "http://plain:1",
      ],
      ["no scheme", "tcp://build", { HTTP_PROXY: "proxy:3128" }, {}, "http://proxy:3128"],
      ["not HTTP_PROXY with TLS", "tcp://build", { HTTP_PROXY: "http://plain:1" }, tls, undefined],
      ["not ALL_PROXY", "tcp://build", { ALL_PROXY: "http://a:1", all_proxy: "http://a:1" }, {}, undefined],
      ["not what NO_PROXY lists", "tcp://build.lan:2375", { ...both, NO_PROXY: ".lan" }, {}, undefined],
      ["nor no_proxy", "tcp://10.1.2.3", { ...both, no_proxy: "10.0.0.0/8" }, {}, undefined],
      ["not a name of loopback", "tcp://localhost:2375", both, {}, undefined],
      ["not an address of loopback", "tcp://127.0.0.1:2375", both, tls, undefined],
      ["not a socket", "unix:///a.sock", both, {}, undefined],
      ["not a pipe", "npipe:////./pipe/docker_engine", both, {}, undefined],
      ["not ssh", "ssh://build", both, {}, undefined],
      ["none where there is none", "tcp://build", { HTTP_PROXY: "" }, {}, undefined],
    ] as const) {
      it(name, () => assert.equal(proxyOf(host, variables, args), expected));
    }

    it("refuses a proxy that is no URL, without showing it", () => {
      assert.throws(
        () => proxyOf("tcp://build", { HTTP_PROXY: "gopher://me:hunter22@proxy" }),
        (error: Error) =>
          /build:2375 .*HTTP_PROXY is not .*NO_PROXY.*ENGINE_INVALID/.test(error.message) &&
          !error.message.includes("hunter22"),
      );
    });
  });

  it("pins the version of the API: the argument, then DOCKER_API_VERSION", () => {
    const on = machine({ variables: { DOCKER_API_VERSION: "1.44" } });
    assert.equal(
      resolveEngineAddress(engineArgs({ host: "unix:///a", apiVersion: "v1.41" }), on).apiVersion,
      "1.41",
    );
    assert.equal(resolveEngineAddress(engineArgs({ host: "unix:///a" }), on).apiVersion, "1.44");
    assert.equal(
      resolveEngineAddress(engineArgs({ host: "unix:///a", apiVersion: "auto" }), on).apiVersion,
      undefined,
    );
  });

  describe("with TLS", () => {
    let authority: CertificateAuthority;
    let client: KeyPair;
    before(async () => {
      authority = await createCertificateAuthority("engine");
      client = await authority.issueClient("me", []);
    });
    const routeOn = (args: Partial<EngineArgs>, on: EngineMachine) => {
      const { route } = resolveEngineAddress(engineArgs(args), machine(on));
      assert.ok(route.kind === "tcp");
      return route;
    };
    const files = (folder: string) => ({
      [`${folder}/ca.pem`]: authority.certificate,
      [`${folder}/cert.pem`]: client.certificate,
      [`${folder}/key.pem`]: client.key,
    });

    it("is that of DOCKER_TLS_VERIFY, whatever its value, with the files in DOCKER_CERT_PATH", () => {
      const variables = { DOCKER_HOST: "tcp://build", DOCKER_TLS_VERIFY: "0", DOCKER_CERT_PATH: "/certs" };
      const route = routeOn({}, { variables, files: files("/certs") });
      assert.equal(route.origin, "https://build:2376");
      assert.deepEqual(route.tls, {
        ca: authority.certificate,
        cert: client.certificate,
        key: client.key,
        skipVerify: false,
        serverName: undefined,
      });
    });

    it("is that of DOCKER_TLS, which verifies nothing, with the files of ~/.docker", () => {
      const variables = { DOCKER_HOST: "tcp://build", DOCKER_TLS: "1" };
      const route = routeOn({}, { variables, files: files("/home/me/.docker") });
      assert.equal(route.tls?.skipVerify, true);
      assert.equal(route.tls.cert, client.certificate);
    });

    it("is that of the arguments, as PEM text or as a path, before the variables", () => {
      const variables = { DOCKER_TLS: "1", DOCKER_CERT_PATH: "/certs" };
      const args = {
        host: "tcp://build:9",
        caCert: authority.certificate,
        clientCert: "~/c.pem",
        clientKey: "/k.pem",
        tlsHostname: "engine",
      };
      const on = { variables, files: { "/home/me/c.pem": client.certificate, "/k.pem": client.key } };
      assert.deepEqual(routeOn(args, on).tls, {
        ca: authority.certificate,
        cert: client.certificate,
        key: client.key,
        skipVerify: false,
        serverName: "engine",
      });
    });

    it("is that of a context, and not of the variables", () => {
      const variables = { DOCKER_TLS: "1", DOCKER_CONTEXT: "ctx" };
      const on = {
        variables,
        files: {
          [metaFile("ctx")]: contextAt("tcp://build"),
          [tlsFile("ctx", "ca.pem")]: authority.certificate,
        },
      };
      assert.deepEqual(routeOn({}, on).tls, {
        ca: authority.certificate,
        cert: undefined,
        key: undefined,
        skipVerify: false,
        serverName: undefined,
      });
    });

    it("verifies nothing with a context that says so", () => {
      const on = { files: { [metaFile("ctx")]: contextAt("tcp://build", true) } };
      assert.equal(routeOn({ context: "ctx" }, on).tls?.skipVerify, true);
    });

    it("is that of https with the system's CAs", () => {
      assert.equal(routeOn({ host: "https://build" }, {}).tls?.ca, undefined);
      assert.equal(routeOn({ host: "https://build" }, {}).origin, "https://build:2376");
    });

    it("refuses a certificate without its key, and a key that is none", () => {
      const on = { files: { "/c.pem": client.certificate, "/k.pem": "secret-but-no-key" } };
      assert.throws(
        () => routeOn({ host: "tcp://a", clientCert: "/c.pem" }, on),
        /a certificate for the client and no key/,
      );
      assert.throws(
        () => routeOn({ host: "tcp://a", clientCert: "/c.pem", clientKey: "/k.pem" }, on),
        (error: Error) =>
          /engine\.clientKey: holds no private key/.test(error.message) &&
          !error.message.includes("secret-but"),
      );
    });
  });
});
