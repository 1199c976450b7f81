import type { EngineArgs } from "../archive/args/parsed.js";
import type { EngineImage, ImageEngine } from "../archive/ports.js";
import type { Machine } from "../http/machine.js";
import { formatPlatform, mayBePlatform, type Platform } from "../oci/platform.js";
import type { RequestOptions } from "../okd/requestOptions.js";
import { ImageError } from "../support/imageError.js";
import { resolveEngineAddress } from "./address/resolve.js";
import { answerError, saysNoSuchImage } from "./answer.js";
import { connectClient, type EngineClient } from "./client.js";
import { readEngineImage } from "./image.js";
import { knowsPlatform, otherPlatform, platformQuery, whyOnePlatform } from "./platforms.js";
import { engineReference, lookupName, pathOf } from "./reference.js";

/** An engine with open connections; they keep nothing alive. */
export interface ConnectedEngine extends ImageEngine {
  readonly close: () => Promise<void>;
}

const defaultTimeoutSeconds = 60;

/**
 * Reaches the engine that the arguments, or else the Docker CLI's conventions, name: see `resolveEngineAddress`.
 * @throws ImageError ENGINE_INVALID: the settings; ENGINE_UNREACHABLE; ENGINE_UNSUPPORTED: too old; ENGINE_ERROR: no
 * engine; the signal's reason
 */
export async function connectEngine(
  args: EngineArgs,
  machine: Machine,
  { signal }: RequestOptions,
): Promise<ConnectedEngine> {
  const address = resolveEngineAddress(args, machine);
  const timeoutMs = (args.timeoutSeconds ?? defaultTimeoutSeconds) * 1000;
  return imageEngine(await connectClient({ address, timeoutMs }, signal));
}

/** The port on top of a client. */
export function imageEngine(client: EngineClient): ConnectedEngine {
  return {
    description: client.description,
    inspect: (reference, platform, options) => inspect(client, reference, platform, options),
    export: (references, platforms, options) => exported(client, references, platforms, options),
    close: client.close,
  };
}

/** An engine that does not know the query is asked without it, and its answer must be for the wanted platform. */
async function inspect(
  client: EngineClient,
  text: string,
  platform: Platform | undefined,
  { signal }: RequestOptions,
): Promise<EngineImage | undefined> {
  const attempted = `inspect image ${text}${forPlatforms(platform === undefined ? [] : [platform])}`;
  const path = `/images/${pathOf(lookupName(engineReference(text)))}/json`;
  const isAsked = platform !== undefined && knowsPlatform(client, "inspect");
  const query = isAsked ? platformQuery([platform]) : [];
  const answer = await client.get({ path, query, attempted, signal });
  if (saysNoSuchImage(answer)) return undefined;
  if (answer.status !== 200) throw answerError(answer, attempted, client.description);
  const read = readEngineImage(parsed(answer.text));
  if (read === undefined) {
    const what = `${client.description} answered something that describes no image`;
    throw new ImageError("ENGINE_ERROR", `Cannot ${attempted}: ${what}`);
  }
  const image = { ...read, whyOnePlatform: whyOnePlatform(client, read.descriptor !== undefined) };
  if (platform === undefined) return image;
  if (image.platform !== undefined && mayBePlatform(image.platform, platform)) return image;
  throw otherPlatform(client, text, image, platform);
}

async function* exported(
  client: EngineClient,
  references: readonly string[],
  platforms: readonly Platform[],
  options: RequestOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (references.length === 0) throw new ImageError("ARGUMENT_INVALID", "An export needs at least one image");
  const isAsked = knowsPlatform(client, "export");
  const names: string[] = [];
  for (const text of new Set(references)) {
    names.push(await exportName(client, text, isAsked ? [] : platforms, options));
  }
  const [only = ""] = names;
  const query = isAsked ? platformQuery(platforms) : [];
  yield* client.stream({
    path: names.length === 1 ? `/images/${pathOf(only)}/get` : "/images/get",
    query: names.length === 1 ? query : [...names.map((name) => ["names", name] as const), ...query],
    attempted: `export ${references.join(", ")}${forPlatforms(platforms)}`,
    signal: options.signal,
  });
}

/** The name that makes an engine export just this image. The image must be for the `verified` platforms. */
async function exportName(
  client: EngineClient,
  text: string,
  verified: readonly Platform[],
  options: RequestOptions,
): Promise<string> {
  const reference = engineReference(text);
  if (reference.kind !== "idOrName" && verified.length === 0) return lookupName(reference);
  const [first, ...others] = verified;
  const image = await inspect(client, text, first, options);
  if (image === undefined) {
    const problem = `${client.description} has no such image; pull or build it first`;
    throw new ImageError("IMAGE_NOT_FOUND", `Cannot export ${text}: ${problem}`);
  }
  for (const platform of others) await inspect(client, text, platform, options);
  if (reference.kind !== "idOrName") return lookupName(reference);
  return image.id.startsWith(`sha256:${reference.digits}`) ? image.id : reference.name;
}

function forPlatforms(platforms: readonly Platform[]): string {
  return platforms.length === 0 ? "" : ` for ${platforms.map(formatPlatform).join(", ")}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
