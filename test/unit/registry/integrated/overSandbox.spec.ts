import assert from "node:assert/strict";
import { type ImageStream, type Sandbox, startSandbox } from "okd-image-sandbox";
import type {
  IntegratedRegistry,
  RegistryOptions,
} from "../../../../provider/registry/integrated/operations.js";
import { never } from "../../../support/clients/cluster.js";
import { candidateFor, fixedToken, openRegistry } from "../../../support/servers/scriptedRegistry.js";

const key = { namespace: "shop", name: "web" };
const options = { signal: never };
const nowhere = `sha256:${"f".repeat(64)}`;

describe("integrated registry of the sandbox", () => {
  let sandbox: Sandbox;
  const open = (changes: Partial<RegistryOptions> = {}): Promise<IntegratedRegistry> =>
    openRegistry(candidateFor(sandbox.integratedRegistry.url), {
      tls: { caCert: sandbox.certificateAuthority },
      credentials: fixedToken(sandbox.adminToken),
      ...changes,
    });
  const push = (tag: string) =>
    sandbox.integratedRegistry.push({ ...key, tag, image: { layers: [`layer of ${tag}`] } });
  const forget = (tag: string) => {
    const stream = sandbox.stored("imagestreams.image.openshift.io", key.name, key.namespace) as ImageStream;
    const tags = stream.status.tags?.filter((each) => each.tag !== tag);
    sandbox.seed({ ...stream, status: { ...stream.status, tags } });
  };

  before(async () => {
    sandbox = await startSandbox({ integratedRegistry: {}, users: [{ name: "dora" }] });
    sandbox.seed({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  });
  afterEach(() => (sandbox.integratedRegistry.mode = "normal"));
  after(() => sandbox.close());

  it("reads what a stream lists", async () => {
    const registry = await open();
    const { digest, layerDigests, configDigest } = push("read");
    const manifest = await registry.readManifest(key, digest, options);
    assert.deepEqual(
      manifest?.layers.map((each) => each.digest),
      layerDigests,
    );
    assert.equal(manifest.config?.digest, configDigest);
    assert.equal(await registry.hasBlob(key, layerDigests[0]!, options), true);
    assert.equal(await registry.hasBlob(key, nowhere, options), false);
    assert.equal(await registry.readManifest(key, nowhere, options), undefined);
  });

  it("deletes links and blobs, each of them twice without complaint", async () => {
    const registry = await open();
    const { digest, layerDigests } = push("gone");
    const [layer = ""] = layerDigests;
    await registry.preflight(options);
    await assert.rejects(registry.deleteManifestLink(key, digest, options), {
      code: "REGISTRY_STILL_REFERENCED",
    });
    forget("gone");
    assert.equal(await registry.deleteLayerLink(key, layer, options), "deleted");
    assert.equal(await registry.deleteLayerLink(key, layer, options), "absent");
    assert.equal(await registry.deleteManifestLink(key, digest, options), "deleted");
    assert.equal(await registry.deleteManifestLink(key, digest, options), "absent");
    assert.equal(await registry.deleteBlob(layer, options), "deleted");
    assert.equal(await registry.deleteBlob(layer, options), "deleted");
    assert.equal(sandbox.integratedRegistry.blobs().has(layer), false);
  });

  it("refuses the preflight in read-only mode and with deleting switched off", async () => {
    const registry = await open();
    sandbox.integratedRegistry.mode = "readOnly";
    await assert.rejects(registry.preflight(options), { code: "REGISTRY_READ_ONLY" });
    sandbox.integratedRegistry.mode = "deleteDisabled";
    await assert.rejects(registry.preflight(options), { code: "REGISTRY_DELETE_DISABLED" });
  });

  it("refuses users without the right, and tokens that nobody has", async () => {
    const { token } = sandbox.users[0]!;
    const asDora = await open({ credentials: fixedToken(token) });
    await assert.rejects(asDora.preflight(options), { code: "REGISTRY_UNAUTHORIZED" });
    const asNobody = await open({ credentials: fixedToken("sha256~nobody") });
    await assert.rejects(asNobody.deleteBlob(nowhere, options), { code: "REGISTRY_UNAUTHORIZED" });
  });
});
