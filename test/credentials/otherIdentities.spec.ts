import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "okd-image-sandbox";
import type { HookedResource } from "../support/programs/hookMessages.js";
import { type HookProcess, startHookProcess } from "../support/programs/hookProcess.js";
import { type EngineLog, startEngineLog } from "../support/servers/pulumiLog.js";

const urn = (name: string) => `urn:pulumi:dev::shop::pulumi-nodejs:dynamic:Resource::${name}`;
/** The least that makes each resource ask the API server. */
const inputs: Readonly<Record<HookedResource, object>> = {
  importedImageStream: { namespace: "shop", name: "imported", tags: { v1: "quay.io/acme/web:v1" } },
  imagePrunePolicy: { keepTagRevisions: 1 },
  imageArchive: { path: "web.tar", images: [{ stream: "shop/web:v1" }] },
};

describe("credentials that the server refuses, beside those of an administrator in KUBECONFIG", () => {
  let sandbox: Sandbox;
  let log: EngineLog;
  let folder: string;
  let expired: string;
  let hooks: HookProcess | undefined;
  /** Requests that carried the token, to the API server or to the integrated registry. */
  const carried = new Map<string, number>();

  before(async () => {
    log = await startEngineLog();
    sandbox = await startSandbox({
      namespaces: ["shop"],
      integratedRegistry: {},
      registryHosts: { "quay.io": "open" },
      registries: { open: { protocol: "both" } },
    });
    folder = mkdtempSync(join(tmpdir(), "identities-"));
    sandbox.registry().publishImage("acme/web", "v1");
    sandbox.integratedRegistry.push({
      namespace: "shop",
      name: "web",
      tag: "v1",
      image: { layers: ["web"] },
    });
    writeFileSync(join(folder, "admin"), sandbox.kubeconfig());
    writeFileSync(join(folder, "ca.pem"), sandbox.certificateAuthority);
    expired = sandbox.addToken("robot", undefined, ["system:masters"]);
    sandbox.removeToken(expired);
    for (const token of [expired, sandbox.adminToken]) {
      const headers = { authorization: `^Bearer ${token}$` };
      sandbox.onRequest({ headers, times: 0 }, () => {
        carried.set(token, (carried.get(token) ?? 0) + 1);
      });
    }
  });
  after(async () => {
    log.close();
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await hooks?.end();
    carried.clear();
    log.lines.length = 0;
  });

  const start = (environment: object) =>
    (hooks = startHookProcess({
      environment: { KUBECONFIG: join(folder, "admin"), ...environment },
      engine: log.address,
    }));

  /** What the check of a resource says, be it a failure or the checked inputs. */
  async function check(process: HookProcess, resource: HookedResource, connection?: object): Promise<string> {
    const news = {
      ...inputs[resource],
      __preview: true,
      __urn: urn(resource),
      ...(connection && { connection }),
    };
    const answer = process.call(resource, "check", {}, news);
    return await answer.then(JSON.stringify, String);
  }

  const named = () => ({ host: sandbox.url, token: expired, caCert: sandbox.certificateAuthority });
  const ofEnvironment = () => ({
    OKD_HOST: sandbox.url,
    OKD_TOKEN: expired,
    OKD_CA_CERT: join(folder, "ca.pem"),
  });

  for (const resource of ["importedImageStream", "imagePrunePolicy", "imageArchive"] as const) {
    it(`${resource}: a token of the argument is final, and nothing is asked as the administrator`, async () => {
      const said = await check(start({}), resource, named());
      assert.match(
        said,
        /Tried: token \(argument\)\. Not tried: context sandbox of .*admin.*API_UNAUTHORIZED/,
      );
      assert.deepEqual([...carried.keys()], [expired]);
    });

    it(`${resource}: a token of the stack's config is final, and nothing is asked as the administrator`, async () => {
      const process = start({});
      const { host, token, caCert } = named();
      await process.call(resource, "configure", {
        "okd:host": host,
        "okd:token": token,
        "okd:caCert": caCert,
      });
      const said = await check(process, resource);
      assert.match(said, /Tried: token \(stack config okd:token\)\. Not tried: .*API_UNAUTHORIZED/);
      assert.deepEqual([...carried.keys()], [expired]);
    });
  }

  it("imagePrunePolicy: a token of the environment is final, too, even beside an import that goes on", async () => {
    const process = start(ofEnvironment());
    assert.doesNotMatch(await check(process, "importedImageStream"), /API_UNAUTHORIZED/);
    carried.clear();
    const said = await check(process, "imagePrunePolicy");
    assert.match(said, /Not tried: context sandbox of .*never continued as somebody else.*API_UNAUTHORIZED/);
    assert.deepEqual([...carried.keys()], [expired]);
  });

  it("imports and archives go on with KUBECONFIG when a token of the environment is refused, with one warning for all", async () => {
    const process = start(ofEnvironment());
    const said = await Promise.all([
      check(process, "importedImageStream"),
      check(process, "imageArchive"),
      check(process, "importedImageStream"),
    ]);
    for (const text of said) assert.match(text, /sha256:/);
    assert.deepEqual(new Set(carried.keys()), new Set([expired, sandbox.adminToken]));
    assert.equal(carried.get(expired), 1);
    const warnings = log.lines.filter(({ severity }) => severity === "warning");
    assert.equal(warnings.length, 1, JSON.stringify(log.lines));
    assert.match(
      warnings[0]?.message ?? "",
      /refused token \(variable OKD_TOKEN\) \(401\).* context sandbox of .*admin \(variable KUBECONFIG\)/,
    );
  });
});
