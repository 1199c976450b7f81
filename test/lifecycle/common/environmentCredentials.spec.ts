import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unknownValue } from "../../../provider/lifecycle/unknowns.js";
import type { HookedResource } from "../../support/programs/hookMessages.js";
import { type CheckProcessOptions, checkInProcess } from "../../support/programs/hookProcess.js";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

const pem =
  "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9q\n-----END PRIVATE KEY-----\n";
const login = Buffer.from("robot:hush-hush").toString("base64");

/** Every variable that may hold a credential, and what must not be printed of it. */
const credentialVariables: readonly (readonly [name: string, value: string, secret: string])[] = [
  ["OKD_TOKEN", "sha256~hush-hush", "sha256~hush-hush"],
  ["K8S_AUTH_API_KEY", "sha256~hush-hush", "sha256~hush-hush"],
  ["OKD_PASSWORD", "hush-hush", "hush-hush"],
  ["K8S_AUTH_PASSWORD", "hush-hush", "hush-hush"],
  ["OKD_CLIENT_KEY", pem, "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9q"],
  ["K8S_AUTH_KEY_FILE", pem, "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9q"],
  ["OKD_KUBECONFIG", "users:\n- user:\n    token: hush-hush\n", "hush-hush"],
  ["K8S_AUTH_KUBECONFIG", "users:\n- user:\n    password: 'hush-hush'\n", "hush-hush"],
  ["KUBECONFIG", '{"users":[{"user":{"token":"hush-hush"}}]}', "hush-hush"],
  ["OKD_PROXY_URL", "http://robot:hush-hush@proxy:3128", "hush-hush"],
  ["K8S_AUTH_PROXY", "http://robot:hush-hush@proxy:3128", "hush-hush"],
  ["OKD_PROXY_HEADERS_BASIC_AUTH", "robot:hush-hush", "hush-hush"],
  ["K8S_AUTH_PROXY_HEADERS_BASIC_AUTH", "robot:hush-hush", "hush-hush"],
  ["OKD_PROXY_HEADERS_PROXY_BASIC_AUTH", "robot:hush-hush", "hush-hush"],
  ["K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH", "robot:hush-hush", "hush-hush"],
  ["HTTPS_PROXY", "http://robot:hush-hush@proxy:3128", "hush-hush"],
  ["https_proxy", "robot:hush-hush@proxy:3128", "hush-hush"],
  ["HTTP_PROXY", "http://robot:hush-hush@proxy:3128", "hush-hush"],
  ["http_proxy", "http://robot:hush-hush@proxy:3128", "hush-hush"],
  ["ALL_PROXY", "socks5://robot:hush-hush@proxy:3128", "hush-hush"],
  ["all_proxy", "socks5://robot:hush-hush@proxy:3128", "hush-hush"],
  ["DOCKER_AUTH_CONFIG", `{"auths":{"quay.io":{"auth":"${login}"}}}`, "hush-hush"],
];

const credentialConfig: readonly (readonly [key: string, value: string, secret: string])[] = [
  ["okd:token", "sha256~hush-hush", "sha256~hush-hush"],
  ["okd:password", "hush-hush", "hush-hush"],
  ["okd:clientKey", pem, "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9q"],
  ["okd:kubeconfig", "users:\n- user: { token: hush-hush }\n", "hush-hush"],
  ["okd:proxyUrl", "http://robot:hush-hush@proxy:3128", "hush-hush"],
  ["okd:proxyHeaders", '{"basicAuth":"robot:hush-hush"}', "hush-hush"],
  ["okd:proxyHeaders", '{"proxyBasicAuth":"robot:hush-\\"hush"}', 'hush-\\"hush'],
];

const hooks: readonly HookedResource[] = ["importedImageStream", "imagePrunePolicy", "imageArchive"];

/** Wrong in a way that quotes the text in its message, so that it shows whether the text is known as a secret. */
const quoting = (text: string) => ({
  __urn: "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/okd:ImportedImageStream::web",
  namespace: `no namespace ${text}`,
  source: "quay.io/acme/web:v1",
});

describe("./hooks in a process of its own, with a credential in the environment", () => {
  for (const [name, value, secret] of credentialVariables) {
    it(`keeps what ${name} holds out of messages`, async () => {
      const environment = { HOME: "/nonexistent", [name]: value };
      const { failures } = await checkInProcess("importedImageStream", quoting(secret), { environment });

      const text = JSON.stringify(failures);
      assert.match(text, /no namespace .*\[secret\]/);
      assert.ok(!text.includes(secret), text);
    });
  }

  for (const [key, value, secret] of credentialConfig) {
    it(`keeps what the stack's config ${key} holds out of messages`, async () => {
      const process: CheckProcessOptions = {
        environment: { HOME: "/nonexistent" },
        config: { [key]: value },
      };
      const { failures } = await checkInProcess("importedImageStream", quoting(secret), process);

      const text = JSON.stringify(failures);
      assert.match(text, /no namespace .*\[secret\]/);
      assert.ok(!text.includes(secret), text);
    });
  }

  it("keeps a path and a proxy without a password readable", async () => {
    const environment = {
      HOME: "/nonexistent",
      OKD_CLIENT_KEY: "/etc/okd/client.key",
      KUBECONFIG: "/etc/okd/kubeconfig",
      HTTPS_PROXY: "http://proxy:3128",
    };
    const shown = "/etc/okd/client.key /etc/okd/kubeconfig http://proxy:3128";
    const { failures } = await checkInProcess("importedImageStream", quoting(shown), { environment });

    assert.ok(JSON.stringify(failures).includes(shown));
  });
});

describe("./hooks in a process of its own, for a user who has no entry in the machine's user database", () => {
  let world: ImportWorld;
  let digest: string;
  before(async () => {
    world = await startImportWorld();
    digest = world.publish("v1");
  });
  after(() => world.sandbox.close());

  const noUser = `
    const os = require("node:os");
    const fail = () => { throw new Error("uv_os_get_passwd returned ENOENT"); };
    os.userInfo = fail;
    if (process.env.HOME === undefined) os.homedir = fail;`;
  const isRoot = process.getuid?.() === 0;
  /** A user without passwd entry: really where only root can, else as Node answers for one. */
  const stranger: CheckProcessOptions = isRoot ? { uid: 12_345 } : { first: noUser };

  const homes: readonly (readonly [title: string, environment: Readonly<Record<string, string>>])[] = [
    ["without HOME", {}],
    ["with an empty HOME", { HOME: "" }],
    ["with HOME=/", { HOME: "/" }],
    ["with a HOME that does not exist", { HOME: "/nonexistent" }],
  ];
  for (const [title, environment] of homes) {
    it(`resolves an import ${title}`, async () => {
      const news = {
        __urn: "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/okd:ImportedImageStream::web",
        connection: world.connection,
        namespace: "shop",
        source: "quay.io/acme/web:v1",
      };
      const { inputs, failures } = await checkInProcess("importedImageStream", news, {
        ...stranger,
        environment,
      });

      assert.equal(failures, undefined);
      assert.equal((inputs.resolved as { v1: { digest: string } }).v1.digest, digest);
    });

    it(`plans a prune ${title}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "stranger-"));
      try {
        const news = {
          __urn: "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/okd:ImagePrunePolicy::cleanup",
          __preview: true,
          connection: world.connection,
          pruneRegistry: false,
          force: ["noPods", "noStreams"],
        };
        const { inputs, failures } = await checkInProcess("imagePrunePolicy", news, {
          ...stranger,
          environment: { ...environment, TMPDIR: folder },
        });

        assert.equal(failures, undefined);
        assert.equal((inputs.plan as { images: number }).images, 0);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }

  it("resolves an archive's image without HOME", async () => {
    const image = `${new URL(world.sandbox.registry().url).host}/acme/web:v1`;
    const news = {
      __urn: "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/okd:ImageArchive::bundle",
      path: join(tmpdir(), "stranger-web.tar"), // nothing is written
      images: [image],
      registries: { [new URL(world.sandbox.registry().url).host]: { insecure: true } },
    };
    const { inputs, failures } = await checkInProcess("imageArchive", news, stranger);

    assert.equal(failures, undefined);
    assert.deepEqual(Object.keys((inputs.content as { images: object }).images), [image]);
  });

  for (const hook of hooks) {
    it(`loads ${hook} in a folder that has been removed`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "removed-"));
      const first = `process.chdir(${JSON.stringify(folder)}); require("node:fs").rmdirSync(${JSON.stringify(folder)});`;
      const news = { __urn: "urn:pulumi:dev::shop::x::web", __preview: true, source: unknownValue };
      const { inputs } = await checkInProcess(hook, news, { first });

      assert.ok("__urn" in inputs);
    });
  }
});
