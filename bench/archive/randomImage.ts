/** An image of random layers, pushed as any client of a registry would. */
import { createHash, randomFillSync } from "node:crypto";
import { pack } from "tar-stream";
import { bytesOf } from "../../test/support/tarMembers.js";

interface Pushed {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Pushes `<repository>:v1` with that many uncompressed layers; answers its digest. */
export async function pushRandomImage(
  host: string,
  repository: string,
  { layers, layerBytes }: { readonly layers: number; readonly layerBytes: number },
): Promise<string> {
  const repositoryUrl = `http://${host}/v2/${repository}`;
  const pushed: Pushed[] = [];
  for (let index = 0; index < layers; index += 1) {
    const content = await randomTar(`file-${index}`, layerBytes);
    pushed.push(await pushBlob(repositoryUrl, content, "application/vnd.oci.image.layer.v1.tar"));
  }
  const config = {
    architecture: "amd64",
    os: "linux",
    config: {},
    created: "2024-01-01T00:00:00Z",
    rootfs: { type: "layers", diff_ids: pushed.map(({ digest }) => digest) },
  };
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: await pushBlob(repositoryUrl, json(config), "application/vnd.oci.image.config.v1+json"),
    layers: pushed,
  };
  const body = json(manifest);
  const headers = { "content-type": mediaType };
  await accepted(await fetch(`${repositoryUrl}/manifests/v1`, { method: "PUT", headers, body }));
  return digestOf(body);
}

async function pushBlob(repositoryUrl: string, content: Buffer, mediaType: string): Promise<Pushed> {
  const upload = await accepted(await fetch(`${repositoryUrl}/blobs/uploads/`, { method: "POST" }));
  const target = new URL(upload.headers.get("location") ?? "", repositoryUrl);
  const digest = digestOf(content);
  target.searchParams.set("digest", digest);
  await accepted(await fetch(target, { method: "PUT", body: new Blob([new Uint8Array(content)]) }));
  return { mediaType, digest, size: content.length };
}

async function randomTar(name: string, bytes: number): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name, size: bytes }, randomFillSync(Buffer.alloc(bytes)));
  tar.finalize();
  return await bytesOf(tar as AsyncIterable<Uint8Array>);
}

async function accepted(response: Response): Promise<Response> {
  if (!response.ok) throw new Error(`${response.url}: HTTP ${response.status}: ${await response.text()}`);
  return response;
}

function json(value: unknown): Buffer<ArrayBuffer> {
  return Buffer.from(JSON.stringify(value));
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
