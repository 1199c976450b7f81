import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep } from "../../../provider/support/async/abortable.js";

/** A real engine with a socket and a store of its own. */
export interface ContainerEngine {
  readonly socket: string;
  /** Loads an archive; answers what the engine says. */
  load(archive: Buffer): Promise<string>;
  /** Pulls from a registry on loopback. */
  pull(repository: string, tag: string): Promise<void>;
  close(): Promise<void>;
}

/** dockerd without any network of its own; needs root. */
export async function startDockerd(): Promise<ContainerEngine> {
  const folder = mkdtempSync(join(tmpdir(), "dockerd-"));
  const socket = join(folder, "docker.sock");
  writeFileSync(join(folder, "daemon.json"), "{}");
  const paths = [
    `--config-file=${join(folder, "daemon.json")}`,
    `--data-root=${join(folder, "root")}`,
    `--exec-root=${join(folder, "exec")}`,
    `--pidfile=${join(folder, "pid")}`,
    `--host=unix://${socket}`,
  ];
  const noNetwork = ["--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"];
  const args = [...paths, ...noNetwork, "--bridge=none", "--storage-driver=vfs"];
  const daemon = spawn("dockerd", args, { stdio: "ignore", env: { ...process.env, DOCKER_TMPDIR: folder } });
  return await started(daemon, "dockerd", socket, folder);
}

/** The podman service; needs root here. */
export async function startPodman(): Promise<ContainerEngine> {
  const folder = mkdtempSync(join(tmpdir(), "podman-"));
  const socket = join(folder, "podman.sock");
  const [storage, config, registries] = ["storage.conf", "containers.conf", "registries.conf"].map((name) =>
    join(folder, name),
  );
  writeFileSync(storage!, `[storage]\ndriver="vfs"\ngraphroot="${folder}/root"\nrunroot="${folder}/run"\n`);
  writeFileSync(config!, '[engine]\ncgroup_manager="cgroupfs"\nevents_logger="file"\n');
  writeFileSync(registries!, '[[registry]]\nprefix="127.0.0.1"\nlocation="127.0.0.1"\ninsecure=true\n');
  const env = {
    ...process.env,
    CONTAINERS_STORAGE_CONF: storage,
    CONTAINERS_CONF: config,
    CONTAINERS_REGISTRIES_CONF: registries,
    TMPDIR: folder,
  };
  const service = spawn("podman", ["system", "service", "--time=0", `unix://${socket}`], {
    stdio: "ignore",
    env,
  });
  return await started(service, "podman", socket, folder);
}

async function started(
  server: ChildProcess,
  name: string,
  socket: string,
  folder: string,
): Promise<ContainerEngine> {
  const signal = AbortSignal.timeout(30_000);
  const end = new Promise((resolve) => server.once("exit", resolve));
  while (!(existsSync(socket) && (await isReady(socket)))) {
    if (server.exitCode !== null) throw new Error(`${name} ended with ${server.exitCode}`);
    await sleep(50, signal);
  }
  return {
    socket,
    load: (archive) => post(socket, "/images/load", archive),
    pull: async (repository, tag) => {
      const query = new URLSearchParams({ fromImage: repository, tag });
      const answer = await post(socket, `/images/create?${query.toString()}`);
      if (answer.includes('"error"')) throw new Error(`${name}: ${answer}`);
    },
    async close() {
      server.kill("SIGTERM");
      await end;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function isReady(socket: string): Promise<boolean> {
  return await new Promise((resolve) => {
    request({ socketPath: socket, path: "/_ping" }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    })
      .on("error", () => resolve(false))
      .end();
  });
}

function post(socket: string, path: string, body?: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/x-tar" };
    request({ socketPath: socket, method: "POST", path: `/v1.41${path}`, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`HTTP ${answer.statusCode ?? 0}: ${text}`));
      });
    })
      .on("error", reject)
      .end(body);
  });
}
