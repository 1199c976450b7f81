import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { repositoryRoot } from "../repositoryRoot.js";

/**
 * Every source file that says who asks, or talks to somebody, with the tests that show where that goes: parts of their titles
 * in this folder. `reads` is for those that send nothing themselves.
 */
const places: Readonly<Record<string, readonly string[] | "reads">> = {
  "engine/engineClient.ts": ["and no engine's redirect is followed"],
  "engine/engineConnection.ts": ["and no engine's redirect is followed"],
  "engine/engineVersion.ts": "reads",
  "engine/sshSocket.ts": "reads", // the ssh program has its own keys
  "lifecycle/cliRun.ts": "reads", // asks `ps` about processes
  "lifecycle/processEnd.ts": "reads",
  "openshift/apiAnswer.ts": "reads",
  "openshift/clusterClient.ts": ["is redirected is not sent on", "a proxy sees its own login"],
  "openshift/connect.ts": "reads",
  "openshift/openLines.ts": ["is redirected is not sent on"],
  "openshift/sources/explicit.ts": ["is redirected is not sent on"],
  "openshift/sources/inCluster.ts": ["is redirected is not sent on"],
  "openshift/sources/kubeConfigCredentials.ts": ["is redirected is not sent on"],
  "openshift/sources/pluginRuns.ts": "reads", // a plugin is told what the kubeconfig says
  "openshift/transport/body.ts": "reads",
  "openshift/transport/certificateDispatchers.ts": ["client certificate: "],
  "openshift/transport/dispatcher.ts": ["client certificate: ", "a proxy sees its own login"],
  "openshift/transport/proxy.ts": "reads",
  "registry/prunedRegistry.ts": [
    "the newest managed Image names another host",
    "whose API server's certificate",
  ],
  "registry/pull/credentialHelper.ts": ["from ${place}, whatever it leads to"],
  "registry/pull/followedRequests.ts": ["from ${place}, whatever it leads to", "not to a mirror of it"],
  "registry/pull/hostConnections.ts": [
    "the certificate of its token server is",
    "of where it redirects to is",
  ],
  "registry/pull/hostTls.ts": "reads",
  "registry/pull/loopback.ts": "reads",
  "registry/pull/repositorySession.ts": ["from ${place}, whatever it leads to"],
  "registry/pull/tokenServer.ts": ["a token server that redirects", "not without TLS to a token server"],
  "registry/registryClient.ts": [
    "follows no ${lure}",
    "as a password, where the registry offers Basic alone",
  ],
};

const signs = [
  /authorization(?!\.(?:k8s|openshift)\.io)/i, // but for the API groups of that name
  /refresh_token|registry-?auth|set-?cookie/i,
  /createDispatcher\(|createDetachedDispatcher\(|\bfetch\(/,
  /"undici"|"node:(?:http|https|http2|net|tls|dgram|child_process)"/,
];

/** Without comments, which explain. */
function codeIn(path: string): string {
  return readFileSync(path, "utf8")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/(^|\s)\/\/.*$/gm, "");
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

describe("places where credentials are sent", () => {
  const provider = join(repositoryRoot, "provider");

  it("have a row each, with the test that shows to whom", () => {
    const found = filesBelow(provider)
      .filter((path) => signs.some((sign) => sign.test(codeIn(path))))
      .map((path) => relative(provider, path));
    assert.deepEqual(found.sort(), Object.keys(places).sort());
  });

  it("name tests that there are", () => {
    const own = filesBelow(join(repositoryRoot, "test/credentials")).filter((path) =>
      path.endsWith(".spec.ts"),
    );
    const titles = own
      .filter((path) => !path.endsWith("places.spec.ts"))
      .flatMap((path) => [...readFileSync(path, "utf8").matchAll(/\bit\(\s*(["'`])(.*?)\1,/g)])
      .map(([, , title = ""]) => title);
    const wanted = Object.values(places).flatMap((row) => (row === "reads" ? [] : row));
    assert.deepEqual(
      wanted.filter((part) => !titles.some((title) => title.includes(part))),
      [],
    );
  });
});
