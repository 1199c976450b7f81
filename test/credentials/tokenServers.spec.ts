import assert from "node:assert/strict";
import { createAuthority } from "../support/servers/certificates.js";
import {
  answerJson,
  options,
  pullerWith,
  type PullRegistry,
  startPullRegistry,
} from "../support/servers/pullRegistry.js";
import {
  assertUntold,
  pair,
  places,
  pullAll,
  secret,
  startTwoRegistries,
  wantsLogin,
} from "../support/servers/twoRegistries.js";

describe("the login of a registry", () => {
  let own: PullRegistry;
  let foreign: PullRegistry;
  beforeEach(async () => {
    ({ own, foreign } = await startTwoRegistries());
  });
  afterEach(async () => {
    await own.close();
    await foreign.close();
  });

  describe("reaches the token server that it names", () => {
    const throughTokens = (tokens: PullRegistry) => {
      own.intercept = wantsLogin(`Bearer realm="${tokens.url}/token",service="own"`);
    };

    for (const place of [
      "a password in the arguments",
      "an identity token in auth.json",
      "a credential helper",
    ]) {
      it(`from ${place}: the token comes back to the registry alone`, async () => {
        const tokens = await startPullRegistry();
        tokens.intercept = (_, response) => answerJson(response, { token: "t1" });
        throughTokens(tokens);
        await pullAll(places[place]!(own.host), own.host);
        await tokens.close();
        assert.ok(
          tokens.asked.some((request) => JSON.stringify(request).match(new RegExp(`${secret}|${pair}`))),
        );
        assert.deepEqual(
          new Set(own.asked.map(({ authorization }) => authorization)),
          new Set([undefined, "Bearer t1"]),
        );
        assert.equal(foreign.asked.length, 0);
      });

      it(`from ${place}: a token server that redirects is not followed`, async () => {
        const tokens = await startPullRegistry();
        tokens.intercept = (_, response) => (
          response.writeHead(307, { location: `${foreign.url}/token` }).end(),
          true
        );
        throughTokens(tokens);
        await pullAll(places[place]!(own.host), own.host);
        await tokens.close();
        assert.equal(foreign.asked.length, 0);
      });
    }

    for (const place of [
      "the cluster's token",
      "a token in the arguments",
      "a registry token in auth.json",
    ]) {
      it(`not from ${place}, which goes to the registry as it is`, async () => {
        own.intercept = wantsLogin(`Bearer realm="${foreign.url}/token",service="own"`);
        await pullAll(places[place]!(own.host), own.host);
        assert.equal(foreign.asked.length, 0);
        assert.ok(own.asked.some(({ authorization }) => authorization === `Bearer ${secret}`));
      });
    }

    it("not without TLS to a token server that is not this machine, of a registry with plain HTTP neither", async () => {
      own.intercept = wantsLogin('Bearer realm="http://tokens.invalid/token"');
      const { registry } = pullerWith({
        registries: { [own.host]: { username: "ann", password: secret, http: true, insecure: true } },
      });
      await assert.rejects(
        registry.digestOf(`${own.host}/acme/web:v1`, options),
        /credentials to be sent without TLS to tokens\.invalid, which is never done/,
      );
    });
  });

  describe("of which the own certificate is not checked (insecure)", () => {
    const secured = async () =>
      startPullRegistry(await (await createAuthority()).issue("x", ["127.0.0.1"]), own.shelf);
    const insecure = (host: string) => ({
      registries: { [host]: { username: "ann", password: secret, insecure: true } },
    });

    it("the certificate of its token server is", async () => {
      const tokens = await secured();
      tokens.intercept = (_, response) => answerJson(response, { token: "t1" });
      own.intercept = wantsLogin(`Bearer realm="${tokens.url}/token"`);
      const { registry } = pullerWith(insecure(own.host));
      const host = new URL(tokens.url).host;
      await assert.rejects(registry.digestOf(`${own.host}/acme/web:v1`, options), (error: Error) => {
        assert.ok(
          error.message.includes(`(registries["${host}"].insecure turns the check off`),
          error.message,
        );
        return error.message.endsWith("[REGISTRY_TLS]");
      });
      await tokens.close();
      assert.equal(tokens.asked.length, 0);
    });

    it("the certificate of where it redirects to is", async () => {
      const storage = await secured();
      own.intercept = ({ url }, response) => (
        response.writeHead(307, { location: `${storage.url}${url}` }).end(),
        true
      );
      const { registry } = pullerWith(insecure(own.host));
      await assert.rejects(registry.digestOf(`${own.host}/acme/web:v1`, options), /REGISTRY_TLS/);
      await storage.close();
      assert.equal(storage.asked.length, 0);
    });

    it("and that of a host and port that is said to be insecure itself is not", async () => {
      const storage = await secured();
      own.intercept = ({ url }, response) => (
        response.writeHead(307, { location: `${storage.url}${url}` }).end(),
        true
      );
      const { registries } = insecure(own.host);
      const { registry } = pullerWith({ registries: { ...registries, [storage.host]: { insecure: true } } });
      await registry.digestOf(`${own.host}/acme/web:v1`, options);
      await storage.close();
      assertUntold(storage);
    });
  });
});
