import { isObject, listAt, objectAt, textAt, valueAt, type Fields } from "../support/json.js";
import type { Descriptor } from "./content.js";
import { hasConfigBlob, isImageConfigType, isIndexType, isSchema1Type, manifestTypes } from "./mediaTypes.js";
import type { Platform } from "./platform.js";

/** What a manifest or an index says. */
export type Manifest =
  | {
      readonly kind: "image";
      readonly mediaType: string;
      readonly config: Descriptor;
      readonly layers: readonly Descriptor[];
    }
  | { readonly kind: "index"; readonly mediaType: string; readonly manifests: readonly Descriptor[] };

export type ManifestVerdict =
  | { readonly ok: true; readonly manifest: Manifest }
  /** `reason` completes "it ..."; `isKnown`: a well-formed document of a kind that is no image. */
  | { readonly ok: false; readonly reason: string; readonly isKnown: boolean };

/**
 * Reads a document whose digest is known to be right. `contentType`: what the server or a descriptor says it is; the
 * document's own word counts more. A document that can be read as an index and as an image is refused.
 */
export function readManifest(bytes: Uint8Array, contentType: string | undefined): ManifestVerdict {
  const body = parseObject(bytes);
  if (body === undefined) return malformed("is not a JSON object");
  const mediaType = mediaTypeOf(body, contentType?.replace(/;.*$/s, "").trim() ?? "");
  if (isSchema1Type(mediaType) || valueAt(body, "schemaVersion") === 1) {
    return unsupported(
      "is a Docker manifest of schema 1, which no longer holds enough; push the image again with a newer client",
    );
  }
  if (!manifestTypes.includes(mediaType)) {
    return unsupported(`is of a type that is no image: ${JSON.stringify(mediaType).slice(0, 100)}`);
  }
  if (Array.isArray(body["manifests"]) && (Array.isArray(body["layers"]) || isObject(body["config"]))) {
    return malformed("is an index and an image at the same time");
  }
  return isIndexType(mediaType) ? readIndex(body, mediaType) : readImage(body, mediaType);
}

/** The platform of a descriptor or config in OCI's spelling; undefined where it names none, or nonsense. */
export function readPlatform(value: unknown): Platform | undefined {
  const [os, architecture] = [platformWordAt(value, "os"), platformWordAt(value, "architecture")];
  if (os === "" || architecture === "") return undefined;
  const [variant, osVersion] = [platformWordAt(value, "variant"), platformWordAt(value, "os.version")];
  return {
    os,
    architecture,
    ...(variant === "" ? {} : { variant }),
    ...(osVersion === "" ? {} : { osVersion }),
  };
}

/** Previews and messages show these words, so they hold nothing that a terminal obeys. */
function platformWordAt(value: unknown, key: string): string {
  const word = textAt(value, key);
  return /^[\w.+-]{1,64}$/.test(word) ? word : "";
}

/** JSON text; undefined when it holds anything else than an object. */
export function parseObject(bytes: Uint8Array): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function mediaTypeOf(body: Fields, contentType: string): string {
  const own = textAt(body, "mediaType");
  if (own !== "") return own;
  if (manifestTypes.includes(contentType) || isSchema1Type(contentType)) return contentType;
  // Servers of plain files call everything JSON; only OCI's documents may leave their type out.
  if (Array.isArray(body["manifests"])) return "application/vnd.oci.image.index.v1+json";
  return isObject(body["config"]) ? "application/vnd.oci.image.manifest.v1+json" : contentType;
}

function readIndex(body: Fields, mediaType: string): ManifestVerdict {
  const manifests = descriptors(body["manifests"]);
  if (manifests === undefined) return malformed("has no well-formed list of manifests");
  return { ok: true, manifest: { kind: "index", mediaType, manifests } };
}

function readImage(body: Fields, mediaType: string): ManifestVerdict {
  const config = hasConfigBlob(mediaType) ? descriptor(body["config"]) : undefined;
  const layers = descriptors(body["layers"]);
  if (config !== undefined && body["layers"] === undefined && !isImageConfigType(config.mediaType)) {
    return unsupported(`is no image but an artifact (${JSON.stringify(config.mediaType).slice(0, 100)})`);
  }
  if (config === undefined || layers === undefined) return malformed("has no well-formed config and layers");
  return { ok: true, manifest: { kind: "image", mediaType, config, layers } };
}

function descriptors(value: unknown): readonly Descriptor[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const read = value.map(descriptor).filter((each) => each !== undefined);
  return read.length === value.length ? read : undefined;
}

const digestText = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

/** Whether the text is a whole digest of an algorithm that registries use. */
export function isDigest(text: string): boolean {
  return digestText.test(text);
}

function descriptor(value: unknown): Descriptor | undefined {
  const [mediaType, digest, size] = [
    textAt(value, "mediaType"),
    textAt(value, "digest"),
    valueAt(value, "size"),
  ];
  if (mediaType === "" || !isDigest(digest)) return undefined;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return undefined;
  const platform = readPlatform(objectAt(value, "platform"));
  const annotations = textsOf(objectAt(value, "annotations"));
  const urls = listAt(value, "urls").filter((url) => typeof url === "string");
  return {
    mediaType,
    digest,
    size,
    ...(platform === undefined ? {} : { platform }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    ...(urls.length === 0 ? {} : { urls }),
  };
}

function textsOf(fields: Fields): Readonly<Record<string, string>> {
  const texts = Object.entries(fields).flatMap(([key, value]) =>
    typeof value === "string" ? [[key, value] as const] : [],
  );
  return Object.fromEntries(texts);
}

function malformed(reason: string): ManifestVerdict {
  return { ok: false, reason, isKnown: false };
}

function unsupported(reason: string): ManifestVerdict {
  return { ok: false, reason, isKnown: true };
}
