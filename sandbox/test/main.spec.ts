import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { latestEvent } from "okd-image-sandbox";
import { openKubeApi } from "../../test/support/clients/kubeApi.js";
import { importBody, shop } from "./client.js";

const program = require.resolve("okd-image-sandbox/internal/main");

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly "certificate-authority-data": string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

describe("the program okd-image-sandbox", () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "sandbox-main-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("prints its addresses, writes a kubeconfig that works, and stops on SIGTERM", async () => {
    const listeners = ["port", "registry-port", "private-port", "integrated-port", "control-port"];
    const ports = listeners.flatMap((name) => [`--${name}`, "0"]);
    const child = spawn(process.execPath, [program, ...ports, "--kubeconfig", join(folder, "kubeconfig")]);
    let output = "";
    while (!output.includes("Ctrl-C")) output += String((await once(child.stdout, "data"))[0]);
    assert.match(output, /curl -k -H "Authorization: Bearer /);
    const config = JSON.parse(await readFile(join(folder, "kubeconfig"), "utf8")) as Kubeconfig;
    const cluster = config.clusters[0]?.cluster;
    const api = openKubeApi({
      server: cluster?.server ?? "",
      certificateAuthority: Buffer.from(cluster?.["certificate-authority-data"] ?? "", "base64").toString(),
      token: config.users[0]?.user.token,
    });
    const sources = { nginx: "docker.io/library/nginx:1.27", web: "quay.io/acme/web:v1" };
    const answer = await api.post(
      `${shop}/imagestreamimports`,
      importBody("demo", sources, { insecure: false }),
    );
    assert.ok(latestEvent(answer.imported.status.import, "nginx") !== undefined, answer.text);
    assert.ok(latestEvent(answer.imported.status.import, "web") !== undefined, answer.text);
    await api.close();
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number | null];
    assert.equal(code, 0);
  });

  it("explains a wrong argument in one line", async () => {
    const child = spawn(process.execPath, [program, "--port", "many"]);
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    assert.equal(code, 1);
    assert.equal(errors, "The sandbox did not start: many is not a port (0 to 65535)\n");
  });

  it("ends with the reason when a port is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const port = String((taken.address() as AddressInfo).port);
    const child = spawn(process.execPath, [
      program,
      "--port",
      port,
      "--registry-port",
      "0",
      "--private-port",
      "0",
    ]);
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    taken.close();
    assert.equal(code, 1);
    assert.match(errors, /EADDRINUSE/);
  });
});
