import assert from "node:assert/strict";
import type { ArchiveArgs, ArchiveFormat } from "../../../../provider/archive/args/parsed.js";
import { parseArgs } from "../../../../provider/archive/args/schema.js";
import { formatIssue } from "../../../../provider/lifecycle/check.js";

const digest = `sha256:${"a".repeat(64)}`;
const amd64 = { os: "linux", architecture: "amd64" };
const armV7 = { os: "linux", architecture: "arm", variant: "v7" };

function argsOf(inputs: object): ArchiveArgs {
  const parsed = parseArgs({ path: "web.tar", images: ["quay.io/acme/web:v1"], ...inputs });
  if (!parsed.ok) assert.fail(parsed.issues.map(formatIssue).join("\n"));
  return parsed.args;
}

function issuesOf(inputs: object): readonly string[] {
  const parsed = parseArgs({ path: "web.tar", images: ["quay.io/acme/web:v1"], ...inputs });
  return parsed.ok ? [] : parsed.issues.map(formatIssue);
}

describe("arguments of ImageArchive", () => {
  it("need a path and an image, and have defaults for the rest", () => {
    assert.deepEqual(argsOf({}), {
      path: "web.tar",
      images: [
        {
          source: { kind: "registry", reference: "quay.io/acme/web:v1" },
          platforms: undefined,
          as: undefined,
        },
      ],
      engine: {
        host: undefined,
        context: undefined,
        caCert: undefined,
        clientCert: undefined,
        clientKey: undefined,
        skipTlsVerify: false,
        tlsHostname: undefined,
        apiVersion: undefined,
        timeoutSeconds: undefined,
      },
      registries: {},
      integratedRegistry: {
        url: undefined,
        caCert: undefined,
        skipTlsVerify: false,
        username: undefined,
        password: undefined,
        token: undefined,
      },
      format: "docker-archive",
      compression: "none",
      fileMode: 0o600,
      createDirectories: false,
      overwriteUnmanaged: false,
      onDestroy: "delete",
      onMissing: "export",
      manifest: false,
      verify: "stat",
      triggers: [],
    } satisfies ArchiveArgs);
  });

  it("keep what the program has written", () => {
    const engine = {
      host: "tcp://engine:2376",
      context: "remote",
      caCert: "ca",
      clientCert: "cert",
      clientKey: "key",
      skipTlsVerify: true,
      tlsHostname: "engine.example.com",
      apiVersion: "1.44",
      timeoutSeconds: 5,
    };
    const registry = {
      username: "user",
      password: "secret",
      caCert: "ca",
      clientCert: "cert",
      clientKey: "key",
      insecure: true,
      mirrors: ["mirror.example.com"],
    };
    const bearer = {
      ...{ username: undefined, password: undefined, token: "token" },
      ...{ caCert: undefined, clientCert: undefined, clientKey: undefined, insecure: false, mirrors: [] },
    };
    const further = {
      path: "out/web.tar.gz",
      format: "oci-archive",
      compression: "gzip",
      createDirectories: true,
      overwriteUnmanaged: true,
      onDestroy: "keep",
      onMissing: "ignore",
      manifest: true,
      verify: "digest",
      triggers: [1, { a: "b" }],
    } as const;
    const { images: _, ...args } = argsOf({
      ...further,
      engine,
      registries: { "quay.io": registry, "ghcr.io": { token: "token" } },
      integratedRegistry: {
        url: "https://Registry.example:5000",
        caCert: "ca",
        skipTlsVerify: true,
        token: "own",
      },
      fileMode: "0640",
      timeouts: { check: 5, create: "1h", update: "10m", delete: "1m30s" },
    });
    assert.deepEqual(args, {
      ...further,
      engine,
      registries: { "quay.io": { ...registry, token: undefined }, "ghcr.io": bearer },
      integratedRegistry: {
        url: { host: "registry.example:5000", scheme: "https" },
        caCert: "ca",
        skipTlsVerify: true,
        username: undefined,
        password: undefined,
        token: "own",
      },
      fileMode: 0o640,
    });
  });

  it("name images of registries, engines and streams", () => {
    const { images } = argsOf({
      tag: "v7",
      platforms: ["linux/amd64"],
      images: [
        "quay.io/acme/web",
        { registry: "quay.io:5000/acme/web:v2", platforms: ["linux/arm/v7"] },
        { registry: `quay.io/acme/db@${digest}` },
        { engine: "acme/web", as: "acme/named" },
        { engine: digest, platforms: [] },
        { engine: "0123456789ab", as: "acme/other:v1" },
        { stream: "shop/site:v*" },
        { stream: "site" },
        { stream: { name: "site", tag: "v1", digest } },
      ],
    });
    const stream = (tags: string, more: object) => ({
      ...{ kind: "stream", namespace: undefined, name: "site", tags, digest: undefined },
      ...more,
    });
    assert.deepEqual(
      images.map(({ source, platforms, as }) => [source, platforms, as]),
      [
        [{ kind: "registry", reference: "quay.io/acme/web:v7" }, [amd64], undefined],
        [{ kind: "registry", reference: "quay.io:5000/acme/web:v2" }, [armV7], undefined],
        [{ kind: "registry", reference: `quay.io/acme/db@${digest}` }, [amd64], undefined],
        [{ kind: "engine", reference: "acme/web:v7" }, [amd64], "acme/named:v7"],
        [{ kind: "engine", reference: digest }, [], undefined],
        [{ kind: "engine", reference: "0123456789ab" }, [amd64], "acme/other:v1"],
        [stream("v*", { namespace: "shop" }), [amd64], undefined],
        [stream("*", {}), [amd64], undefined],
        [stream("v1", { digest }), [amd64], undefined],
      ],
    );
  });

  describe("refuse an archive by the engine where the engine cannot make it", () => {
    const table: readonly (readonly [string, ArchiveFormat, object])[] = [
      ["images of an engine", "engine", { images: [{ engine: "web" }, { engine: digest }] }],
      ["all for one platform", "engine", { images: [{ engine: "web" }], platforms: ["linux/arm64"] }],
      ["one of a registry", "docker-archive", { images: [{ engine: "web" }, "quay.io/acme/web:v1"] }],
      ["another name", "docker-archive", { images: [{ engine: digest, as: "web:v1" }] }],
      ["a tag beside a digest", "docker-archive", { images: [{ engine: `web:v1@${digest}` }] }],
      ["a digest alone", "engine", { images: [{ engine: `web@${digest}` }] }],
      [
        "several platforms",
        "docker-archive",
        { images: [{ engine: "web" }, { engine: "db", platforms: ["linux/arm64"] }] },
      ],
      ["what is asked for", "oci-archive", { images: [{ engine: "web" }], format: "oci-archive" }],
    ];
    for (const [title, format, inputs] of table) {
      it(title, () => assert.equal(argsOf(inputs).format, format));
    }
  });

  describe("are refused with their path", () => {
    const table: readonly (readonly [RegExp, object])[] = [
      [/^path: is required$/, { path: undefined }],
      [/^path: begins with ~/, { path: "~/web.tar" }],
      [/^path: begins with ~/, { path: "~" }],
      [/^path: is empty/, { path: "" }],
      [/^path: names a folder/, { path: "out/" }],
      [/^path: names a folder/, { path: "out\\" }],
      [/^path: contains a NUL/, { path: "web\0.tar" }],
      [/^images: needs at least one image/, { images: [] }],
      [/^images: /, { images: undefined }],
      [/^images\[0\]: .*not an image reference/, { images: ["Quay.io/ACME"] }],
      [/^images\[0\]: .*not an image reference/, { images: [""] }],
      [/^images\[0\]: needs exactly one/, { images: [{}] }],
      [/^images\[0\]: needs exactly one/, { images: [{ registry: "quay.io/a/b:1", engine: "b:1" }] }],
      [/^images\[0\]\.registry: .*not an image reference/, { images: [{ registry: "a b" }] }],
      [/^images\[0\]\.engine: .*not an image reference/, { images: [{ engine: "-a" }] }],
      [/^images\[0\]\.stream: .*is not "namespace\/name:tag"/, { images: [{ stream: "a/b/c:v1" }] }],
      [/^images\[0\]\.stream\.?/, { images: [{ stream: { name: "site" } }] }],
      [/^images\[0\]: .*upper case letters are not allowed/, { images: ["quay.io/ACME/web:1"] }],
      [
        /"shop\/siteX:latest" is not .*: upper case letters.* is shop\/sitex meant\?$/,
        { images: [{ stream: "shop/siteX:latest" }] },
      ],
      [/: streams have no registry in front/, { images: [{ stream: "quay.io/shop/site:v1" }] }],
      [/: a digest has no place in it/, { images: [{ stream: `shop/site@${digest}` }] }],
      [/: it has more than one colon/, { images: [{ stream: "shop/site:v1:v2" }] }],
      [/: the tag behind the colon is empty/, { images: [{ stream: "shop/site:" }] }],
      [/: a part of the name is empty/, { images: [{ stream: "/site:v1" }] }],
      [/: it has blanks/, { images: [{ stream: "shop/site : v1" }] }],
      [/: globs are for tags alone/, { images: [{ stream: "shop/s*:v1" }] }],
      [/: leave the scheme out/, { images: [{ stream: "docker://shop/site:v1" }] }],
      [/: names have lower case letters/, { images: [{ stream: "shop/-site" }] }],
      [
        /^images\[0\]\.stream\.name: "Site" is not the name of an image stream: upper case/,
        { images: [{ stream: { name: "Site", tag: "v1" } }] },
      ],
      [
        /^images\[0\]\.stream\.namespace: "Shop" is not the name of a namespace: upper case/,
        { images: [{ stream: { namespace: "Shop", name: "site", tag: "v1" } }] },
      ],
      [
        /^integratedRegistry\.url: must not have a path/,
        { integratedRegistry: { url: "https://a.example/b" } },
      ],
      [
        /^integratedRegistry\.password: is required beside username/,
        { integratedRegistry: { username: "a" } },
      ],
      [/^integratedRegistry\.token: is empty/, { integratedRegistry: { token: "" } }],
      [
        /^images\[0\]\.platforms\[0\]: is not a platform/,
        { images: [{ engine: "a", platforms: ["arm64"] }] },
      ],
      [/^images\[0\]\.as: .*cannot have a digest/, { images: [{ engine: "a", as: `b@${digest}` }] }],
      [/^images\[0\]\.as: .*not an image reference/, { images: [{ engine: "a", as: "B" }] }],
      [/^images\[0\]\.tag: is not an argument/, { images: [{ engine: "a", tag: "b" }] }],
      [/^images\[1\]: .*in the archive already/, { images: [{ engine: "a" }, { engine: "a:latest" }] }],
      [/^images\[1\]: .*in the archive already/, { images: ["a:v1", { engine: "b", as: "a:v1" }] }],
      [/^images\[1\]: .*in the archive already/, { images: [{ engine: digest }, { engine: digest }] }],
      [/^tag: is not a tag/, { tag: "" }],
      [/^tag: is not a tag/, { tag: "a/b" }],
      [/^platforms\[0\]: is not a platform/, { platforms: ["linux"] }],
      [/^engine\.timeoutSeconds: /, { engine: { timeoutSeconds: 0 } }],
      [/^engine\.socket: is not an argument/, { engine: { socket: "x" } }],
      [/^registries\["quay\.io"\]\.mirrors: /, { registries: { "quay.io": { mirrors: "x" } } }],
      [/^format: /, { format: "tar" }],
      [/^format: "engine" is for images of an engine/, { format: "engine" }],
      [
        /^format: "engine" keeps the engine's names/,
        { format: "engine", images: [{ engine: "a", as: "b" }] },
      ],
      [
        /^format: "engine" is for images of one platform/,
        { format: "engine", images: [{ engine: "a" }, { engine: "b", platforms: ["linux/arm64"] }] },
      ],
      [/^compression: /, { compression: "xz" }],
      [/^fileMode: is not a file mode/, { fileMode: "rw-------" }],
      [/^fileMode: is not a file mode/, { fileMode: "0999" }],
      [/^fileMode: /, { fileMode: 600 }],
      [/^createDirectories: /, { createDirectories: "yes" }],
      [/^overwriteUnmanaged: /, { overwriteUnmanaged: 1 }],
      [/^onDestroy: /, { onDestroy: "remove" }],
      [/^onMissing: /, { onMissing: "warn" }],
      [/^manifest: /, { manifest: "x" }],
      [/^verify: /, { verify: "full" }],
      [/^triggers: /, { triggers: "x" }],
      [/^timeouts\.create: is not a duration/, { timeouts: { create: "soon" } }],
      [/^timeouts\.read: is not an argument/, { timeouts: { read: 5 } }],
      [/^force: is not an argument/, { force: true }],
    ];
    for (const [message, inputs] of table) {
      it(JSON.stringify(inputs), () => {
        const issues = issuesOf(inputs);
        assert.ok(
          issues.some((issue) => message.test(issue)),
          `${String(message)} is not in ${JSON.stringify(issues)}`,
        );
      });
    }
  });

  it("are refused all at once", () => {
    const issues = issuesOf({
      path: "out/",
      images: [{ engine: "A" }, { stream: "a/b/c", platforms: ["arm"] }],
      tag: "",
      fileMode: "9",
      force: true,
    });
    const paths = issues.map((issue) => issue.split(":")[0]);
    assert.deepEqual([...new Set(paths)].sort(), [
      "fileMode",
      "force",
      "images[0].engine",
      "images[1].platforms[0]",
      "images[1].stream",
      "path",
      "tag",
    ]);
  });

  it("of any shape are refused without a crash", () => {
    for (const inputs of [undefined, null, "x", 5, [], { images: "x" }, { images: [null, 5, []], path: 5 }]) {
      assert.equal(parseArgs(inputs).ok, false, JSON.stringify(inputs));
    }
  });
});
