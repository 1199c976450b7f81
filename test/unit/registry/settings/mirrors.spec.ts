import assert from "node:assert/strict";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { join } from "node:path";
import { processMachine } from "../../../../provider/http/machine.js";
import { pullReference } from "../../../../provider/oci/names/pullReference.js";
import type { ImageRegistrySettings } from "../../../../provider/registry/settings/hosts.js";
import { pullSources } from "../../../../provider/registry/settings/mirrors.js";
import { findRule, readRegistriesConf } from "../../../../provider/registry/settings/registriesConf.js";
import { type Authority, createAuthority } from "../../../support/servers/certificates.js";
import {
  answerJson,
  folderWith,
  options,
  pullerWith,
  type PullRegistry,
  refuse,
  sha256,
  startPullRegistry,
} from "../../../support/servers/pullRegistry.js";
import { failureOf } from "../../../support/servers/scriptedRegistry.js";

describe("pullReference", () => {
  const digest = sha256("x");
  const rows: readonly (readonly [string, string, string, string | undefined, string | undefined])[] = [
    ["nginx", "docker.io", "library/nginx", "latest", undefined],
    ["nginx:1.27", "docker.io", "library/nginx", "1.27", undefined],
    ["acme/web", "docker.io", "acme/web", "latest", undefined],
    ["index.docker.io/nginx", "docker.io", "library/nginx", "latest", undefined],
    ["registry-1.docker.io/acme/web:v1", "docker.io", "acme/web", "v1", undefined],
    ["localhost/app", "localhost", "app", "latest", undefined],
    ["registry:5000/app:v1", "registry:5000", "app", "v1", undefined],
    ["Quay.IO/acme/team/web", "quay.io", "acme/team/web", "latest", undefined],
    [`quay.io/acme/web@${digest}`, "quay.io", "acme/web", undefined, digest],
    [`quay.io/acme/web:v1@${digest}`, "quay.io", "acme/web", "v1", digest],
  ];
  for (const [text, host, repository, tag, id] of rows) {
    it(text, () =>
      assert.deepEqual(pullReference(text), { ok: true, reference: { host, repository, tag, digest: id } }),
    );
  }

  for (const text of ["", "quay.io", "https://quay.io/a", "quay.io/Acme/web", "a@sha256:12", " nginx"]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(pullReference(text).ok, false));
  }
});

describe("registries.conf", () => {
  const machineWith = (files: Record<string, string>, variables: Record<string, string> = {}) => {
    const folder = folderWith(files);
    return {
      ...processMachine,
      variable: (name: string) => variables[name],
      homeFolder: join(folder, "home"),
      systemFolder: join(folder, "etc"),
    };
  };
  const sourcesOf = async (text: string, conf: string, changes: Partial<ImageRegistrySettings> = {}) => {
    const machine = machineWith({ "etc/containers/registries.conf": conf });
    const verdict = pullReference(text);
    assert.ok(verdict.ok);
    const settings = { registries: {}, machine, onSecret: () => undefined, ...changes };
    const sources = pullSources(verdict.reference, await readRegistriesConf(machine), settings);
    return sources.map(
      ({ host, repository, insecure }) => `${host}/${repository}${insecure ? " insecure" : ""}`,
    );
  };
  const digest = sha256("x");

  it("does not make a registry insecure that only the settings may make so, as the cluster's own", async () => {
    const conf = `[[registry]]\nlocation = "r.example.com"\ninsecure = true`;
    const settings = (insecure: boolean) => ({
      registries: { "r.example.com": { insecure, insecureByFiles: false } },
    });
    const at = (insecure: boolean) => sourcesOf("r.example.com/a/b:v1", conf, settings(insecure));
    assert.deepEqual(await at(false), ["r.example.com/a/b"]);
    assert.deepEqual(await at(true), ["r.example.com/a/b insecure"]);
    assert.deepEqual(await sourcesOf("r.example.com/a/b:v1", conf), ["r.example.com/a/b insecure"]);
  });

  it("names mirrors, which are asked first, and the location that replaces the prefix", async () => {
    const conf = `
      unqualified-search-registries = ["docker.io"]
      [[registry]]
      prefix = "docker.io/library"
      location = "cache.example.com/hub"
      [[registry.mirror]]
      location = "mirror.example.com/library"
      insecure = true
      [[registry]]
      location = "quay.io"
      insecure = true`;
    assert.deepEqual(await sourcesOf("nginx", conf), [
      "mirror.example.com/library/nginx insecure",
      "cache.example.com/hub/nginx",
    ]);
    assert.deepEqual(await sourcesOf("quay.io/acme/web", conf), ["quay.io/acme/web insecure"]);
    assert.deepEqual(await sourcesOf("docker.io/acme/web", conf), ["docker.io/acme/web"]);
  });

  it("may restrict mirrors to digests or tags", async () => {
    const conf = `
      [[registry]]
      location = "quay.io"
      [[registry.mirror]]
      location = "digests.example.com"
      pull-from-mirror = "digest-only"
      [[registry.mirror]]
      location = "tags.example.com"
      pull-from-mirror = "tag-only"
      [[registry]]
      location = "old.io"
      mirror-by-digest-only = true
      [[registry.mirror]]
      location = "old.example.com"`;
    assert.deepEqual(await sourcesOf("quay.io/a/b:v1", conf), ["tags.example.com/a/b", "quay.io/a/b"]);
    assert.deepEqual(await sourcesOf(`quay.io/a/b@${digest}`, conf), [
      "digests.example.com/a/b",
      "quay.io/a/b",
    ]);
    assert.deepEqual(await sourcesOf("old.io/a/b:v1", conf), ["old.io/a/b"]);
  });

  it("may name all hosts of a domain", async () => {
    const conf = `
      [[registry]]
      prefix = "*.example.com"
      [[registry.mirror]]
      location = "mirror.io/all"`;
    assert.deepEqual(await sourcesOf("a.example.com/x/y", conf), ["mirror.io/all/x/y", "a.example.com/x/y"]);
    assert.deepEqual(await sourcesOf("example.com/x/y", conf), ["example.com/x/y"]);
  });

  it("blocks registries by the longest prefix", async () => {
    const conf = `
      [[registry]]
      prefix = "quay.io/acme"
      blocked = true
      [[registry]]
      prefix = "quay.io/acme/free"`;
    await assert.rejects(
      sourcesOf("quay.io/acme/web", conf),
      /registries\.conf blocks quay\.io\/acme \[REGISTRY_BLOCKED\]/,
    );
    assert.deepEqual(await sourcesOf("quay.io/acme/free/web", conf), ["quay.io/acme/free/web"]);
    assert.deepEqual(await sourcesOf("quay.io/acme2/web", conf), ["quay.io/acme2/web"]);
  });

  it("is read after the mirrors of the arguments", async () => {
    const registries = { "quay.io": { mirrors: ["own.io/cache/"] }, "own.io": { insecure: true } };
    assert.deepEqual(await sourcesOf("quay.io/acme/web", "", { registries }), [
      "own.io/cache/acme/web insecure",
      "quay.io/acme/web",
    ]);
    await assert.rejects(
      sourcesOf("quay.io/acme/web", "", { registries: { "quay.io": { mirrors: ["https://own.io"] } } }),
      /mirrors are host/,
    );
  });

  it("is the user's instead of the system's, with drop-ins, or the file that a variable names", async () => {
    const rule = (location: string, blocked = false) =>
      `[[registry]]\nprefix = "quay.io"\nlocation = "${location}"\nblocked = ${blocked}\n`;
    const files = {
      "etc/containers/registries.conf": rule("system.io"),
      "home/.config/containers/registries.conf": rule("user.io"),
      "named.conf": rule("named.io"),
    };
    const locationOf = async (machine: ReturnType<typeof machineWith>) =>
      findRule(await readRegistriesConf(machine), "quay.io/a")?.location;
    assert.equal(
      await locationOf(machineWith({ "etc/containers/registries.conf": rule("system.io") })),
      "system.io",
    );
    assert.equal(await locationOf(machineWith(files)), "user.io");
    assert.equal(
      await locationOf(
        machineWith({ ...files, "etc/containers/registries.conf.d/10.conf": rule("drop.io") }),
      ),
      "drop.io",
    );
    const named = folderWith(files);
    const variables = { CONTAINERS_REGISTRIES_CONF: join(named, "named.conf") };
    assert.equal(await locationOf(machineWith({}, variables)), "named.io");
  });

  it("must be TOML", async () => {
    await assert.rejects(
      sourcesOf("nginx", "[[registry"),
      /registries\.conf: it is not valid TOML \[CONNECTION_INVALID\]/,
    );
  });
});

describe("images in a registry: mirrors", () => {
  let origin: PullRegistry;
  let mirror: PullRegistry;
  const pull = () =>
    pullerWith({ registries: { [origin.host]: { mirrors: [`${mirror.host}/cache`] } } }).registry;

  beforeEach(async () => {
    origin = await startPullRegistry();
    mirror = await startPullRegistry();
  });
  afterEach(async () => {
    await origin.close();
    await mirror.close();
  });

  it("are asked before the registry", async () => {
    const { digest } = mirror.shelf.image("cache/acme/web:v1");
    assert.equal(await pull().digestOf(`${origin.host}/acme/web:v1`, options), digest);
    assert.equal(origin.asked.length, 0);
  });

  it("are followed by the registry", async () => {
    const { digest } = origin.shelf.image("acme/web:v1");
    assert.equal(await pull().digestOf(`${origin.host}/acme/web:v1`, options), digest);
    assert.ok(mirror.asked.length > 0);
  });

  it("are named when no registry has the image", async () => {
    const failure = await failureOf(pull().find(`${origin.host}/acme/web:v1`, undefined, options));
    assert.equal(failure.code, "REGISTRY_NOT_FOUND");
    const text = failure.message.replaceAll(origin.host, "ORIGIN").replaceAll(mirror.host, "MIRROR");
    assert.match(
      text,
      /manifest of ORIGIN\/acme\/web:v1.*\nIts mirrors could not help:\n- Cannot read the manifest of MIRROR\/cache\/acme\/web:v1/s,
    );
  });
});

describe("images in a registry: TLS and proxies", () => {
  let authority: Authority;
  let secured: PullRegistry;
  let digest: string;
  const closing: (() => Promise<unknown>)[] = [];
  const digestBy = (settings: Parameters<typeof pullerWith>[0]) =>
    pullerWith(settings).registry.digestOf(`${secured.host}/acme/web:v1`, options);

  before(async () => {
    authority = await createAuthority();
    const client = { requestCert: true, rejectUnauthorized: false };
    secured = await startPullRegistry({
      ...(await authority.issue("registry", ["127.0.0.1"])),
      ca: authority.cert,
      ...client,
    });
    ({ digest } = secured.shelf.image("acme/web:v1"));
  });
  afterEach(async () => {
    secured.intercept = () => false;
    for (const close of closing.splice(0)) await close();
  });
  after(() => secured.close());

  it("does not trust an unknown CA, and says what to do", async () => {
    const failure = await failureOf(digestBy({}));
    assert.equal(failure.code, "REGISTRY_TLS");
    assert.match(
      failure.message,
      /CA that is not trusted here .* give that CA as registries\["127.*"\]\.caCert/,
    );
  });

  it("trusts the CA that it is given, as text or as a file", async () => {
    assert.equal(await digestBy({ registries: { [secured.host]: { caCert: authority.cert } } }), digest);
    const folder = folderWith({ "ca.pem": authority.cert });
    assert.equal(
      await digestBy({ registries: { [secured.host]: { caCert: join(folder, "ca.pem") } } }),
      digest,
    );
    const inHome = { registries: { [secured.host]: { caCert: "~/ca.pem" } }, home: folder };
    assert.equal(await digestBy(inHome), digest);
    const failure = await failureOf(digestBy({ registries: { [secured.host]: { caCert: "/nowhere.pem" } } }));
    assert.equal(failure.code, "CONNECTION_INVALID");
    assert.match(failure.message, /\.caCert: \/nowhere\.pem cannot be read: there is no such file/);
  });

  for (const place of ["docker", "containers"]) {
    it(`trusts the CAs of ${place}/certs.d`, async () => {
      const system = folderWith({ [`${place}/certs.d/${secured.host}/ca.crt`]: authority.cert });
      assert.equal(await digestBy({ system }), digest);
    });
  }

  it("shows a client's certificate", async () => {
    const { cert, key } = await authority.issue("puller", ["puller"]);
    const seen: (string | undefined)[] = [];
    secured.intercept = (_, response) => {
      const socket = response.socket as { getPeerCertificate?: () => { subject?: { CN?: string } } } | null;
      seen.push(socket?.getPeerCertificate?.().subject?.CN);
      return false;
    };
    const files = { "ca.crt": authority.cert, "me.cert": cert, "me.key": key };
    const named = Object.entries(files).map(
      ([name, text]) => [`docker/certs.d/${secured.host}/${name}`, text] as const,
    );
    await digestBy({ system: folderWith(Object.fromEntries(named)) });
    await digestBy({
      registries: { [secured.host]: { caCert: authority.cert, clientCert: cert, clientKey: key } },
    });
    assert.deepEqual(seen, ["puller", "puller"]);
    const half = { [secured.host]: { clientCert: cert } };
    assert.match((await failureOf(digestBy({ registries: half }))).message, /must be given together/);
  });

  it("trusts the registry's CA at its token server too", async () => {
    const tokens = await startPullRegistry(await authority.issue("tokens", ["127.0.0.1"]));
    closing.push(tokens.close);
    tokens.intercept = (_, response) => answerJson(response, { token: "t1" });
    const challenge = { "www-authenticate": `Bearer realm="${tokens.url}/token"` };
    secured.intercept = ({ authorization }, response) => {
      if (authorization === "Bearer t1") return false;
      refuse(response, 401, "UNAUTHORIZED", challenge);
      return true;
    };
    assert.equal(await digestBy({ registries: { [secured.host]: { caCert: authority.cert } } }), digest);
    assert.match(tokens.asked[0]!.url, /scope=repository%3Aacme%2Fweb%3Apull/);
  });

  it("checks no certificate only where the settings say so", async () => {
    assert.equal(await digestBy({ registries: { [secured.host]: { insecure: true } } }), digest);
  });

  it("follows no redirect out of TLS", async () => {
    const plain = await startPullRegistry();
    closing.push(plain.close);
    secured.intercept = ({ url }, response) => (
      response.writeHead(307, { location: `${plain.url}${url}` }).end(),
      true
    );
    const failure = await failureOf(digestBy({ registries: { [secured.host]: { caCert: authority.cert } } }));
    assert.match(failure.message, /redirects to 127\.0\.0\.1:\d+ without TLS, which is never followed/);
    assert.equal(plain.asked.length, 0);
  });

  describe("through a proxy", () => {
    const seen: string[] = [];
    let proxy: http.Server;
    let target: PullRegistry;
    let proxyUrl: string;
    let digestThere: string;

    before(async () => {
      target = await startPullRegistry();
      digestThere = target.shelf.image("acme/web:v1").digest;
      proxy = http.createServer((incoming, outgoing) => {
        seen.push(`${incoming.method} ${incoming.url}`);
        const { pathname } = new URL(incoming.url ?? "");
        const { method = "GET" } = incoming;
        const forwarded = http.request(`${target.url}${pathname}`, { method }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        });
        forwarded.end();
      });
      proxy.on("connect", (incoming, socket: net.Socket) => {
        seen.push(`CONNECT ${incoming.url}`);
        const upstream = net.connect(Number(new URL(target.url).port), "127.0.0.1", () => {
          socket.write("HTTP/1.1 200 OK\r\n\r\n");
          upstream.pipe(socket).pipe(upstream);
        });
        upstream.on("error", () => socket.destroy());
        socket.on("error", () => upstream.destroy());
      });
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
      proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    });
    beforeEach(() => (seen.length = 0));
    after(async () => {
      proxy.closeAllConnections();
      proxy.close();
      await target.close();
    });

    const pull = (host: string, variables: Record<string, string>, settings = {}) =>
      pullerWith({ variables, registries: { [host]: settings } }).registry.digestOf(
        `${host}/acme/web:v1`,
        options,
      );

    it("uses the proxy of the environment", async () => {
      await pull("registry.example.com:5000", { HTTP_PROXY: proxyUrl }, { http: true });
      assert.deepEqual(seen, ["HEAD http://registry.example.com:5000/v2/acme/web/manifests/v1"]);
      await failureOf(pull("registry.example.com", { HTTPS_PROXY: proxyUrl }));
      assert.equal(seen[1], "CONNECT registry.example.com:443");
    });

    it("speaks plain HTTP to another machine only where the settings say so", async () => {
      const variables = { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl };
      const strict = await failureOf(pull("registry.example.com", variables));
      assert.equal(strict.code, "REGISTRY_TLS");
      assert.match(strict.message, /If it has no TLS, set registries\["registry\.example\.com"\]\.insecure/);
      assert.deepEqual(new Set(seen), new Set(["CONNECT registry.example.com:443"]));
      assert.equal(await pull("registry.example.com", variables, { insecure: true }), digestThere);
      assert.equal(await pull("registry.example.com", variables, { http: true }), digestThere);
    });

    it("sends nothing for hosts that NO_PROXY lists", async () => {
      await pull(target.host, { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl }, { http: true });
      await failureOf(pull("registry.invalid", { HTTPS_PROXY: proxyUrl, NO_PROXY: ".invalid" }));
      assert.deepEqual(seen, []);
    });
  });

  it("finds out by itself whether a registry on loopback speaks TLS", async () => {
    const plain = await startPullRegistry();
    closing.push(plain.close);
    const { digest: wanted } = plain.shelf.image("acme/web:v1");
    const port = plain.host.split(":")[1] ?? "";
    const pull = (host: string, settings = {}) =>
      pullerWith({ registries: { [host]: settings } }).registry.digestOf(`${host}/acme/web:v1`, options);
    assert.equal(await pull(`localhost:${port}`), wanted);
    assert.equal(await pull(`127.0.0.1:${port}`), wanted);
    assert.equal(await pull(`127.0.0.1:${port}`, { http: true }), wanted);
  });
});
