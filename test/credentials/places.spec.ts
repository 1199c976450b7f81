import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { repositoryRoot } from "../support/repositoryRoot.js";

/**
 * Every source file that handles credentials or talks to a server, with the tests that show where they are sent: parts of
 * their titles in this folder. `reads` is for files that send nothing themselves.
 */
const places: Readonly<Record<string, readonly string[] | "reads">> = {
  "containerEngine/client.ts": ["follows no redirect of an engine"],
  "containerEngine/connection.ts": ["follows no redirect of an engine"],
  "containerEngine/version.ts": "reads",
  "containerEngine/ssh/socket.ts": "reads", // the ssh program has its own keys
  "lifecycle/cli/run.ts": "reads", // asks `ps` about processes
  "lifecycle/processEnd.ts": "reads",
  "cluster/api/client.ts": ["is redirected is not sent on", "a proxy sees its own login"],
  "cluster/connection/open.ts": "reads",
  "cluster/api/openLines.ts": ["is redirected is not sent on"],
  "cluster/connection/explicit.ts": ["is redirected is not sent on"],
  "cluster/connection/inCluster.ts": ["is redirected is not sent on"],
  "cluster/connection/kubeConfig/credentials.ts": ["is redirected is not sent on"],
  "cluster/connection/kubeConfig/pluginRuns.ts": "reads", // a plugin is told what the kubeconfig says
  "http/body.ts": "reads",
  "http/dispatcher.ts": [
    ...["client certificate: ", "a proxy sees its own login"],
    ...["sees the headers that are for it", "on the way to plain HTTP too"],
  ],
  "http/proxy.ts": ["sees the headers that are for it", "does not leave its headers to it"],
  "http/send.ts": [
    ...["is redirected is not sent on", "from ${place}, whatever it leads to"],
    ...["follows no redirect of an engine", "follows no ${lure}"],
  ],
  "http/tls.ts": "reads",
  "registry/auth/credentialHelper.ts": ["from ${place}, whatever it leads to"],
  "registry/client/redirects.ts": ["from ${place}, whatever it leads to", "not to a mirror of it"],
  "registry/client/connections.ts": ["the certificate of its token server is", "of where it redirects to is"],
  "oci/names/registryUrl.ts": "reads",
  "registry/client/session.ts": ["from ${place}, whatever it leads to"],
  "registry/auth/tokenServer.ts": ["a token server that redirects", "not without TLS to a token server"],
  "registry/integrated/client.ts": [
    "the newest managed Image names another host",
    "whose API server's certificate",
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

  it("have a row each, with the test that shows the receiver", () => {
    const found = filesBelow(provider)
      .filter((path) => signs.some((sign) => sign.test(codeIn(path))))
      .map((path) => relative(provider, path));
    assert.deepEqual(found.sort(), Object.keys(places).sort());
  });

  it("name existing tests", () => {
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
