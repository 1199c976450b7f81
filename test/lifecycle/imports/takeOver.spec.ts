import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageStream } from "../../../provider/okd/imageStream.js";
import { runGenerated } from "../../support/builders/generatedProgram.js";
import { repositoryRoot } from "../../support/repositoryRoot.js";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";

const command = join(repositoryRoot, "dist", "provider", "commands", "main.js");

/** No annotations are the same as none that are written. */
function specOf({ spec }: ImageStream): object {
  const tags = spec.tags?.map((tag) => ({ ...tag, annotations: tag.annotations ?? {} }));
  return { ...spec, tags };
}

interface Ran {
  readonly code: number | null;
  readonly printed: string;
  readonly complaints: string;
}

describe("The command generate, and what it prints", function () {
  this.timeout(60_000);
  let world: ImportWorld;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "generate-"));
    world = await startImportWorld({ namespaces: ["shop", "prod"] });
    writeFileSync(join(folder, "ca.pem"), world.sandbox.certificateAuthority);
    writeFileSync(join(folder, "kubeconfig"), world.sandbox.kubeconfig({ user: "alice" }));
    world.publish("v1");
    world.publish("v2");
    await world.seedTag("v1", "quay.io/acme/web:v1");
    await world.seedTag("v2", "quay.io/acme/web:v2");
    await world.edit((stream) => {
      stream.metadata.labels = { team: "it's" };
      stream.metadata.annotations = { description: 'a "shop"\n${x}' };
      stream.spec.lookupPolicy = { local: true };
      stream.spec.tags[1]!.importPolicy = { scheduled: true };
      stream.spec.tags[1]!.annotations = { constructor: "`" };
    });
    world.push("built", world.served("v1")!);
    await world.seedTag("v1", "quay.io/acme/web:v1", "api");
  });
  after(async () => {
    await world.sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Without Pulumi, whose CLI is not on PATH, and without this machine's environment. */
  async function generate(words: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
    const child = spawn(process.execPath, [command, "generate", ...words], {
      cwd: folder,
      env: { PATH: "", HOME: folder, ...environment },
    });
    let [printed, complaints] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, printed, complaints };
  }

  const asAdministrator = () => ({
    OKD_HOST: world.sandbox.url,
    OKD_TOKEN: world.sandbox.adminToken,
    OKD_CA_CERT: join(folder, "ca.pem"),
  });

  it("reads the cluster only, as the variables of the resources say, and ends", async () => {
    const before = world.sandbox.requests.matching({ server: "api" }).length;
    const { code, printed, complaints } = await generate(["-n", "shop"], asAdministrator());

    assert.deepEqual([code, complaints], [0, ""]);
    assert.deepEqual(
      runGenerated(printed).map(({ name }) => name),
      ["api", "web"],
    );
    const methods = world.sandbox.requests
      .matching({ server: "api" })
      .slice(before)
      .map(({ method }) => method);
    assert.deepEqual([...new Set(methods)], ["GET"]);
  });

  it("takes every stream over without changing or importing a tag, and then leaves them alone", async () => {
    const { printed } = await generate(["-n", "shop"], asAdministrator());
    for (const { name, args } of runGenerated(printed)) {
      const before = world.stream(name)!;
      const pulumi = world.pulumi(name);
      const withoutAdopt = Object.fromEntries(Object.entries(args).filter(([key]) => key !== "adopt"));
      const seen = world.sandbox.requests.matching({ server: "api" }).length;
      await pulumi.up({ ...args, connection: world.connection });
      const sent = world.sandbox.requests.matching({ server: "api" }).slice(seen);
      const after = world.stream(name)!;

      assert.deepEqual(specOf(after), specOf(before));
      assert.deepEqual(after.status, before.status);
      assert.deepEqual(after.metadata.labels ?? {}, before.metadata.labels ?? {});
      assert.deepEqual(
        sent.filter(({ path }) => path.includes("imagestreamimports")),
        [],
      );

      const writes = world.writes().length;
      assert.equal((await pulumi.up({ ...args, connection: world.connection })).step, "same");
      await pulumi.up({ ...withoutAdopt, connection: world.connection });
      assert.equal(world.writes().length, writes);
      assert.deepEqual(specOf(world.stream(name)!), specOf(before));
    }
    const again = await generate(["web", "-n", "shop"], asAdministrator());
    assert.deepEqual(runGenerated(again.printed), []);
    assert.match(again.printed, /Not declared: the tag v1 belongs to urn:/);
  });

  it("takes the namespace and the user of a kubeconfig, and names the right that is missing", async () => {
    const refused = await generate(["--kubeconfig", "kubeconfig", "-n", "shop"]);
    assert.deepEqual([refused.code, refused.printed], [1, ""]);
    assert.match(refused.complaints, /Cannot list imagestreams.*\(HTTP 403\)\. Grant .*\[API_FORBIDDEN\]/);

    world.sandbox.grant("alice", {
      apiGroups: ["image.openshift.io"],
      resources: ["imagestreams"],
      verbs: ["get"],
      namespaces: ["shop"],
    });
    const { code, printed } = await generate(["web", "--kubeconfig", "kubeconfig", "-n", "shop"]);
    assert.equal(code, 0);
    assert.match(printed, /^const connection = \{ kubeconfig: "kubeconfig" \};$/m);
  });

  it("writes a new file, and overwrites none", async () => {
    const first = await generate(["-n", "shop", "--out", "streams.ts"], asAdministrator());
    const text = readFileSync(join(folder, "streams.ts"), "utf8");
    const second = await generate(["-n", "prod", "--out", "streams.ts"], asAdministrator());
    const nowhere = await generate(["-n", "shop", "--out", "no/such/folder.ts"], asAdministrator());

    assert.deepEqual([first.code, first.printed], [0, ""]);
    assert.deepEqual([second.code, second.printed], [1, ""]);
    assert.match(
      second.complaints,
      /--out: streams\.ts exists, and is not overwritten.*\[ARGUMENT_INVALID\]/,
    );
    assert.equal(readFileSync(join(folder, "streams.ts"), "utf8"), text);
    assert.match(nowhere.complaints, /--out: no\/such\/folder\.ts cannot be written \(ENOENT\)/);
    assert.equal(existsSync(join(folder, "no")), false);
  });

  it("ends quietly when nobody reads on", async () => {
    const child = spawn(process.execPath, [command, "generate", "-n", "shop"], {
      env: { PATH: "", HOME: folder, ...asAdministrator() },
    });
    child.stdout.destroy();
    let complaints = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
    const code = await new Promise((resolve) => child.on("close", resolve));

    assert.deepEqual([code, complaints], [0, ""]);
  });
});
