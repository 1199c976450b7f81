import type { EngineArgs } from "../archive/archiveArgs.js";
import type { EngineImage, ImageEngine, RequestOptions } from "../archive/ports.js";
import type { Platform } from "../oci/platform.js";
import { formatPlatform } from "../oci/platform.js";
import { ImageError } from "../support/imageError.js";
import { answerError, saysNoSuchImage } from "./engineAnswer.js";
import { resolveEngineAddress } from "./engineAddress.js";
import { connectClient } from "./engineClient.js";
import type { EngineClient } from "./engineClient.js";
import type { EngineEnvironment } from "./engineEnvironment.js";
import { isForPlatform, platformQuery, readEngineImage } from "./engineImage.js";
import { engineReference, lookupName, pathOf } from "./engineReference.js";
import { isAtLeast } from "./engineVersion.js";

/** An engine with open connections; they keep nothing alive. */
export interface ConnectedEngine extends ImageEngine {
  readonly close: () => Promise<void>;
}

/** Versions of the API that know the query `platform`; Docker's only, since podman overlooks it (archive.md 3). */
const platformSince = { inspect: "1.49", export: "1.48" } as const;
const defaultTimeoutSeconds = 60;

/**
 * Reaches the engine that the arguments, or else the Docker CLI's conventions, name: see `resolveEngineAddress`.
 * @throws ImageError ENGINE_INVALID: the settings; ENGINE_UNREACHABLE; ENGINE_UNSUPPORTED: too old; ENGINE_ERROR: no
 * engine; the signal's reason
 */
export async function connectEngine(
  args: EngineArgs,
  environment: EngineEnvironment,
  { signal }: RequestOptions,
): Promise<ConnectedEngine> {
  const address = resolveEngineAddress(args, environment);
  const timeoutMs = (args.timeoutSeconds ?? defaultTimeoutSeconds) * 1000;
  return imageEngine(await connectClient({ address, timeoutMs }, signal));
}

/** The port on top of a client. */
export function imageEngine(client: EngineClient): ConnectedEngine {
  return {
    description: client.description,
    inspect: (reference, platform, options) => inspect(client, reference, platform, options),
    export: (references, platform, options) => exported(client, references, platform, options),
    close: client.close,
  };
}

/** An engine that cannot be asked for a platform is asked without, and its answer must be for that one. */
async function inspect(
  client: EngineClient,
  text: string,
  platform: Platform | undefined,
  { signal }: RequestOptions,
): Promise<EngineImage | undefined> {
  const attempted = `inspect image ${text}${forPlatform(platform)}`;
  const isAsked = platform !== undefined && knowsPlatform(client, "inspect");
  const path = `/images/${pathOf(lookupName(engineReference(text)))}/json`;
  const query: [string, string][] = isAsked ? [["platform", platformQuery(platform)]] : [];
  const answer = await client.get({ path, query, attempted, signal });
  if (saysNoSuchImage(answer)) return undefined;
  if (answer.status !== 200) throw answerError(answer, attempted, client.description);
  const image = readEngineImage(parsed(answer.text));
  if (image === undefined) {
    const what = `${client.description} answered something that describes no image`;
    throw new ImageError("ENGINE_ERROR", `Cannot ${attempted}: ${what}`);
  }
  if (platform !== undefined && !isForPlatform(image, platform)) {
    throw otherPlatform(client, text, image, platform);
  }
  return image;
}

async function* exported(
  client: EngineClient,
  references: readonly string[],
  platform: Platform | undefined,
  options: RequestOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (references.length === 0) throw new ImageError("ARGUMENT_INVALID", "An export needs at least one image");
  const isAsked = platform !== undefined && knowsPlatform(client, "export");
  const names: string[] = [];
  for (const text of new Set(references)) {
    names.push(await exportName(client, text, isAsked ? undefined : platform, options));
  }
  const [only = ""] = names;
  const query: [string, string][] = isAsked ? [["platform", platformQuery(platform)]] : [];
  yield* client.stream({
    path: names.length === 1 ? `/images/${pathOf(only)}/get` : "/images/get",
    query: names.length === 1 ? query : [...names.map((name): [string, string] => ["names", name]), ...query],
    attempted: `export ${references.join(", ")}${forPlatform(platform)}`,
    signal: options.signal,
  });
}

/** What names just this image to an export. `verified` is a platform that the image must be found to be for. */
async function exportName(
  client: EngineClient,
  text: string,
  verified: Platform | undefined,
  options: RequestOptions,
): Promise<string> {
  const reference = engineReference(text);
  if (reference.kind !== "idOrName" && verified === undefined) return lookupName(reference);
  const image = await inspect(client, text, verified, options);
  if (image === undefined) {
    const problem = `${client.description} has no such image; pull or build it first`;
    throw new ImageError("IMAGE_NOT_FOUND", `Cannot export ${text}: ${problem}`);
  }
  if (reference.kind !== "idOrName") return lookupName(reference);
  return image.id.startsWith(`sha256:${reference.digits}`) ? image.id : reference.name;
}

function knowsPlatform({ facts, api }: EngineClient, request: keyof typeof platformSince): boolean {
  return facts.product === "Docker" && isAtLeast(api, platformSince[request]);
}

function otherPlatform(
  client: EngineClient,
  text: string,
  { platform }: EngineImage,
  wanted: Platform,
): ImageError {
  const has = `${client.description} has ${text} for ${formatPlatform(platform)}, not for ${formatPlatform(wanted)}`;
  const advice =
    client.facts.product === "podman"
      ? `podman keeps one platform under a name: \`podman pull --platform ${formatPlatform(wanted)}\` first`
      : `pull it with \`docker pull --platform ${formatPlatform(wanted)}\`; of several platforms that are there, Docker 28.1 and later can choose`;
  return new ImageError("IMAGE_NOT_FOUND", `Cannot use ${text}: ${has}; ${advice}`);
}

function forPlatform(platform: Platform | undefined): string {
  return platform === undefined ? "" : ` for ${formatPlatform(platform)}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
