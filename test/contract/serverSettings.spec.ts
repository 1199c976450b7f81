import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server } from "node:net";
import { type Sandbox, type SandboxOptions, startSandbox } from "okd-image-sandbox";
import { type ApiAnswer, type KubeApi, openKubeApi } from "../support/clients/kubeApi.js";
import { recording, structure } from "../support/recordings/okdApi.js";
import { imageApi, streamBody } from "../support/worlds/contract/scene.js";
import { isSandbox } from "../support/worlds/contract/target.js";

const namespace = "settings";
const imports = `${imageApi}/namespaces/${namespace}/imagestreamimports`;
const streams = `${imageApi}/namespaces/${namespace}/imagestreams`;

interface Setting {
  readonly sandbox: Sandbox;
  readonly admin: KubeApi;
  readonly user: KubeApi;
}

/** Rows that need a server with particular settings: only the sandbox can be started with them. */
function describeSetting(
  title: string,
  options: () => SandboxOptions,
  rows: (setting: () => Setting) => void,
): void {
  if (!isSandbox) return;
  describe(`contract, sandbox only: ${title}`, () => {
    let setting: Setting | undefined;
    before(async () => {
      const sandbox = await startSandbox({ namespaces: [namespace], throttleImports: false, ...options() });
      const { url: server, certificateAuthority } = sandbox;
      setting = {
        sandbox,
        admin: openKubeApi({ server, certificateAuthority, token: sandbox.adminToken }),
        user: openKubeApi({ server, certificateAuthority, token: sandbox.users[0]?.token }),
      };
    });
    after(async () => {
      await setting?.admin.close();
      await setting?.user.close();
      await setting?.sandbox.close();
    });
    rows(() => {
      assert.ok(setting !== undefined);
      return setting;
    });
  });
}

function importOf(
  name: string,
  from: string,
  options: { readonly storing?: boolean; readonly insecure?: boolean } = {},
): unknown {
  const { storing = true, insecure = true } = options;
  const images = [
    { from: { kind: "DockerImage", name: from }, to: { name: "x" }, importPolicy: { insecure } },
  ];
  return { metadata: { name }, spec: { import: storing, images } };
}

const allowedRegistriesForImport = ["127.0.0.1:*", "localhost:*", "*.svc:5000"].map((domainName) => ({
  domainName,
}));

describeSetting(
  "allowedRegistriesForImport",
  () => ({ allowedRegistriesForImport }),
  (setting) => {
    const unlisted = "127.0.0.2:5999/x/y:z";

    it("an admin may not store from an unlisted registry either, as recorded", async () => {
      const answer = await setting().admin.post(imports, importOf("app", unlisted));
      assert.equal(answer.status, 422, answer.text);
      assert.deepEqual(answer.json, recording("status-422-isi-whitelist-admin"));
      assert.equal((await setting().admin.get(`${streams}/app`)).status, 404);
    });

    it("an admin's preview passes, and the host is contacted", async () => {
      const answer = await setting().admin.post(imports, importOf("app", unlisted, { storing: false }));
      assert.equal(answer.status, 201, answer.text);
      assert.match(answer.imported.status.images[0]?.status.message ?? "", /connection refused$/);
    });

    it("a user may neither store nor look, as recorded", async () => {
      setting().sandbox.grant("alice", {
        verbs: ["create"],
        resources: ["imagestreamimports"],
        namespaces: [namespace],
      });
      for (const storing of [true, false]) {
        const answer = await setting().user.post(imports, importOf("al", unlisted, { storing }));
        assert.equal(answer.status, 422, answer.text);
        assert.deepEqual(answer.json, recording("status-422-isi-whitelist-user"));
      }
    });

    for (const { insecure, port } of [
      { insecure: false, port: 443 },
      { insecure: true, port: 80 },
    ]) {
      it(`a user's ${insecure ? "insecure" : "secure"} import of a host without port is looked up with :${port}`, async () => {
        const answer = await setting().user.post(
          imports,
          importOf("al", "quay.example.com/a/b:c", { insecure }),
        );
        assert.equal(answer.status, 422, answer.text);
        assert.ok(
          (answer.failure.message ?? "").includes(
            `importing images from registry "quay.example.com:${port}" is forbidden`,
          ),
        );
      });
    }

    it("a dry run of a stream is checked too, as recorded, whoever asks", async () => {
      const tag = { name: "t", from: { kind: "DockerImage", name: "quay.example.com/a/b:c" } };
      const answer = await setting().admin.post(`${streams}?dryRun=All`, streamBody("wl", [tag]));
      assert.equal(answer.status, 422, answer.text);
      assert.deepEqual(answer.json, recording("status-422-imagestream-dryrun-whitelist"));
    });

    it("a source that is in the stream already stays allowed", async () => {
      const tag = { name: "old", from: { kind: "DockerImage", name: "127.0.0.1:5000/a/b:c" } };
      assert.equal((await setting().admin.post(streams, streamBody("old", [tag]))).status, 201);
      const path = "/apis/config.openshift.io/v1/images/cluster";
      const narrowed = { spec: { allowedRegistriesForImport: [{ domainName: "only.example.com" }] } };
      assert.equal((await setting().admin.patch(path, "merge", narrowed)).status, 200);
      const touched = await setting().admin.patch(`${streams}/old`, "merge", {
        metadata: { annotations: { a: "b" } },
      });
      assert.equal(touched.status, 200, touched.text);
    });
  },
);

describeSetting(
  "continue tokens that expire",
  () => ({}),
  (setting) => {
    it("an expired token gives 410 as recorded, with a token for an inconsistent continuation", async () => {
      for (const name of ["c1", "c2", "c3"]) await setting().admin.post(streams, streamBody(name));
      const first = (await setting().admin.get(`${streams}?limit=1`)).list;
      const token = encodeURIComponent(first.metadata.continue ?? "");
      await setting().admin.post(streams, streamBody("c0"));
      const consistent = (await setting().admin.get(`${streams}?limit=9&continue=${token}`)).list;
      assert.deepEqual(
        consistent.items.map((item) => item.metadata.name),
        ["c2", "c3"],
      );
      setting().sandbox.expireContinueTokens();
      const expired = await setting().admin.get(`${streams}?limit=1&continue=${token}`);
      assert.equal(expired.status, 410);
      const hidden = { metadata: "<token>" };
      assert.deepEqual(
        { ...expired.failure, ...hidden },
        { ...(recording("status-410-expired-continue") as object), ...hidden },
      );
      const fresh = encodeURIComponent(expired.failure.metadata.continue ?? "");
      const rest = await setting().admin.get(`${streams}?continue=${fresh}`);
      assert.equal(rest.status, 200, rest.text);
      assert.deepEqual(
        rest.list.items.map((item) => item.metadata.name),
        ["c2", "c3"],
      );
    });
  },
);

const tlsRegistry: SandboxOptions = { registries: { tls: { protocol: "https" } } };

describeSetting(
  "an authority that imports do not trust",
  () => ({ ...tlsRegistry, distrustOwnAuthority: true }),
  (setting) => {
    it("fails with the x509 error", async () => {
      const { host } = setting().sandbox.registry("tls");
      const answer = await setting().admin.post(
        imports,
        importOf("ca", `${host}/a/b:c`, { insecure: false }),
      );
      const url = `https://${host}/v2/`;
      const cause = "tls: failed to verify certificate: x509: certificate signed by unknown authority";
      assert.equal(
        answer.imported.status.images[0]?.status.message,
        `Internal error occurred: ${host}/a/b:c: Get "${url}": ${cause}`,
      );
    });
  },
);

describeSetting(
  "host names",
  () => ({ registries: { hub: { protocol: "both" } }, registryHosts: { "docker.io": "hub" } }),
  (setting) => {
    it("an unknown host fails as DNS does, and the network is not touched", async () => {
      const answer = await setting().admin.post(
        imports,
        importOf("dns", "nowhere.example.com/a/b:c", { insecure: false }),
      );
      assert.match(
        answer.imported.status.images[0]?.status.message ?? "",
        /^Internal error occurred: nowhere\.example\.com\/a\/b:c: Get "https:\/\/nowhere\.example\.com\/v2\/": dial tcp: lookup nowhere\.example\.com on [\d.]+:53: no such host$/,
      );
    });

    it("a mapped host is played by a registry on loopback; references keep the name", async () => {
      const { digest } = setting().sandbox.registry("hub").publishImage("library/nginx", "1.27");
      const answer = await setting().admin.post(imports, importOf("hub", "nginx:1.27", { insecure: false }));
      assert.equal(answer.imported.status.images[0]?.image?.dockerImageReference, `nginx@${digest}`);
    });
  },
);

describe("contract, sandbox only: a registry that does not answer", () => {
  let stalled: Server;
  let from: string;

  before(async () => {
    stalled = createServer(() => undefined);
    await new Promise<void>((resolve) => stalled.listen(0, "127.0.0.1", resolve));
    from = `127.0.0.1:${(stalled.address() as AddressInfo).port}/a/b:c`;
  });
  after(() => void stalled.close());

  const impatient = { registryHandshakeSeconds: 0.05, registryResponseSeconds: 0.05 };
  describeSetting(
    "the client's own patience",
    () => ({ limits: impatient }),
    (setting) => {
      it("ends in a row, as recorded", async () => {
        const answer = await setting().admin.post(imports, importOf("slowa", from));
        assert.equal(answer.status, 201, answer.text);
        assert.deepEqual(
          structure(answer.json, { [namespace]: "<namespace>" }),
          structure(recording("status-slow-registry-no-timeout-param"), { c6: "<namespace>" }),
        );
      });
    },
  );

  const short = { importSeconds: 0.1, maximumImportSeconds: 0.2 };
  describeSetting(
    "the deadline of an import",
    () => ({ limits: short }),
    (setting) => {
      const assertTimeout = async (
        answer: ApiAnswer,
        recorded: string,
        contentType: RegExp,
      ): Promise<void> => {
        assert.equal(answer.status, 504);
        assert.deepEqual(answer.json, recording(recorded));
        assert.match(String(answer.headers["content-type"]), contentType);
        assert.equal((await setting().admin.get(`${streams}/late`)).status, 404);
      };

      it("gives 504 without `timeout`, as recorded, and nothing is stored", async () => {
        const answer = await setting().admin.post(imports, importOf("late", from));
        await assertTimeout(answer, "status-504-isi-noparam", /^application\/json/);
      });

      it("gives 504 as text without kind with `timeout`, as recorded", async () => {
        const answer = await setting().admin.post(`${imports}?timeout=50ms`, importOf("late", from));
        await assertTimeout(answer, "status-504-isi-timeout40s", /^text\/plain/);
      });

      it("ends a `timeout` beyond the cap at the cap", async () => {
        const answer = await setting().admin.post(`${imports}?timeout=100s`, importOf("late", from));
        await assertTimeout(answer, "status-504-isi-timeout100s", /^text\/plain/);
      });
    },
  );
});

describeSetting(
  "imports that meet",
  () => ({}),
  (setting) => {
    it("six imports at once into a new stream store one, and five are conflicts", async () => {
      const { sandbox, admin } = setting();
      const registry = sandbox.registry();
      registry.publishImage("demo/race", "a");
      // Every import has read the stream before the first manifest is answered.
      sandbox.faults.add({
        server: registry.name,
        path: "/manifests/",
        times: 0,
        effect: { kind: "delay", milliseconds: 300 },
      });
      const posts = Array.from({ length: 6 }, () =>
        admin.post(imports, importOf("race", `${registry.host}/demo/race:a`)),
      );
      const statuses = (await Promise.all(posts)).map((answer) => answer.status).sort();
      assert.deepEqual(statuses, [201, 409, 409, 409, 409, 409]);
    });
  },
);

describeSetting(
  "a registry that is switched off",
  () => ({ registryRemoved: true }),
  (setting) => {
    const repositoryOf = async (name: string, spec: object) => {
      const { admin } = setting();
      const created = await admin.post(streams, { ...(streamBody(name) as object), spec });
      assert.equal(created.status, 201, created.text);
      const { status } = (await admin.get(`${streams}/${name}`)).object;
      return status as Readonly<Record<string, unknown>>;
    };

    it("a stream's status names the upstream of its spec as its repository", async () => {
      const status = await repositoryOf("upstream", { dockerImageRepository: "quay.io/acme/tool" });
      assert.equal(status["dockerImageRepository"], "quay.io/acme/tool");
      assert.equal(status["publicDockerImageRepository"], undefined);
    });

    it("a stream without an upstream has no repository", async () => {
      assert.equal((await repositoryOf("plain", {}))["dockerImageRepository"], "");
    });

    it("a removed registry has neither a service nor a route", async () => {
      const { admin } = setting();
      const place = "namespaces/openshift-image-registry";
      assert.equal((await admin.get(`/api/v1/${place}/services/image-registry`)).status, 404);
      assert.deepEqual((await admin.get(`/apis/route.openshift.io/v1/${place}/routes`)).list.items, []);
      const config = (await admin.get("/apis/config.openshift.io/v1/images/cluster")).object;
      assert.deepEqual(config["status"] ?? {}, {});
    });
  },
);
