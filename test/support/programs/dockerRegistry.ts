import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sleep } from "../../../provider/support/async/abortable.js";

const run = promisify(execFile);

export const registryUser = "puller";
export const registryPassword = "s3cret";
/** bcrypt of the password, as htpasswd writes it. */
const htpasswd = `${registryUser}:$2y$05$dYHUL9CgavuaGw4kbyNC8.KX36mfAGZDtHc.5lkiKtgIZRjSDFmUG\n`;

export interface DockerRegistry {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** Copies an image, all platforms of it, from another registry on loopback; answers its digest. */
  copyFrom(source: string, repositoryAndTag: string): Promise<string>;
  close(): Promise<void>;
}

/** Who hands out the tokens that a registry wants. */
export interface TokenIssuer {
  /** URL of the token server. */
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** PEM of the CA that the signer's certificate is from. */
  readonly rootCertificate: string;
}

/** Debian's docker-registry: open and plain, with TLS and a password, or with a token server. */
export async function startDockerRegistry(
  tls?: { readonly certificate: string; readonly key: string },
  tokens?: TokenIssuer,
): Promise<DockerRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "docker-registry-"));
  const port = await freePort();
  const config = join(folder, "config.yml");
  writeFileSync(config, [...configuration(folder, port, tls), ...tokenAuth(folder, tokens)].join("\n"));
  const server = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  const host = `127.0.0.1:${port}`;
  await untilListening(port, server);
  return {
    host,
    async copyFrom(source, repositoryAndTag) {
      const target = `docker://${host}/${repositoryAndTag}`;
      const isOpen = tls === undefined && tokens === undefined;
      const login = isOpen ? [] : [`--dest-creds=${registryUser}:${registryPassword}`];
      const insecure = ["--src-tls-verify=false", "--dest-tls-verify=false"];
      await run("skopeo", ["copy", "--all", "--quiet", ...insecure, ...login, `docker://${source}`, target]);
      const inspect = ["inspect", "--tls-verify=false", "--format={{.Digest}}"];
      const creds = isOpen ? [] : [`--creds=${registryUser}:${registryPassword}`];
      const { stdout } = await run("skopeo", [...inspect, ...creds, target]);
      return stdout.trim();
    },
    async close() {
      server.kill("SIGTERM");
      await new Promise((resolve) => server.once("exit", resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(
  folder: string,
  port: number,
  tls: { certificate: string; key: string } | undefined,
): readonly string[] {
  const lines = [
    "version: 0.1",
    "log: { level: error }",
    `storage: { filesystem: { rootdirectory: ${join(folder, "data")} } }`,
    "http:",
    `  addr: 127.0.0.1:${port}`,
  ];
  if (tls === undefined) return lines;
  const [certificate, key, passwords] = ["tls.crt", "tls.key", "htpasswd"].map((name) => join(folder, name));
  writeFileSync(certificate!, tls.certificate);
  writeFileSync(key!, tls.key);
  writeFileSync(passwords!, htpasswd);
  const secured = [
    `  tls: { certificate: ${certificate}, key: ${key} }`,
    `auth: { htpasswd: { realm: test, path: ${passwords} } }`,
  ];
  return [...lines, ...secured];
}

function tokenAuth(folder: string, tokens: TokenIssuer | undefined): readonly string[] {
  if (tokens === undefined) return [];
  const { realm, service, issuer, rootCertificate } = tokens;
  const bundle = join(folder, "tokens.crt");
  writeFileSync(bundle, rootCertificate);
  return [
    `auth: { token: { realm: "${realm}", service: ${service}, issuer: ${issuer}, rootcertbundle: ${bundle} } }`,
  ];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function untilListening(port: number, server: ChildProcess): Promise<void> {
  const { connect } = await import("node:net");
  const signal = AbortSignal.timeout(20_000);
  for (;;) {
    if (server.exitCode !== null) throw new Error(`docker-registry ended with ${server.exitCode}`);
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (isOpen) return;
    await sleep(50, signal);
  }
}
