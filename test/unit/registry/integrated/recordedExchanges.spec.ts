import assert from "node:assert/strict";
import type { IntegratedRegistry } from "../../../../provider/registry/integrated/operations.js";
import { isImageError } from "../../../../provider/support/imageError.js";
import { never } from "../../../support/clients/cluster.js";
import { type Exchange, recordedExchanges } from "../../../support/recordings/registryExchanges.js";
import {
  openRegistry,
  type RegistryServer,
  serveRegistryBy,
} from "../../../support/servers/scriptedRegistry.js";

const exchanges = recordedExchanges();
const options = { signal: never };
/** A layer that the recorded manifests have, and whose link is missing in one of the answers. */
const layer = "sha256:b644a093838db9a24b0ee904f03c96cdd8cb7cc3368e32db2bbce5e4194e5b16";
const zeros = `sha256:${"0".repeat(64)}`;
const readOnly = "storage.maintenance.readonly";
const noDelete = "storage.delete.enabled=false";

/** What each recorded answer means, in the file's order; undefined for what a pruner never asks. */
const meanings: readonly (string | undefined)[] = [
  undefined, // /v2/ as nobody: how a registry is recognised
  undefined, // /v2/ as somebody, three times
  undefined,
  undefined,
  "REGISTRY_ERROR", // the recorded body is cut, so that it has another digest
  "REGISTRY_ERROR",
  "absent",
  "REGISTRY_UNAUTHORIZED",
  "REGISTRY_ERROR", // a namespace that does not exist
  undefined, // signatures
  "REGISTRY_UNAUTHORIZED",
  "REGISTRY_UNAUTHORIZED",
  "absent",
  "deleted",
  "absent",
  "deleted",
  "absent",
  "deleted",
  "deleted",
  "absent",
  "REGISTRY_UNAUTHORIZED",
  "absent",
  "manifest",
  undefined, // /v2/ in read-only mode
  "REGISTRY_READ_ONLY",
  "REGISTRY_READ_ONLY",
  "deleted",
  "REGISTRY_DELETE_DISABLED",
  "REGISTRY_STILL_REFERENCED", // the same answer as for a manifest in use; the preflight tells them apart
  "deleted",
  "writable",
  "absent",
  "writable",
  "REGISTRY_READ_ONLY",
];

async function ask(registry: IntegratedRegistry, { method, path, headers }: Exchange): Promise<string> {
  const [, namespace = "", name = ""] = /^\/v2\/([^/]+)\/([^/]+)\//.exec(path) ?? [];
  const key = { namespace, name };
  const digest = headers["docker-content-digest"] ?? layer;
  if (method === "DELETE" && path.startsWith("/admin/blobs/")) {
    return await registry.deleteBlob(path.endsWith("zz") ? "sha256:zz" : digest, options);
  }
  if (method === "DELETE" && path.includes("/manifests/"))
    return await registry.deleteManifestLink(key, path.includes("zeros") ? zeros : digest, options);
  if (method === "DELETE" && path.includes("zeros")) {
    await registry.preflight({ ...options, repository: key });
    return "writable";
  }
  if (method === "DELETE") return await registry.deleteLayerLink(key, digest, options);
  const manifest = await registry.readManifest(key, digest, options);
  if (manifest === undefined) return "absent";
  assert.deepEqual(
    manifest.layers.map(({ digest }) => digest),
    [layer],
  );
  return "manifest";
}

describe("recorded exchanges with the integrated registry", () => {
  let server: RegistryServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it("are all understood, but for those that a pruner never makes", () => {
    assert.equal(exchanges.length, meanings.length);
    const notAsked = exchanges.filter((_, index) => meanings[index] === undefined);
    assert.deepEqual(
      new Set(notAsked.map(({ method, path }) => `${method} ${path}`)),
      new Set(["GET /v2/", "GET /extensions/v2/ir/app/signatures/{digest}"]),
    );
  });

  for (const [index, exchange] of exchanges.entries()) {
    const { mode, user, method, path, status, headers, body } = exchange;
    const meaning = meanings[index];
    if (meaning === undefined) continue;
    it(`${index}. ${mode}: ${method} ${path} as ${user}: ${meaning}`, async () => {
      server = await serveRegistryBy(() => ({ status, headers, body }));
      const registry = await openRegistry(server.candidate);

      let answer: string;
      try {
        answer = await ask(registry, exchange);
      } catch (error) {
        assert.ok(isImageError(error), String(error));
        answer = error.code;
      }

      assert.equal(answer, meaning);
      const [first] = server.asked();
      assert.equal(first?.method, method);
      assert.equal(first.url.replace(/sha256:\w+$/, ""), path.replace(/(?:\{|sha256:).*$/, ""));
      assert.equal(first.headers.authorization, "Bearer t0ken");
    });
  }

  for (const [mode, code] of [
    [readOnly, "REGISTRY_READ_ONLY"],
    [noDelete, "REGISTRY_DELETE_DISABLED"],
  ] as const) {
    it(`stop the preflight with ${code} for ${mode}`, async () => {
      const recorded = exchanges.find(
        (each) => each.mode === mode && each.method === "DELETE" && each.path.includes("/blobs/{layer}"),
      )!;
      server = await serveRegistryBy(() => recorded);
      const registry = await openRegistry(server.candidate);

      await assert.rejects(registry.preflight(options), { code });
      assert.equal(server.asked()[0]?.url, `/v2/openshift/preflight/blobs/${zeros}`);
    });
  }
});
