import assert from "node:assert/strict";
import { registryCredentials } from "../../../provider/cluster/tokenForRegistry.js";
import type { CredentialSource } from "../../../provider/http/credentials.js";
import { clientFor, never, tokenSource } from "../../support/clients/cluster.js";
import { failure, type Respond, startServer, type TestServer } from "../../support/servers/scripted.js";

describe("registryCredentials", () => {
  let server: TestServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  const credentialsFrom = async (respond: Respond, ...sources: readonly CredentialSource[]) => {
    server = await startServer(respond);
    return registryCredentials(clientFor(server.url, {}, sources));
  };
  const accepting =
    (token: string): Respond =>
    ({ headers }) =>
      headers.authorization === `Bearer ${token}` ? {} : failure(401, "Unauthorized", "Unauthorized");

  it("answers the connection's token without asking the API server", async () => {
    const credentials = await credentialsFrom(accepting("a"), tokenSource("a"));
    assert.equal(await credentials.token(never), "a");
    assert.equal(server?.seen.length, 0);
  });

  const basic: CredentialSource = {
    origin: "user",
    kind: "basic",
    read: () => Promise.resolve({ headers: { Authorization: "Basic YTpi" }, certificate: undefined }),
  };
  const nobody: CredentialSource = {
    origin: "certificate",
    kind: "certificate",
    read: () => Promise.resolve({ headers: {}, certificate: undefined }),
  };
  for (const source of [basic, nobody]) {
    it(`wants a token instead of a ${source.kind}`, async () => {
      const credentials = await credentialsFrom(accepting("a"), source);
      await assert.rejects(credentials.token(never), (error: Error) => {
        assert.match(
          error.message,
          /^connection\.token: the registry wants a token.*oc login.*\[CONNECTION_INVALID\]$/,
        );
        return true;
      });
    });
  }

  it("has no other token when the API server accepts this one", async () => {
    const credentials = await credentialsFrom(accepting("a"), tokenSource("a"), tokenSource("b"));
    assert.equal(await credentials.renew("a", never), false);
    assert.equal(await credentials.token(never), "a");
  });

  it("has no other token when the user may not read what was asked", async () => {
    const credentials = await credentialsFrom(() => failure(403, "Forbidden", "no"), tokenSource("a"));
    assert.equal(await credentials.renew("a", never), false);
  });

  it("takes the next place when the API server refuses the token too", async () => {
    const credentials = await credentialsFrom(accepting("b"), tokenSource("a"), tokenSource("b"));
    assert.equal(await credentials.renew("a", never), true);
    assert.equal(await credentials.token(never), "b");
  });

  it("takes no other place where no other identity may take over", async () => {
    server = await startServer(accepting("b"));
    const sources = [tokenSource("a"), tokenSource("b")];
    const client = clientFor(server.url, {}, sources, 5_000, { barredBy: "the argument is final" });
    const credentials = registryCredentials(client);
    await assert.rejects(credentials.renew("a", never), {
      code: "API_UNAUTHORIZED",
      message: /Not tried: place of b/,
    });
    assert.equal(await credentials.token(never), "a");
  });

  it("asks once when another request was faster", async () => {
    const credentials = await credentialsFrom(accepting("b"), tokenSource("b"));
    assert.equal(await credentials.renew("a", never), true);
    assert.equal(server?.seen.length, 0);
  });

  it("names what to do when no place has a token that is accepted", async () => {
    const credentials = await credentialsFrom(accepting("c"), tokenSource("a"));
    await assert.rejects(credentials.renew("a", never), { code: "API_UNAUTHORIZED", message: /oc login/ });
  });
});
