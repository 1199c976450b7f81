import assert from "node:assert/strict";
import type { HttpAnswer } from "../../../../provider/http/send.js";
import type { CredentialSearch } from "../../../../provider/registry/auth/credentials.js";
import { createAuthorisation } from "../../../../provider/registry/auth/header.js";
import { pullRefusal } from "../../../../provider/registry/client/refusal.js";
import { repositorySession } from "../../../../provider/registry/client/session.js";
import { options } from "../../../support/servers/pullRegistry.js";

const ann: CredentialSearch = {
  credential: { kind: "basic", username: "ann", password: "s3cret" },
  origin: "/home/ann/.docker/config.json",
  lookedIn: ["/home/ann/.docker/config.json"],
};
const unused = () => Promise.reject(new Error("nothing is sent"));

/** A session with Docker Hub that has learnt who the user is. */
async function hubSession(search: CredentialSearch) {
  const authorisation = createAuthorisation({
    scope: "repository:library/nginx:pull",
    find: () => Promise.resolve(search),
    onSecret: () => undefined,
  });
  const context = { signal: options.signal, attempted: "ask", sendToken: unused };
  await authorisation.replace(undefined, 'Basic realm="hub"', context);
  const source = {
    host: "docker.io",
    apiHost: "registry-1.docker.io",
    repository: "library/nginx",
    insecure: false,
    http: false,
  };
  const connections = { send: unused, explain: () => new Error("nothing is sent") as never };
  const retry = { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 };
  return repositorySession(source, { connections, authorisation, idleMs: 1, retry });
}

const limited: HttpAnswer = {
  status: 429,
  headers: {},
  text: JSON.stringify({
    errors: [{ code: "TOOMANYREQUESTS", message: "You have reached your pull rate limit." }],
  }),
};

const refusing = (answer: HttpAnswer, redirectedTo?: string) => ({ answer, redirectedTo });

describe("refusals of Docker Hub", () => {
  it("advise an anonymous user who has reached the limit to log in", async () => {
    const session = await hubSession({ credential: undefined, origin: undefined, lookedIn: [] });
    const { code, message } = pullRefusal(session, refusing(limited), "read x");
    assert.equal(code, "REGISTRY_RATE_LIMITED");
    assert.match(
      message,
      /reached your pull rate limit\. Docker Hub counts pulls without a login.*docker login/,
    );
  });

  it("advise no login to a user with an account", async () => {
    const { message } = pullRefusal(await hubSession(ann), refusing(limited), "read x");
    assert.match(message, /The account's limit is used up\. Wait for some hours, or pull through a mirror/);
    assert.equal(message.includes("docker login"), false);
  });

  it("name the source of refused credentials, and not the credentials", async () => {
    const { message } = pullRefusal(await hubSession(ann), refusing({ ...limited, status: 401 }), "read x");
    assert.match(message, /credentials from \/home\/ann\/\.docker\/config\.json were not accepted/);
    assert.equal(message.includes("s3cret"), false);
  });
});

describe("refusals of another server that the registry redirects to", () => {
  const storage = (status: number, more: Partial<HttpAnswer> = {}) =>
    refusing({ status, headers: {}, text: "<Error>Request has expired</Error>", ...more }, "cdn.example.com");

  it("are reported as that server's own, whatever login there is", async () => {
    const denied = pullRefusal(await hubSession(ann), storage(403), "read x");
    assert.equal(denied.code, "REGISTRY_UNAUTHORIZED");
    assert.match(
      denied.message,
      /^Cannot read x: cdn\.example\.com, where docker\.io redirects to, answered HTTP 403: <Error>Request has expired/,
    );
    assert.match(denied.message, /No login counts there.*operator of docker\.io/);
    assert.doesNotMatch(denied.message, /\bann\b|config\.json|Log in/);

    const gone = pullRefusal(await hubSession(ann), storage(404), "read x");
    assert.equal(gone.code, "REGISTRY_ERROR");
    assert.doesNotMatch(gone.message, /Is that host a registry/);
  });

  it("are reported as a registry's where that server is a registry", async () => {
    const text = JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN", message: "unknown" }] });
    const { code } = pullRefusal(await hubSession(ann), storage(404, { text }), "read x");
    assert.equal(code, "REGISTRY_NOT_FOUND");
  });
});
