import type { EngineImage } from "../archive/ports.js";
import type { Descriptor } from "../oci/content.js";
import { isSha256Digest } from "../oci/digest.js";
import type { Platform } from "../oci/platform.js";
import { isObject, listAt, textAt, valueAt } from "../support/json.js";

/** Reads any engine's answer to an inspection; undefined when it has no ID, and so describes no image. */
export function readEngineImage(answer: unknown): Omit<EngineImage, "whyOnePlatform"> | undefined {
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

/** Some versions of podman leave it out. */
function withAlgorithm(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id;
}

/** For an index, Docker 29 may choose a platform that it has not pulled, and then leaves its fields out. */
function readPlatform(answer: unknown): Platform | undefined {
  const [os, architecture] = [textAt(answer, "Os"), textAt(answer, "Architecture")];
  const [variant, osVersion] = [textAt(answer, "Variant"), textAt(answer, "OsVersion")];
  if (os === "" || architecture === "") return undefined;
  return {
    os,
    architecture,
    ...(variant === "" ? {} : { variant }),
    ...(osVersion === "" ? {} : { osVersion }),
  };
}

function readDescriptor(value: unknown): Descriptor | undefined {
  const size = valueAt(value, "size");
  const digest = textAt(value, "digest");
  if (!isObject(value) || typeof size !== "number" || !isSha256Digest(digest)) return undefined;
  return { mediaType: textAt(value, "mediaType"), digest, size };
}

function textsAt(value: unknown, ...fields: readonly string[]): readonly string[] {
  return listAt(value, ...fields).filter((text) => typeof text === "string");
}
