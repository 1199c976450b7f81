import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { createConnector } from "../../../../provider/cluster/connection/open.js";
import { connectionSchema } from "../../../../provider/cluster/connection/schema.js";
import { hasCode, ImageError } from "../../../../provider/support/imageError.js";
import { never } from "../../../support/clients/cluster.js";
import { machine } from "../../../support/fakes/machine.js";
import { createAuthority } from "../../../support/servers/certificates.js";
import { type Answer, failure, startServer, type TestServer } from "../../../support/servers/scripted.js";

const run = promisify(execFile);
const options = { signal: never };
const noConfig = () => undefined;
const kubeSystem: Answer = { body: { metadata: { name: "kube-system", uid: "1f0c" } } };

describe("connect", () => {
  let server: TestServer;
  let answer: Answer = kubeSystem;
  before(async () => (server = await startServer(() => answer)));
  after(() => server.close());
  beforeEach(() => {
    server.seen.length = 0;
    answer = kubeSystem;
  });

  const inputs = () => ({ host: server.url, token: "t" });

  it("returns identity, namespace and ports, and asks once for all resources", async () => {
    const connect = createConnector(machine());
    const request = { inputs: { ...inputs(), namespace: "shop" }, config: noConfig };
    const [first, second] = await Promise.all([connect(request, options), connect(request, options)]);
    assert.deepEqual(first.identity, { server: server.url, uid: "1f0c" });
    assert.equal(first.defaultNamespace, "shop");
    assert.equal(first, second);
    assert.deepEqual(
      server.seen.map(({ method, url }) => `${method} ${url}`),
      ["GET /api/v1/namespaces/kube-system"],
    );
  });

  it("shares the client of equal connections that were spelt differently", async () => {
    const connect = createConnector(machine());
    const first = await connect({ inputs: { ...inputs(), namespace: "a" }, config: noConfig }, options);
    const second = await connect({ inputs: { ...inputs(), namespace: "b" }, config: noConfig }, options);
    assert.equal(first.client, second.client);
    assert.equal(second.defaultNamespace, "b");
    assert.equal(server.seen.length, 1);
    const other = await connect({ inputs: { ...inputs(), token: "u" }, config: noConfig }, options);
    assert.notEqual(first.client, other.client);
  });

  it("identifies a cluster by its CA too", async () => {
    const authority = await createAuthority();
    const { cert, key } = await authority.issue("api", ["127.0.0.1"]);
    const secure = await startServer(() => kubeSystem, { cert, key });
    const request = { inputs: { host: secure.url, token: "t", caCert: authority.cert }, config: noConfig };
    const { identity } = await createConnector(machine())(request, options);
    assert.match(identity.ca ?? "", /^[0-9a-f]{64}$/);
    await secure.close();
  });

  for (const [name, refusal] of [
    ["403", failure(403, "Forbidden", "no")],
    ["404", failure(404, "NotFound", "no")],
  ] as const) {
    it(`works without the UID where kube-system answers ${name}`, async () => {
      answer = refusal;
      const { identity } = await createConnector(machine())({ inputs: inputs(), config: noConfig }, options);
      assert.deepEqual(identity, { server: server.url });
    });
  }

  it("fails on refused credentials, forgets the failure, and works once they are right", async () => {
    const connect = createConnector(machine());
    answer = failure(401, "Unauthorized", "Unauthorized");
    const request = { inputs: inputs(), config: noConfig };
    await assert.rejects(connect(request, options), (error) => {
      assert.ok(hasCode(error, "API_UNAUTHORIZED"));
      assert.match(error.message, /Tried: token \(argument\)\. .*--run-program/);
      return true;
    });
    answer = kubeSystem;
    assert.equal((await connect(request, options)).identity.uid, "1f0c");
  });

  it("tells a refused user that OpenShift wants a token", async () => {
    answer = failure(401, "Unauthorized", "Unauthorized");
    const request = { inputs: { host: server.url, username: "ann", password: "pw" }, config: noConfig };
    await assert.rejects(
      createConnector(machine())(request, options),
      /OpenShift wants a token instead of user/,
    );
  });

  it("impersonates in every request", async () => {
    const request = {
      inputs: { ...inputs(), impersonate: { user: "bob", groups: ["dev"] } },
      config: noConfig,
    };
    await createConnector(machine())(request, options);
    const { headers } = server.seen[0]!;
    assert.deepEqual([headers["impersonate-user"], headers["impersonate-group"]], ["bob", "dev"]);
  });

  it("lets one waiting caller leave without disturbing the others", async () => {
    const stop = new AbortController();
    const connect = createConnector(machine());
    const request = { inputs: inputs(), config: noConfig };
    const patient = connect(request, options);
    const hasty = connect(request, { signal: stop.signal });
    stop.abort(new ImageError("DEADLINE_EXCEEDED", "too late"));
    await assert.rejects(hasty, /too late/);
    assert.equal((await patient).identity.uid, "1f0c");
  });

  it("names what is wrong with the connection before any request", async () => {
    const work = createConnector(machine())({ inputs: { host: "api" }, config: noConfig }, options);
    await assert.rejects(work, (error) => hasCode(error, "CONNECTION_INVALID"));
    assert.equal(server.seen.length, 0);
  });

  describe("in a process of its own", () => {
    const modules = path.resolve(__dirname, "../../../../provider/cluster/connection");

    it("loads neither undici nor zod nor the bundle before the first request", async () => {
      const script = `
        require(${JSON.stringify(path.join(modules, "open.js"))});
        const heavy = Object.keys(require.cache).filter((file) => /node_modules.(undici|zod)|kubeConfigBundle.cjs/.test(file));
        process.stdout.write(JSON.stringify(heavy));`;
      assert.equal((await run(process.execPath, ["-e", script])).stdout, "[]");
    });

    it("exits after a request, without waiting for idle connections", async () => {
      const script = `
        const { createConnector } = require(${JSON.stringify(path.join(modules, "open.js"))});
        const environment = { variable: () => undefined, readFile: () => { throw new Error("none"); }, homeFolder: "/" };
        const request = { inputs: ${JSON.stringify(inputs())}, config: () => undefined };
        const started = performance.now();
        createConnector(environment)(request, { signal: new AbortController().signal }).then(({ identity }) => {
          process.stdout.write(identity.uid);
          // A live handle other than the pipes would hold the process; undici's own idle timeout is 4 s.
          const held = () => process.getActiveResourcesInfo().filter((kind) => !/Pipe|TTY|File/.test(kind));
          setImmediate(() => process.stdout.write(" " + JSON.stringify(held())));
        });`;
      const { stdout } = await run(process.execPath, ["-e", script]);
      assert.match(stdout, /^1f0c \[/);
      assert.doesNotMatch(stdout, /TCPSocketWrap/);
    });
  });
});

describe("connectionSchema", () => {
  it("accepts every setting", () => {
    const inputs = {
      kubeconfig: { clusters: [] },
      context: "a",
      cluster: "b",
      namespace: "c",
      host: "https://x",
      token: "t",
      username: "u",
      password: "",
      caCert: "ca",
      clientCert: "cert",
      clientKey: "key",
      skipTlsVerify: true,
      tlsServerName: "n",
      proxyUrl: "http://p",
      timeoutSeconds: 5,
      impersonate: { user: "u", groups: ["g"] },
    };
    assert.deepEqual(connectionSchema.parse(inputs), inputs);
    assert.deepEqual(connectionSchema.parse({}), {});
  });

  it("refuses unknown settings, and names their place", () => {
    const { error } = connectionSchema.safeParse({
      tokn: "t",
      timeoutSeconds: 0,
      impersonate: { groups: [] },
    });
    assert.deepEqual(error?.issues.map(({ path: at }) => at.join(".")).sort(), [
      "",
      "impersonate.user",
      "timeoutSeconds",
    ]);
  });
});
