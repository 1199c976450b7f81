import assert from "node:assert/strict";
import { connectEngine } from "../../provider/containerEngine/imageEngine.js";
import { never } from "../support/clients/cluster.js";
import { machine } from "../support/fakes/machine.js";
import { createAuthority } from "../support/servers/certificates.js";
import { startTwoHosts } from "../support/servers/twoHosts.js";

describe("the client certificate of a container engine reaches that engine only", () => {
  it("follows no redirect of an engine", async () => {
    const authority = await createAuthority();
    const server = await authority.issue("engine", ["127.0.0.1"]);
    const tls = { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: false };
    const hosts = await startTwoHosts(
      (foreign) =>
        ({ url }) => ({ status: 307, headers: { location: `${foreign}${url}` }, body: "" }),
      undefined,
      { own: tls, foreign: tls },
    );
    const { cert, key } = await authority.issue("ann", ["ann"]);
    const args = {
      host: hosts.own.url.replace("https:", "tcp:"),
      context: undefined,
      caCert: authority.cert,
      clientCert: cert,
      clientKey: key,
      skipTlsVerify: false,
      tlsHostname: undefined,
      apiVersion: undefined,
      timeoutSeconds: 5,
    };
    await assert.rejects(connectEngine(args, machine(), { signal: never }));
    await hosts.close();
    assert.equal(hosts.own.seen[0]?.clientCertificate, "ann");
    assert.equal(hosts.own.seen[0].headers.authorization, undefined);
    assert.equal(hosts.foreign.seen.length, 0);
  });
});
