import assert from "node:assert/strict";
import type http from "node:http";
import { sleep } from "../../../../provider/support/async/abortable.js";
import {
  answerJson,
  type Asked,
  contentOf,
  folderWith,
  options,
  pullerWith,
  type PullRegistry,
  refuse,
  startPullRegistry,
} from "../../../support/servers/pullRegistry.js";
import { failureOf } from "../../../support/servers/scriptedRegistry.js";

const basicOf = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

describe("images in a registry: authentication", () => {
  let server: PullRegistry;
  let tokens: PullRegistry;
  let digest: string;
  const reference = () => `${server.host}/acme/web:v1`;
  const shown = () => server.asked.map(({ authorization }) => authorization);

  beforeEach(async () => {
    server = await startPullRegistry();
    tokens = await startPullRegistry();
    ({ digest } = server.shelf.image("acme/web:v1"));
  });
  afterEach(async () => {
    await server.close();
    await tokens.close();
  });

  const challenge = (extra = "") =>
    `Bearer realm="${tokens.url}/token",service="the registry",scope="repository:acme/web:pull"${extra}`;
  /** Wants a token that is among the valid ones. */
  const wantToken = (isValid: (token: string) => boolean, header = challenge()) => {
    server.intercept = ({ authorization }, response) => {
      if (isValid(authorization?.replace(/^Bearer /, "") ?? "")) return false;
      refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": header });
      return true;
    };
  };
  const issue = (answer: (asked: Asked, response: http.ServerResponse) => boolean) =>
    (tokens.intercept = answer);

  it("is anonymous at first, and stays so where the registry allows it", async () => {
    const { registry } = pullerWith({
      registries: { [server.host]: { username: "ann", password: "s3cret" } },
    });
    await registry.digestOf(reference(), options);
    assert.deepEqual(shown(), [undefined]);
  });

  it("takes Basic when the registry wants it, and stays with it", async () => {
    server.intercept = ({ authorization }, response) => {
      if (authorization === basicOf("ann", "s3:cret")) return false;
      refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": 'Basic realm="a, b"' });
      return true;
    };
    const { registry, secrets } = pullerWith({
      registries: { [server.host]: { username: "ann", password: "s3:cret" } },
    });
    const wantBasic = server.intercept;
    server.intercept = (asked, response) => {
      // The redactor must know the secret before any answer arrives.
      assert.equal(secrets.includes("s3:cret"), asked.authorization !== undefined);
      return wantBasic(asked, response);
    };
    await registry.digestOf(reference(), options);
    await registry.digestOf(reference(), options);
    assert.deepEqual(shown(), [undefined, basicOf("ann", "s3:cret"), basicOf("ann", "s3:cret")]);
  });

  it("fetches an anonymous token", async () => {
    wantToken((token) => token === "anonymous");
    issue((_, response) => answerJson(response, { token: "anonymous" }));
    const { registry, secrets } = pullerWith();
    assert.equal(await registry.digestOf(reference(), options), digest);
    const [{ url, authorization } = { url: "", authorization: "" }] = tokens.asked;
    const query = new URL(url, tokens.url).searchParams;
    assert.equal(query.get("service"), "the registry");
    assert.equal(query.get("scope"), "repository:acme/web:pull");
    assert.equal(authorization, undefined);
    assert.deepEqual(secrets, ["anonymous"]);
  });

  it("fetches a token with user and password once for all requests", async () => {
    wantToken((token) => token === "t1");
    issue(({ authorization }, response) =>
      answerJson(
        response,
        authorization === basicOf("ann", "s3cret") ? { access_token: "t1", expires_in: 300 } : {},
      ),
    );
    const { registry } = pullerWith({
      registries: { [server.host]: { username: "ann", password: "s3cret" } },
    });
    const { tree, blobs } = await registry.find(reference(), undefined, options);
    await contentOf(blobs.read(tree.images[0]!.layers[0]!, options));
    assert.equal(tokens.asked.length, 1);
    assert.equal(new URL(tokens.asked[0]!.url, tokens.url).searchParams.get("account"), "ann");
  });

  it("exchanges an identity token by OAuth2, and by GET where the server knows only that", async () => {
    wantToken((token) => token === "t1");
    const auths = { auth: Buffer.from("ann:").toString("base64"), identitytoken: "refresh-me" };
    const home = folderWith({ ".docker/config.json": { auths: { [server.host]: auths } } });
    issue(({ method }, response) => answerJson(response, method === "POST" ? { access_token: "t1" } : {}));
    await pullerWith({ home }).registry.digestOf(reference(), options);
    const form = new URLSearchParams(tokens.asked[0]!.body);
    assert.equal(form.get("grant_type"), "refresh_token");
    assert.equal(form.get("refresh_token"), "refresh-me");
    assert.equal(form.get("service"), "the registry");
    assert.equal(tokens.asked[0]!.url.includes("refresh-me"), false);

    issue(({ method }, response) => answerJson(response, { token: "t1" }, method === "POST" ? 404 : 200));
    await pullerWith({ home }).registry.digestOf(reference(), options);
    assert.deepEqual(
      tokens.asked.slice(1).map(({ method, authorization }) => [method, authorization]),
      [
        ["POST", undefined],
        ["GET", basicOf("ann", "refresh-me")],
      ],
    );
  });

  it("fetches another token when the first is refused in the middle", async () => {
    let valid = "t1";
    let issued = 0;
    wantToken((token) => token === valid);
    issue((_, response) => answerJson(response, { token: `t${(issued += 1)}`, expires_in: 300 }));
    const { tree, blobs } = await pullerWith().registry.find(reference(), undefined, options);
    valid = "t2";
    await contentOf(blobs.read(tree.images[0]!.layers[0]!, options));
    assert.equal(issued, 2);
  });

  it("renews a token that has run out before it is refused", async () => {
    let issued = 0;
    wantToken((token) => token !== "");
    issue((_, response) => answerJson(response, { token: `t${(issued += 1)}`, expires_in: 1 }));
    const { registry } = pullerWith();
    await registry.digestOf(reference(), options);
    await sleep(1100, options.signal);
    await registry.digestOf(reference(), options);
    assert.deepEqual(shown(), [undefined, "Bearer t1", "Bearer t2"]);
  });

  it("tries three times and no more when no token is good enough", async () => {
    wantToken(() => false);
    issue((_, response) => answerJson(response, { token: String(tokens.asked.length) }));
    const failure = await failureOf(pullerWith().registry.find(reference(), undefined, options));
    assert.equal(failure.code, "REGISTRY_UNAUTHORIZED");
    assert.equal(server.asked.length, 3);
  });

  it("never sends a password without TLS to another machine", async () => {
    wantToken(() => false, 'Bearer realm="http://tokens.example.com/token",service="s"');
    const { registry } = pullerWith({
      registries: { [server.host]: { username: "ann", password: "s3cret" } },
    });
    const failure = await failureOf(registry.digestOf(reference(), options));
    assert.match(failure.message, /without TLS to tokens\.example\.com, which is never done/);
  });

  it("sends a cluster's token as it is, and the new one after a renewal", async () => {
    wantToken((token) => token === "new");
    let current = "old";
    const tokenSource = () => ({
      token: () => Promise.resolve(current),
      renew: () => Promise.resolve(((current = "new"), true)),
    });
    const { registry, secrets } = pullerWith({
      tokenSource: (host) => (host === server.host ? tokenSource() : undefined),
    });
    await registry.digestOf(reference(), options);
    assert.deepEqual(shown(), [undefined, "Bearer old", "Bearer new"]);
    assert.deepEqual(new Set(secrets), new Set(["old", "new"]));
    assert.equal(tokens.asked.length, 0);
  });

  it("gives a token as the password where only Basic is offered", async () => {
    server.intercept = ({ authorization }, response) => {
      if (authorization === basicOf("pulumi", "sha256~tok")) return false;
      refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": 'Basic realm="openshift"' });
      return true;
    };
    const { registry, secrets } = pullerWith({ registries: { [server.host]: { token: "sha256~tok" } } });
    assert.equal(await registry.digestOf(reference(), options), digest);
    assert.deepEqual(new Set(secrets), new Set(["sha256~tok"]));
  });

  it("names the places that were searched for credentials, and quotes the token server", async () => {
    wantToken(() => false);
    issue((_, response) =>
      answerJson(response, { errors: [{ code: "DENIED", message: "no such user" }] }, 401),
    );
    const nobody = await failureOf(
      pullerWith({ home: "/nowhere" }).registry.find(reference(), undefined, options),
    );
    assert.equal(nobody.code, "REGISTRY_UNAUTHORIZED");
    assert.match(
      nobody.message,
      /No credentials for it were found in registries\["127.*\/nowhere\/\.docker\/config\.json \(not there\)/,
    );
    assert.match(nobody.message, /token server answered HTTP 401 DENIED: no such user.*podman login/);
    const registries = { [server.host]: { username: "ann", password: "s3cret" } };
    const ann = await failureOf(pullerWith({ registries }).registry.find(reference(), undefined, options));
    assert.match(ann.message, /credentials from registries\["127\.0\.0\.1:\d+"\] were not accepted/);
    assert.equal(ann.message.includes("s3cret"), false);
  });

  const refused: readonly (readonly [number, string, string, RegExp])[] = [
    [403, "DENIED", "REGISTRY_UNAUTHORIZED", /HTTP 403 DENIED/],
    [404, "MANIFEST_UNKNOWN", "REGISTRY_NOT_FOUND", /no such tag or digest/],
    [404, "NOT_FOUND", "REGISTRY_NOT_FOUND", /does not tell which, or it is private/],
    [429, "TOOMANYREQUESTS", "REGISTRY_RATE_LIMITED", /limits how often/],
    [500, "UNKNOWN", "REGISTRY_ERROR", /HTTP 500 UNKNOWN/],
  ];
  for (const [status, code, expected, message] of refused) {
    it(`explains ${status} ${code}`, async () => {
      server.intercept = (_, response) => (refuse(response, status, code), true);
      const failure = await failureOf(pullerWith().registry.digestOf(reference(), options));
      assert.equal(failure.code, expected);
      assert.match(failure.message, message);
    });
  }

  it("tells a web page from a registry's 404", async () => {
    server.intercept = (_, response) => (
      response.writeHead(404, { "content-type": "text/html" }).end("<html>"),
      true
    );
    const failure = await failureOf(pullerWith().registry.digestOf(reference(), options));
    assert.equal(failure.code, "REGISTRY_ERROR");
    assert.match(failure.message, /HTML page.*Is that host a registry/);
  });

  it("does not wait for hours because a registry asks for it", async () => {
    server.intercept = (_, response) => (
      refuse(response, 429, "TOOMANYREQUESTS", { "retry-after": "21600" }),
      true
    );
    const failure = await failureOf(pullerWith().registry.find(reference(), undefined, options));
    assert.equal(failure.code, "REGISTRY_RATE_LIMITED");
    assert.equal(server.asked.length, 1);
  });
});
