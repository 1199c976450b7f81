import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, type SandboxEngine, startEngine, startSandbox } from "okd-image-sandbox";
import type { ArchiveContent, ContentImage } from "../../../../provider/archive/outputs.js";
import { imageArchive } from "../../../../provider/hooks.js";
import { type Applied, apply } from "../../documented/argumentRow.js";
import { FakePulumi, type Preview } from "../../fakes/pulumi.js";
import { type Authority, createAuthority } from "../../servers/certificates.js";
import { type PullRegistry, refuse, startPullRegistry } from "../../servers/pullRegistry.js";

export const username = "puller";
export const password = "hunter2-of-the-archive";

/** Registries, engines and a folder for archives. */
export class ArchiveScene {
  readonly folder = mkdtempSync(join(tmpdir(), "surface-archives-"));
  readonly connection: object;
  /** The engine of DOCKER_HOST, and two others; the last one with TLS, for clients of the sandbox's authority. */
  readonly engine: SandboxEngine;
  readonly otherEngine: SandboxEngine;
  readonly securedEngine: SandboxEngine;
  /** Accepts only clients with a certificate. */
  readonly strictRegistry: PullRegistry;
  readonly strictAuthority: Authority;
  readonly sandbox: Sandbox;
  /** A certificate of the sandbox's authority for clients. */
  readonly client: { readonly certificate: string; readonly key: string };
  #archives = 0;

  private constructor(
    parts: Pick<
      ArchiveScene,
      "sandbox" | "engine" | "otherEngine" | "securedEngine" | "strictRegistry" | "strictAuthority" | "client"
    >,
  ) {
    this.sandbox = parts.sandbox;
    this.engine = parts.engine;
    this.otherEngine = parts.otherEngine;
    this.securedEngine = parts.securedEngine;
    this.strictRegistry = parts.strictRegistry;
    this.strictAuthority = parts.strictAuthority;
    this.client = parts.client;
    const { url: host, adminToken: token, certificateAuthority: caCert } = this.sandbox;
    this.connection = { host, token, caCert };
  }

  static async start(): Promise<ArchiveScene> {
    const authentication = { scheme: "token", username, password } as const;
    const sandbox = await startSandbox({
      namespaces: ["shop"],
      registries: {
        open: { protocol: "http" },
        closed: { protocol: "http", authentication },
        secured: { protocol: "https" },
      },
      integratedRegistry: {},
    });
    fillRegistries(sandbox);
    const { certificate, key } = sandbox.serverKeyPair;
    const clientAuthority = sandbox.certificateAuthority;
    const [engine, otherEngine, securedEngine] = await Promise.all([
      startEngine({ version: "docker-28" }),
      startEngine({ version: "docker-29" }),
      startEngine({ version: "docker-28", listen: { protocol: "https", certificate, key, clientAuthority } }),
    ]);
    for (const [index, each] of [engine, otherEngine, securedEngine].entries()) {
      each.images.add(["local/app:v1"], { content: `engine ${index}` });
      each.images.add(["local/app:v2"], { content: `engine ${index}, v2` });
    }
    const strictAuthority = await createAuthority("strict");
    const strictRegistry = await startPullRegistry({
      ...(await strictAuthority.issue("127.0.0.1", ["127.0.0.1"])),
      requestCert: true,
      rejectUnauthorized: false,
    });
    strictRegistry.intercept = (_, response) => {
      const socket = response.socket as { getPeerCertificate?: () => { subject?: { CN?: string } } } | null;
      if (socket?.getPeerCertificate?.().subject?.CN === username) return false;
      refuse(response, 403, "DENIED");
      return true;
    };
    strictRegistry.shelf.image("acme/web:v1");
    const client = await sandbox.issueClientCertificate(username);
    return new ArchiveScene({
      client,
      sandbox,
      engine,
      otherEngine,
      securedEngine,
      strictRegistry,
      strictAuthority,
    });
  }

  async close(): Promise<void> {
    await Promise.all([
      this.sandbox.close(),
      this.strictRegistry.close(),
      ...[this.engine, this.otherEngine, this.securedEngine].map((each) => each.close()),
    ]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** `host/acme/web:v1` of a registry of the sandbox. */
  image(tag = ":v1", registry = "open"): string {
    return `${this.host(registry)}/acme/web${tag}`;
  }

  host(registry = "open"): string {
    return this.sandbox.registry(registry).host;
  }

  /** A bearer token for acme/web of the closed registry. */
  async token(): Promise<string> {
    const login = Buffer.from(`${username}:${password}`).toString("base64");
    const url = `${this.sandbox.registry("closed").url}/token?scope=repository:acme/web:pull`;
    const answer = await fetch(url, { headers: { authorization: `Basic ${login}` } });
    return ((await answer.json()) as { readonly token: string }).token;
  }

  newPath(): string {
    this.#archives += 1;
    return join(this.folder, `archive-${this.#archives}.tar`);
  }

  args(path: string, more: object): object {
    return { connection: this.connection, path, images: [this.image()], ...more };
  }

  async up(more: object, path = this.newPath()): Promise<Applied & { readonly path: string }> {
    return { ...(await apply(imageArchive, path, this.args(path, more))), path };
  }

  async preview(more: object): Promise<Preview> {
    const path = this.newPath();
    return await FakePulumi.over(imageArchive, path).preview(this.args(path, more));
  }

  /** The settings of this machine's user that archives read. */
  environment(): Readonly<Record<string, string>> {
    const auth = join(this.folder, "auth.json");
    writeFileSync(auth, "{}");
    return {
      DOCKER_HOST: this.engine.host,
      DOCKER_CONFIG: this.#dockerConfig("other", this.otherEngine.host),
      REGISTRY_AUTH_FILE: auth,
    };
  }

  /** A folder with a context of the Docker CLI. */
  #dockerConfig(context: string, host: string): string {
    const id = createHash("sha256").update(context).digest("hex");
    const config = join(this.folder, "docker");
    mkdirSync(join(config, "contexts/meta", id), { recursive: true });
    const meta = { Name: context, Metadata: {}, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } };
    writeFileSync(join(config, "contexts/meta", id, "meta.json"), JSON.stringify(meta));
    return config;
  }
}

function fillRegistries(sandbox: Sandbox): void {
  for (const name of ["open", "closed", "secured"]) {
    const registry = sandbox.registry(name);
    for (const tag of ["v1", "v2", "latest"]) registry.publishImage("acme/web", tag, { content: tag });
    registry.publishIndex("acme/multi", "v1", [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ]);
  }
  for (const tag of ["v1", "v2"]) {
    const push = { namespace: "shop", name: "app", tag, image: { layers: ["base", tag] } };
    sandbox.integratedRegistry.push(push);
  }
}

function contentOf({ inputs }: Pick<Applied, "inputs">): ArchiveContent | undefined {
  return inputs.content as unknown as ArchiveContent | undefined;
}

export function imagesOf(applied: Pick<Applied, "inputs">): readonly ContentImage[] {
  return Object.values(contentOf(applied)?.images ?? {});
}

/** The bytes of the archive as text, in which names of members can be looked for. */
export function textOf(path: string): string {
  return readFileSync(path, "latin1");
}
