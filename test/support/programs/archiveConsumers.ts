import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { request } from "node:http";
import { promisify } from "node:util";
import { getOverSocket } from "../clients/unixSocket.js";
import type { ContainerEngine } from "./containerEngines.js";

const run = promisify(execFile);

/** What an engine says about an image that it has. */
export interface LoadedImage {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly Architecture: string;
}

/** The image under a name or an ID; undefined when the engine has none. */
export async function imageIn(engine: ContainerEngine, name: string): Promise<LoadedImage | undefined> {
  const { status, body } = await getOverSocket(engine.socket, `/v1.41/images/${name}/json`);
  if (status === 404) return undefined;
  if (status !== 200) throw new Error(`${name}: HTTP ${status}: ${body.toString("utf8")}`);
  return JSON.parse(body.toString("utf8")) as LoadedImage;
}

/** Forgets every image, so that what is loaded afterwards comes from the archive. */
export async function removeAllImages(engine: ContainerEngine): Promise<void> {
  const { body } = await getOverSocket(engine.socket, "/v1.41/images/json?all=true");
  const images = JSON.parse(body.toString("utf8")) as readonly { readonly Id: string }[];
  for (const { Id } of images) await send(engine, "DELETE", `/images/${Id}?force=true`);
}

/** Gives an image another name, or lets a name point to another image. */
export async function tagIn(engine: ContainerEngine, image: string, name: string): Promise<void> {
  const colon = name.lastIndexOf(":");
  const query = new URLSearchParams({ repo: name.slice(0, colon), tag: name.slice(colon + 1) });
  await send(engine, "POST", `/images/${image}/tag?${query.toString()}`);
}

/** `POST /images/load` of a file; answers what the engine says, which may be an error in a successful answer. */
export async function loadFile(engine: ContainerEngine, path: string): Promise<string> {
  return await send(engine, "POST", "/images/load", createReadStream(path));
}

/** Digest of the manifest or index that skopeo reads at a reference, byte for byte as it is there. */
export async function rawDigest(reference: string): Promise<string> {
  const insecure = reference.startsWith("docker://") ? ["--tls-verify=false"] : [];
  const { stdout } = await run("skopeo", ["inspect", "--raw", ...insecure, reference], {
    encoding: "buffer",
  });
  return `sha256:${createHash("sha256").update(stdout).digest("hex")}`;
}

/** Digest of the config that skopeo reads at a reference. */
export async function configDigest(reference: string): Promise<string> {
  const { stdout } = await run("skopeo", ["inspect", "--config", "--raw", reference], { encoding: "buffer" });
  return `sha256:${createHash("sha256").update(stdout).digest("hex")}`;
}

function send(
  { socket }: ContainerEngine,
  method: string,
  path: string,
  body?: NodeJS.ReadableStream,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/x-tar" };
    const call = request({ socketPath: socket, method, path: `/v1.41${path}`, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        if ((answer.statusCode ?? 500) < 300) resolve(text);
        else reject(new Error(`${method} ${path}: HTTP ${answer.statusCode ?? 0}: ${text}`));
      });
    }).on("error", reject);
    if (body === undefined) call.end();
    else body.on("error", reject).pipe(call);
  });
}
