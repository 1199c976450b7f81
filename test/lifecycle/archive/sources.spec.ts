import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, type SandboxEngine, startEngine, startSandbox } from "okd-image-sandbox";
import type { ArchiveArgs } from "../../../provider/archive/args/parsed.js";
import { parseArgs } from "../../../provider/archive/args/schema.js";
import type { ArchivePorts, StreamSource } from "../../../provider/archive/ports.js";
import { createClusterConnector } from "../../../provider/cluster/connection/open.js";
import { sleep } from "../../../provider/support/async/abortable.js";
import { createArchiveSources } from "../../../provider/wiring/archive.js";

const options = { signal: new AbortController().signal };

describe("the sources of archives in one process", () => {
  let folder: string;
  let secrets: string[];
  /** Of another archive each time. */
  let ports: () => ArchivePorts;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "archive-sources-"));
    secrets = [];
    const sources = createArchiveSources((secret) => secrets.push(secret));
    ports = () => sources(() => Promise.reject(new Error("no cluster is asked for")));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function argsOf(args: object): Pick<ArchiveArgs, "engine" | "registries" | "integratedRegistry"> {
    const parsed = parseArgs({ path: "a.tar", images: ["a:1"], ...args });
    assert.ok(parsed.ok);
    return parsed.args;
  }

  describe("engines", () => {
    let container: SandboxEngine;
    beforeEach(async () => {
      container = await startEngine({ version: "docker-28" });
      container.images.add(["acme/web:v1"], { layerBytes: 20_000 });
    });
    afterEach(() => container.close());

    const engine = (more: object = {}, signal = options.signal) =>
      ports().engine(argsOf({ engine: { host: container.host, ...more } }).engine, { signal });
    const asked = (what: string) => container.requests.filter((request) => request.includes(what)).length;
    const pings = () => asked("/_ping");
    const exports = () => asked("/get");

    it("are asked once for their version by all archives with the same arguments", async () => {
      const [first, second] = await Promise.all([engine(), engine()]);
      assert.equal(first, second);
      assert.equal(await engine(), first);
      assert.equal(pings(), 1);

      assert.notEqual(await engine({ apiVersion: "1.41" }), first);
      assert.equal(pings(), 2);
    });

    it("are tried again after they could not be reached", async () => {
      const socket = join(folder, "docker.sock");
      await assert.rejects(engine({ host: `unix://${socket}` }), /ENGINE_UNREACHABLE/);
      symlinkSync(container.host.slice("unix://".length), socket);
      assert.match((await engine({ host: `unix://${socket}` })).description, /Docker/);
    });

    it("stay open for the others when one archive stops waiting", async () => {
      const impatient = new AbortController();
      let answer: () => void = () => undefined;
      const happens = () => {
        impatient.abort();
        answer();
      };
      container.faults.add({ on: "ping", kind: "meanwhile", happens });
      const answered = new Promise<void>((resolve) => (answer = resolve));
      const refused = assert.rejects(engine({}, impatient.signal), /CANCELLED/);
      const patient = engine();
      await answered;
      await refused;
      assert.match((await patient).description, /Docker/);
      assert.equal(pings(), 1);
    });

    it("answer questions while they export many archives", async () => {
      const stop = new AbortController();
      const patience = AbortSignal.timeout(5_000);
      const beginnings: Promise<unknown>[] = [];
      for (let archive = 1; archive <= 20; archive += 1) {
        container.faults.add({ on: "export", kind: "stall" });
        const content = (await engine()).export(["acme/web:v1"], [], { signal: stop.signal });
        beginnings.push(content[Symbol.asyncIterator]().next());
        while (exports() < archive) await sleep(1, patience);
      }
      const image = await (await engine()).inspect("acme/web:v1", undefined, options);
      assert.equal(image?.repoTags[0], "acme/web:v1");
      stop.abort();
      await Promise.allSettled(beginnings);
    });
  });

  describe("registries", () => {
    const [username, password] = ["robot", "right"];
    const variables = ["REGISTRY_AUTH_FILE", "CONTAINERS_REGISTRIES_CONF"] as const;
    let sandbox: Sandbox;
    let digest: string;
    let before: readonly (string | undefined)[];

    beforeEach(async () => {
      const authentication = { scheme: "token", username, password } as const;
      sandbox = await startSandbox({ registries: { closed: { protocol: "http", authentication } } });
      ({ digest } = sandbox.registry().publishImage("acme/web", "v1"));
      before = variables.map((name) => process.env[name]);
      for (const name of variables) process.env[name] = join(folder, name);
      writeFileSync(join(folder, "CONTAINERS_REGISTRIES_CONF"), "");
    });
    afterEach(async () => {
      for (const [index, name] of variables.entries()) {
        if (before[index] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[index];
      }
      await sandbox.close();
    });

    const host = () => sandbox.registry().host;
    const digestOf = async (registries: object = {}) =>
      await (
        await ports().registry(argsOf({ registries }).registries)
      ).digestOf(`${host()}/acme/web:v1`, options);
    const login = (secret: string) => {
      const auth = Buffer.from(`${username}:${secret}`).toString("base64");
      writeFileSync(join(folder, "REGISTRY_AUTH_FILE"), JSON.stringify({ auths: { [host()]: { auth } } }));
    };
    const tokens = () => sandbox.requests.matching({}).filter(({ path }) => path.startsWith("/token")).length;

    it("get one login of all archives with the same arguments", async () => {
      login(password);
      for (let archive = 0; archive < 3; archive += 1) assert.equal(await digestOf(), digest);
      assert.equal(tokens(), 1);
      assert.ok(secrets.includes(password));

      assert.equal(await digestOf({ [host()]: { username, password } }), digest);
      assert.equal(tokens(), 2);
    });

    it("are asked again with a login that appears after a refusal", async () => {
      await assert.rejects(digestOf(), /REGISTRY_UNAUTHORIZED/);
      login("wrong");
      await assert.rejects(digestOf(), /REGISTRY_UNAUTHORIZED/);
      login(password);
      assert.equal(await digestOf(), digest);
    });

    it("are asked again after registries.conf was corrected", async () => {
      login(password);
      const conf = join(folder, "CONTAINERS_REGISTRIES_CONF");
      writeFileSync(conf, "[[");
      await assert.rejects(digestOf(), /not valid TOML.*CONNECTION_INVALID/);
      writeFileSync(conf, "");
      assert.equal(await digestOf(), digest);
    });

    it("get the password of an archive's arguments from this archive alone", async () => {
      assert.equal(await digestOf({ [host()]: { username, password } }), digest);
      await assert.rejects(digestOf({ [host()]: { username, password: "wrong" } }), /REGISTRY_UNAUTHORIZED/);
      await assert.rejects(digestOf(), /REGISTRY_UNAUTHORIZED/);
    });
  });

  describe("image streams", () => {
    let sandbox: Sandbox;
    beforeEach(async () => {
      sandbox = await startSandbox({ namespaces: ["shop"], integratedRegistry: {} });
    });
    afterEach(() => sandbox.close());

    const push = (name: string) =>
      sandbox.integratedRegistry.push({ namespace: "shop", name, tag: "v1", image: { layers: [name] } });
    const source = (name: string): StreamSource => ({
      kind: "stream",
      namespace: "shop",
      name,
      tags: "v1",
      digest: undefined,
    });

    it("share one connection to the integrated registry", async () => {
      const clusters = createClusterConnector();
      const { url: server, adminToken: token, certificateAuthority: caCert } = sandbox;
      const sources = createArchiveSources(() => undefined);
      const open = (signal: AbortSignal) =>
        clusters.open({ host: server, token, caCert }, () => undefined, signal);
      const looked = () => sandbox.requests.matching({ server: "integrated" }).length;
      const found = async (name: string) => {
        const streams = await sources(open).streams(options);
        await streams.registry(argsOf({}).integratedRegistry, options);
        return await streams.find(source(name), options);
      };
      const digests = [push("web"), push("db")].map(({ digest }) => digest);
      sandbox.requests.clear();

      assert.equal((await found("web"))[0]?.digest, digests[0]);
      const once = looked();
      assert.ok(once > 0);
      assert.equal((await found("db"))[0]?.digest, digests[1]);
      assert.equal(looked(), once, "its address is known");
    });
  });
});
