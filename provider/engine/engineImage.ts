import type { EngineImage } from "../archive/ports.js";
import type { Descriptor } from "../oci/content.js";
import type { Platform } from "../oci/platform.js";
import { isSha256Digest } from "../oci/digest.js";
import { isPlatform } from "../oci/platform.js";
import { isJsonObject, listAt, textAt, valueAt } from "../support/json.js";

/** Reads the answer to an inspection of any engine; undefined when it has no ID, and so is none. */
export function readEngineImage(answer: unknown): EngineImage | undefined {
  const id = withAlgorithm(textAt(answer, "Id"));
  if (!isSha256Digest(id)) return undefined;
  const size = valueAt(answer, "Size");
  return {
    id,
    descriptor: readDescriptor(valueAt(answer, "Descriptor")),
    repoTags: textsAt(answer, "RepoTags"),
    repoDigests: textsAt(answer, "RepoDigests"),
    platform: readPlatform(answer),
    diffIds: textsAt(answer, "RootFS", "Layers"),
    created: textAt(answer, "Created") || undefined,
    size: typeof size === "number" ? size : 0,
  };
}

/** podman names no variant: what it leaves open is taken as wanted. */
export function isForPlatform(image: EngineImage, wanted: Platform): boolean {
  const { variant = wanted.variant, osVersion = wanted.osVersion } = image.platform;
  return isPlatform(
    {
      os: image.platform.os,
      architecture: image.platform.architecture,
      ...(variant === undefined ? {} : { variant }),
      ...(osVersion === undefined ? {} : { osVersion }),
    },
    wanted,
  );
}

/** As the Engine API takes it (`ocispec.Platform` in JSON). */
export function platformQuery({ os, architecture, variant, osVersion }: Platform): string {
  return JSON.stringify({ os, architecture, variant, "os.version": osVersion });
}

/** Some versions of podman leave it out. */
function withAlgorithm(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id;
}

function readPlatform(answer: unknown): Platform {
  const variant = textAt(answer, "Variant");
  const osVersion = textAt(answer, "OsVersion");
  return {
    os: textAt(answer, "Os"),
    architecture: textAt(answer, "Architecture"),
    ...(variant === "" ? {} : { variant }),
    ...(osVersion === "" ? {} : { osVersion }),
  };
}

function readDescriptor(value: unknown): Descriptor | undefined {
  const size = valueAt(value, "size");
  const digest = textAt(value, "digest");
  if (!isJsonObject(value) || typeof size !== "number" || !isSha256Digest(digest)) return undefined;
  return { mediaType: textAt(value, "mediaType"), digest, size };
}

function textsAt(value: unknown, ...fields: readonly string[]): readonly string[] {
  return listAt(value, ...fields).filter((text) => typeof text === "string");
}
