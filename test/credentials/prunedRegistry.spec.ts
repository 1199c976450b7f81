import assert from "node:assert/strict";
import type { TokenSource } from "../../provider/http/credentials.js";
import type { IntegratedRegistry } from "../../provider/registry/integrated/operations.js";
import { isImageError } from "../../provider/support/imageError.js";
import { never } from "../support/clients/cluster.js";
import type { Answer, SeenRequest } from "../support/servers/scripted.js";
import { candidateFor, openRegistry } from "../support/servers/scriptedRegistry.js";
import {
  apiVersion,
  assertNoSecret,
  shownTo,
  startTwoHosts,
  type TwoHosts,
} from "../support/servers/twoHosts.js";

const key = { namespace: "shop", name: "web" };
const digest = `sha256:${"a".repeat(64)}`;
const options = { signal: never };
const [first, second] = ["s3cret-token-1", "s3cret-token-2"];

const basic = (token: string) => `Basic ${Buffer.from(`pulumi:${token}`).toString("base64")}`;

const operations: Readonly<Record<string, (registry: IntegratedRegistry) => Promise<unknown>>> = {
  "the preflight": (registry) => registry.preflight(options),
  "a layer link's deletion": (registry) => registry.deleteLayerLink(key, digest, options),
  "a manifest link's deletion": (registry) => registry.deleteManifestLink(key, digest, options),
  "a blob's deletion": (registry) => registry.deleteBlob(digest, options),
  "the look for a blob": (registry) => registry.hasBlob(key, digest, options),
  "a manifest's read": (registry) => registry.readManifest(key, digest, options),
};

/** How a registry, or something in its place, leads a client to another host. */
const lures: Readonly<Record<string, (foreign: string, request: SeenRequest) => Answer>> = {
  "a redirect": (foreign, { url }) => ({
    status: 307,
    headers: { ...apiVersion, location: `${foreign}${url}` },
    body: "",
  }),
  "a redirect that changes the method": (foreign, { url }) => ({
    status: 303,
    headers: { ...apiVersion, location: `${foreign}${url}` },
    body: "",
  }),
  "a token server in its challenge": (foreign) => ({
    status: 401,
    headers: { ...apiVersion, "www-authenticate": `Bearer realm="${foreign}/token",service="x"` },
    body: "",
  }),
  "Basic and a token server in its challenge": (foreign) => ({
    status: 401,
    headers: { ...apiVersion, "www-authenticate": `Basic realm="x", Bearer realm="${foreign}/token"` },
    body: "",
  }),
  "a next page elsewhere": (foreign) => ({
    status: 200,
    headers: { ...apiVersion, link: `<${foreign}/v2/_catalog?last=x>; rel="next"`, location: foreign },
    body: {},
  }),
};

describe("the connection's token reaches the integrated registry only", () => {
  let hosts: TwoHosts;
  afterEach(() => hosts.close());

  const rotating = (): TokenSource => {
    let current = first;
    return {
      token: () => Promise.resolve(current),
      renew: () => {
        const isNew = current === first;
        current = second;
        return Promise.resolve(isNew);
      },
    };
  };

  for (const [what, operation] of Object.entries(operations)) {
    for (const [lure, answer] of Object.entries(lures)) {
      it(`${what} follows no ${lure}`, async () => {
        const introduction: Answer = { status: 200, headers: apiVersion, body: {} };
        hosts = await startTwoHosts(
          (foreign) => (request) => (request.url === "/v2/" ? introduction : answer(foreign, request)),
        );
        const registry = await openRegistry(candidateFor(hosts.own.url), { credentials: rotating() });
        await operation(registry).catch((error: unknown) => assert.ok(isImageError(error), String(error)));
        await registry.close();
        const ours = [first, second].flatMap((token) => [`Bearer ${token}`, basic(token)]);
        assert.ok(shownTo(hosts.own).length > 0);
        assert.deepEqual(
          shownTo(hosts.own).filter((shown) => !ours.includes(shown)),
          [],
        );
        assert.equal(hosts.foreign.seen.length, 0);
      });
    }
  }

  it("as a password, where the registry offers Basic alone, and renewed after a 401", async () => {
    hosts = await startTwoHosts(() => ({ headers }) => ({
      status: 401,
      headers: { ...apiVersion, "www-authenticate": 'Basic realm="openshift"' },
      body: headers,
    }));
    const registry = await openRegistry(candidateFor(hosts.own.url), { credentials: rotating() });
    await assert.rejects(registry.deleteBlob(digest, options));
    await registry.close();
    assert.deepEqual(
      [...shownTo(hosts.own)].sort(),
      [`Bearer ${first}`, `Bearer ${second}`, basic(first), basic(second)].sort(),
    );
    assert.equal(hosts.foreign.seen.length, 0);
  });

  it("not before a registry has answered, and to no address that answers something else", async () => {
    hosts = await startTwoHosts((foreign) => ({ url }) => ({
      status: 302,
      headers: { ...apiVersion, location: `${foreign}${url}` },
      body: "",
    }));
    const candidates = [candidateFor(hosts.own.url), candidateFor(hosts.foreign.url)];
    await assert.rejects(openRegistry(candidates[0]!, { candidates, credentials: rotating() }), /a redirect/);
    assertNoSecret(hosts.own.seen, first, second);
    assert.equal(hosts.foreign.seen.length, 0);
  });
});
