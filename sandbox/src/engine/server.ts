import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { askedPlatforms, exportedParts, inspectedImage, requireSeveral } from "./chosenPlatforms.js";
import { engineErrors, EngineRefusal } from "./errors.js";
import { exportArchive, type ExportedImage } from "./exportArchive.js";
import type { EngineFault, EngineFaults } from "./faults.js";
import type { EngineEntry, EngineImages } from "./images.js";
import { inspectAnswer } from "./inspectAnswer.js";
import { hasTagOrDigest, isBadName } from "./names.js";
import type { EngineProfile } from "./profiles.js";

export interface EngineParts {
  readonly profile: EngineProfile;
  readonly images: EngineImages;
  readonly faults: EngineFaults;
  /** Method and path of every request, in order. */
  readonly requests: string[];
}

class ConnectionReset extends Error {}

/** Answers one request as an engine of this profile does (facts/engines.md 5, 7, 8). */
export async function serveEngine(
  parts: EngineParts,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const url = new URL(incoming.url ?? "/", "http://engine");
  parts.requests.push(`${incoming.method ?? ""} ${url.pathname}${url.search}`);
  setHeaders(parts.profile, outgoing);
  try {
    await route(parts, url, outgoing);
  } catch (error) {
    if (outgoing.headersSent || error instanceof ConnectionReset) throw error; // ends the connection
    const isRefusal = error instanceof EngineRefusal;
    send(outgoing, isRefusal ? error.status : 500, isRefusal ? error.body : { message: String(error) });
  }
}

function setHeaders({ server, api, store }: EngineProfile, outgoing: ServerResponse): void {
  outgoing.setHeader("Server", server);
  outgoing.setHeader("Api-Version", api);
  if (store === "podman") outgoing.setHeader("Libpod-Api-Version", /\/(\S+)/.exec(server)?.[1] ?? "");
  else outgoing.setHeader("Ostype", "linux");
}

async function route(parts: EngineParts, url: URL, outgoing: ServerResponse): Promise<void> {
  const errors = engineErrors(parts.profile);
  const path = decodeURIComponent(url.pathname);
  if (path === "/_ping") {
    await applyFaults(parts.faults.take("ping"));
    send(outgoing, 200, "OK");
    return;
  }
  const [, api = parts.profile.api, rest = ""] = /^(?:\/v(\d+\.\d+))?(\/.*)$/.exec(path) ?? [];
  const versionProblem = errors.version(api);
  if (versionProblem !== undefined) throw versionProblem;
  const query = url.searchParams;
  const inspected = /^\/images\/(.+)\/json$/.exec(rest)?.[1];
  if (inspected !== undefined) {
    await applyFaults(parts.faults.take("inspect"));
    send(outgoing, 200, inspect(parts, inspected, query, api));
    return;
  }
  const exported = /^\/images\/(.+)\/get$/.exec(rest)?.[1];
  if (exported === undefined && rest !== "/images/get") throw errors.unknownPath();
  const faults = parts.faults.take("export");
  await applyFaults(faults);
  const names = exported === undefined ? query.getAll("names") : [exported];
  const images = exportedImages(parts, names, query, api, exported === undefined);
  const isNull = images.length === 0 || faults.some(({ kind }) => kind === "nullManifest");
  const archive = await exportArchive(isNull ? [] : images, parts.profile);
  await sendArchive(parts.profile, outgoing, archive, faults);
}

function inspect(parts: EngineParts, name: string, query: URLSearchParams, api: string): object {
  const errors = engineErrors(parts.profile);
  if (isBadName(name)) throw errors.badName(name, "inspect");
  const entry = parts.images.find(name);
  if (entry === undefined) throw errors.noImage(name, "inspect");
  const [wanted] = askedPlatforms(parts.profile, query, api, "1.49");
  const image = inspectedImage(parts.profile, name, entry, wanted);
  return inspectAnswer(parts.images, entry, image, parts.profile, api, wanted !== undefined);
}

function exportedImages(
  parts: EngineParts,
  names: readonly string[],
  query: URLSearchParams,
  api: string,
  isList: boolean,
): readonly ExportedImage[] {
  const { profile, images } = parts;
  const errors = engineErrors(profile);
  if (names.length === 0 && profile.store === "podman") throw errors.noNames();
  const platforms = askedPlatforms(profile, query, api, "1.48");
  if (platforms.length > 1) requireSeveral(profile, api);
  const byEntry = new Map<EngineEntry, Set<string>>();
  for (const name of names.flatMap((each) => withEveryTag(parts, each))) {
    if (isBadName(name)) throw errors.badName(name, "export");
    const entry = images.find(name);
    if (entry === undefined) throw errors.noImage(name, isList ? "list" : "export");
    const tags = byEntry.get(entry) ?? new Set<string>();
    byEntry.set(entry, isId(name) ? tags : tags.add(images.shownName(name)));
  }
  return [...byEntry].map(([entry, tags]) => {
    const included = exportedParts(profile, names.join(), entry, platforms);
    const isSingle = !entry.isIndex || platforms.length === 1;
    return { entry, image: included[0], included, tags: [...tags], isSingle };
  });
}

/** To Docker a repository alone means all its tags. */
function withEveryTag({ images, profile }: EngineParts, name: string): readonly string[] {
  if (isId(name) || hasTagOrDigest(name) || profile.store === "podman") return [name];
  const all = images.tagsIn(name);
  return all.length === 0 ? [name] : all;
}

/** A digest or an ID: the archive does not name such an image. */
function isId(name: string): boolean {
  return name.includes("@") || /^(?:sha256:)?[0-9a-f]{12,64}$/.test(name);
}

async function applyFaults(faults: readonly EngineFault[]): Promise<void> {
  for (const fault of faults) {
    if (fault.kind === "answer") throw new EngineRefusal(fault.status, fault.body);
    if (fault.kind === "meanwhile") fault.happens();
    if (fault.kind === "reset") throw new ConnectionReset();
    if (fault.kind === "delay") await sleep(fault.milliseconds);
  }
}

async function sendArchive(
  { store }: EngineProfile,
  outgoing: ServerResponse,
  archive: Buffer,
  faults: readonly EngineFault[],
): Promise<void> {
  outgoing.setHeader(
    "content-type",
    store === "podman" ? "application/octet; charset=us-ascii" : "application/x-tar",
  );
  const half = archive.subarray(0, Math.ceil(archive.length / 2));
  for (const fault of faults) {
    switch (fault.kind) {
      case "stall":
        outgoing.write(half);
        return;
      case "cut":
        await new Promise((resolve) => outgoing.write(half, resolve));
        outgoing.socket?.destroy();
        return;
      case "lateError":
        outgoing.write(archive);
        outgoing.end(JSON.stringify({ errorDetail: { message: fault.message }, error: fault.message }));
        return;
      default:
    }
  }
  outgoing.write(archive); // an extra write keeps the answer chunked, as engines send it
  outgoing.end();
}

function send(outgoing: ServerResponse, status: number, body: unknown): void {
  const isText = typeof body === "string";
  outgoing.writeHead(status, { "content-type": isText ? "text/plain; charset=utf-8" : "application/json" });
  outgoing.end(isText ? body : JSON.stringify(body));
}
