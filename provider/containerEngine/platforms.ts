import type { EngineImage } from "../archive/ports.js";
import { formatPlatform, type Platform } from "../oci/platform.js";
import { ImageError } from "../support/imageError.js";
import type { EngineClient } from "./client.js";
import { isAtLeast } from "./version.js";

/** Versions of Docker's API that know the query `platform`, which podman overlooks (facts/engines.md 5). */
const platformSince = { inspect: "1.49", export: "1.48" } as const;
/** Since then an export takes it repeatedly, with the containerd image store. */
const severalSince = "1.52";

type Asked = Pick<EngineClient, "facts" | "api" | "description">;

/** Whether the engine honours the query `platform` of this request. */
export function knowsPlatform({ facts, api }: Asked, request: keyof typeof platformSince): boolean {
  return facts.product === "Docker" && isAtLeast(api, platformSince[request]);
}

/** As the Engine API takes it (`ocispec.Platform` in JSON). */
export function platformQuery(
  platforms: readonly Platform[],
): readonly (readonly [name: "platform", value: string])[] {
  return platforms.map(({ os, architecture, variant, osVersion }) => [
    "platform",
    JSON.stringify({ os, architecture, variant, "os.version": osVersion }),
  ]);
}

/** Why the engine exports one platform of an image at most, as a sentence about it; undefined where it can export several. */
export function whyOnePlatform(
  { facts, api, description }: Asked,
  hasDescriptor: boolean,
): string | undefined {
  if (facts.product === "podman") return `${description} keeps one platform of an image`;
  if (!isAtLeast(facts.newestApi, severalSince)) {
    return `${description} exports one platform at a time, as Docker does before 29`;
  }
  if (!isAtLeast(api, severalSince)) {
    return `${description} is asked in a version of its API from before ${severalSince} (engine.apiVersion, DOCKER_API_VERSION), which exports one platform at a time`;
  }
  return hasDescriptor
    ? undefined
    : `${description} keeps one platform of an image; Docker's containerd image store keeps several`;
}

/** @returns IMAGE_NOT_FOUND: the image is there, but for another platform */
export function otherPlatform(
  { facts, description }: Asked,
  reference: string,
  { platform }: EngineImage,
  wanted: Platform,
): ImageError {
  const name = formatPlatform(wanted);
  const has =
    platform === undefined
      ? `${description} knows ${reference}, and has not pulled it for ${name}`
      : `${description} has ${reference} for ${formatPlatform(platform)}, not for ${name}`;
  const advice =
    facts.product === "podman"
      ? `podman keeps one platform under a name: \`podman pull --platform ${name}\` first`
      : `pull it with \`docker pull --platform ${name}\`; of several platforms that are there, Docker 28.1 and later can choose`;
  return new ImageError("IMAGE_NOT_FOUND", `Cannot use ${reference}: ${has}; ${advice}`);
}
