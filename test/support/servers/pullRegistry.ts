import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { processMachine } from "../../../provider/http/machine.js";
import type { ImageRegistry } from "../../../provider/archive/ports.js";
import type { Descriptor } from "../../../provider/oci/content.js";
import { createImageRegistry } from "../../../provider/registry/pull.js";
import type { ImageRegistrySettings } from "../../../provider/registry/settings/hosts.js";
import { never } from "../clients/cluster.js";

export const options: { readonly signal: AbortSignal } = { signal: never };
export const ociManifest = "application/vnd.oci.image.manifest.v1+json";
export const ociIndex = "application/vnd.oci.image.index.v1+json";
export const ociConfig = "application/vnd.oci.image.config.v1+json";
export const gzipLayer = "application/vnd.oci.image.layer.v1.tar+gzip";

export function sha256(content: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** What a registry has, by digest; tags and digests of manifests by `repository:tag` or `repository@digest`. */
export class Shelf {
  readonly blobs = new Map<string, Buffer>();
  readonly manifests = new Map<string, { readonly type: string; readonly bytes: Buffer }>();

  blob(content: string | Buffer, mediaType = gzipLayer): Descriptor {
    const bytes = Buffer.from(content);
    this.blobs.set(sha256(bytes), bytes);
    return { mediaType, digest: sha256(bytes), size: bytes.length };
  }

  /** A JSON document, also by its digest. */
  manifest(name: string, type: string, body: unknown): Descriptor {
    const bytes = Buffer.from(JSON.stringify(body));
    this.manifests.set(name, { type, bytes });
    this.manifests.set(sha256(bytes), { type, bytes });
    return { mediaType: type, digest: sha256(bytes), size: bytes.length };
  }

  image(
    name: string,
    platform: object = { os: "linux", architecture: "amd64" },
    changes: object = {},
  ): Descriptor {
    const config = {
      ...platform,
      created: "2024-01-01T00:00:00Z",
      rootfs: { diff_ids: [sha256(`${name} tar`)] },
    };
    return this.manifest(name, ociManifest, {
      schemaVersion: 2,
      mediaType: ociManifest,
      config: this.blob(JSON.stringify(config), ociConfig),
      layers: [this.blob(`layer of ${name} ${JSON.stringify(platform)}`)],
      ...changes,
    });
  }

  index(name: string, manifests: readonly object[], changes: object = {}): Descriptor {
    return this.manifest(name, ociIndex, { schemaVersion: 2, mediaType: ociIndex, manifests, ...changes });
  }
}

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly host: string | undefined;
  readonly body: string;
}

/** True when it has answered. */
export type Intercept = (asked: Asked, response: http.ServerResponse) => boolean;

export interface PullRegistry {
  readonly host: string;
  readonly url: string;
  readonly shelf: Shelf;
  readonly asked: Asked[];
  intercept: Intercept;
  readonly close: () => Promise<void>;
}

/** A registry on loopback that anybody may pull from; `intercept` sees every request first. */
export async function startPullRegistry(
  tls?: https.ServerOptions,
  shelf = new Shelf(),
): Promise<PullRegistry> {
  const asked: Asked[] = [];
  const listener: http.RequestListener = (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "", url = "", headers } = incoming;
      const { authorization, range, host } = headers;
      const request = { method, url, authorization, range, host, body: Buffer.concat(chunks).toString() };
      asked.push(request);
      if (!registry.intercept(request, outgoing)) serve(shelf, request, outgoing);
    });
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const registry: PullRegistry = {
    host,
    url: `${tls === undefined ? "http" : "https"}://${host}`,
    shelf,
    asked,
    intercept: () => false,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return registry;
}

function serve(shelf: Shelf, { method, url, range }: Asked, response: http.ServerResponse): void {
  const [, repository = "", kind, id = ""] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/?]+)$/.exec(url) ?? [];
  if (kind === "manifests") {
    const found = shelf.manifests.get(id.includes(":") ? id : `${repository}:${id}`);
    if (found === undefined) {
      refuse(response, 404, "MANIFEST_UNKNOWN");
      return;
    }
    const headers = { "content-type": found.type, "docker-content-digest": sha256(found.bytes) };
    response.writeHead(200, { ...headers, "content-length": found.bytes.length });
    response.end(method === "HEAD" ? undefined : found.bytes);
    return;
  }
  const bytes = shelf.blobs.get(id);
  if (bytes === undefined) refuse(response, 404, "BLOB_UNKNOWN");
  else sendBlob(bytes, range, response);
}

export function sendBlob(bytes: Buffer, range: string | undefined, response: http.ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  const headers = from === 0 ? {} : { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(from === 0 ? 200 : 206, { ...headers, "content-length": bytes.length - from });
  response.end(bytes.subarray(from));
}

export function refuse(
  response: http.ServerResponse,
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "docker-distribution-api-version": "registry/2.0",
    ...headers,
  });
  response.end(JSON.stringify({ errors: [{ code, message: `this is ${code}` }] }));
}

export function answerJson(response: http.ServerResponse, body: unknown, status = 200): true {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
  return true;
}

export interface Puller {
  readonly registry: ImageRegistry;
  readonly secrets: readonly string[];
}

/** A registry client in an empty home; nothing of this machine counts. */
export function pullerWith(
  changes: Partial<ImageRegistrySettings> & {
    readonly variables?: Readonly<Record<string, string>>;
    readonly home?: string;
    readonly system?: string;
  } = {},
): Puller {
  const { variables = {}, home = emptyFolder(), system = emptyFolder(), ...settings } = changes;
  const secrets: string[] = [];
  const registry = createImageRegistry({
    registries: {},
    machine: {
      ...processMachine,
      variable: (name) => variables[name],
      homeFolder: home,
      systemFolder: system,
    },
    onSecret: (secret) => secrets.push(secret),
    ...settings,
    limits: { idleMs: 5_000, retry: { attempts: 3, baseDelayMs: 1, maxDelayMs: 1 }, ...settings.limits },
  });
  return { registry, secrets };
}

const folders: string[] = [];
process.once("exit", () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Is removed at the end of the process. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pull-"));
  folders.push(folder);
  return folder;
}

export async function contentOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read);
}

/** A folder with these files; values that are no text are written as JSON. */
export function folderWith(files: Readonly<Record<string, unknown>>): string {
  const folder = emptyFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}
