import { parseObject, readPlatform } from "../oci/manifest.js";
import { qualifiedReference } from "../oci/names/pullReference.js";
import { formatPlatform, isRunnable } from "../oci/platform.js";
import { type Fields, listAt, objectAt, textAt, valueAt } from "../support/json.js";
import { byText } from "../support/text/spelling.js";

/** What containers of an image start with. */
export interface ContainerConfig {
  /** Environment variables by name. */
  readonly env: Readonly<Record<string, string>>;
  /** Like `8080/tcp`, sorted. */
  readonly ports: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly entryPoint: readonly string[];
  /** Arguments of the entry point; without one the command itself. */
  readonly command: readonly string[];
  /** Name or ID, with a group after a colon; absent: root. */
  readonly user?: string;
  /** Absent: `/`. */
  readonly workingDir?: string;
  /** Paths, sorted. */
  readonly volumes: readonly string[];
}

export interface ImageLayer {
  readonly digest: string;
  /** Compressed. */
  readonly sizeBytes: number;
  readonly mediaType?: string;
}

/** An image of an index. */
export interface IndexedImage {
  readonly digest: string;
  /** Like `linux/arm64/v8`; absent for attestations and the like. */
  readonly platform?: string;
  readonly mediaType?: string;
}

/** A signature that the cluster keeps of an image; nothing is verified here. */
export interface ImageSignature {
  readonly name: string;
  /** Like `AtomicImageV1`. */
  readonly type: string;
  /** What was signed, as a pull spec. */
  readonly identity?: string;
  /** RFC 3339. */
  readonly created?: string;
}

/** What an image is made of, as the cluster says it. */
export interface ImageMetadata {
  /** Digest of the image, or of the index where all platforms were asked for. */
  readonly digest: string;
  /** What to put into a workload: by digest, with its registry. */
  readonly pullSpec: string;
  /** Of the manifest or of the index. */
  readonly mediaType?: string;
  /** Like `linux/arm64/v8`, sorted; of an index all. */
  readonly platforms: readonly string[];
  /** When the image was built, RFC 3339; absent for an index. */
  readonly created?: string;
  /** Bytes of the compressed layers and the config; absent for an index. */
  readonly sizeBytes?: number;
  /** Absent for an index. */
  readonly config?: ContainerConfig;
  /** From the lowest; none for an index. */
  readonly layers: readonly ImageLayer[];
  /** The images of an index; none for an image. */
  readonly manifests: readonly IndexedImage[];
  /** Those that the cluster keeps of an image in a stream. */
  readonly signatures: readonly ImageSignature[];
}

/** Reads an Image of the API; what it does not say is absent. */
export function readImageMetadata(image: unknown): ImageMetadata {
  const digest = textAt(image, "metadata", "name");
  const manifests = listAt(image, "dockerImageManifests").map(indexedImage);
  const mediaType = textAt(image, "dockerImageManifestMediaType");
  const shared = {
    digest,
    pullSpec: qualifiedReference(textAt(image, "dockerImageReference")),
    ...(mediaType === "" ? {} : { mediaType }),
    manifests,
    signatures: listAt(image, "signatures").map(signature),
  };
  if (manifests.length > 0) {
    const platforms = manifests.flatMap(({ platform }) => (platform === undefined ? [] : [platform]));
    return { ...shared, platforms: [...new Set(platforms)].sort(byText), layers: [] };
  }
  return { ...shared, ...ownMetadata(image), layers: listAt(image, "dockerImageLayers").map(layer) };
}

/** What a single image says of itself. */
function ownMetadata(image: unknown): Pick<ImageMetadata, "platforms" | "created" | "sizeBytes" | "config"> {
  const metadata = objectAt(image, "dockerImageMetadata");
  const raw = parseObject(Buffer.from(textAt(image, "dockerImageConfig"))) ?? {};
  const created = textAt(metadata, "Created") || textAt(raw, "created");
  const size = valueAt(metadata, "Size");
  const platform = readPlatform(raw) ?? readPlatform(lowerCased(metadata));
  const config = { ...objectAt(raw, "config"), ...objectAt(metadata, "Config") };
  return {
    platforms: platform === undefined ? [] : [formatPlatform(platform)],
    ...(created === "" ? {} : { created }),
    ...(typeof size === "number" && size > 0 ? { sizeBytes: size } : {}),
    config: containerConfig(config),
  };
}

/** The API names no OS where it is Linux. */
function lowerCased(metadata: Fields): Fields {
  return {
    os: textAt(metadata, "Os") || "linux",
    architecture: textAt(metadata, "Architecture"),
    variant: textAt(metadata, "Variant"),
  };
}

function containerConfig(config: Fields): ContainerConfig {
  const [user, workingDir] = [textAt(config, "User"), textAt(config, "WorkingDir")];
  return {
    env: Object.fromEntries(texts(config["Env"]).map(variable)),
    ports: Object.keys(objectAt(config, "ExposedPorts")).sort(byText),
    labels: textsByName(objectAt(config, "Labels")),
    entryPoint: texts(config["Entrypoint"]),
    command: texts(config["Cmd"]),
    ...(user === "" ? {} : { user }),
    ...(workingDir === "" ? {} : { workingDir }),
    volumes: Object.keys(objectAt(config, "Volumes")).sort(byText),
  };
}

function variable(text: string): readonly [string, string] {
  const end = text.indexOf("=");
  return end === -1 ? [text, ""] : [text.slice(0, end), text.slice(end + 1)];
}

function texts(value: unknown): readonly string[] {
  return listAt(value).filter((text) => typeof text === "string");
}

function textsByName(fields: Fields): Readonly<Record<string, string>> {
  const entries = Object.entries(fields).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value] as const] : [],
  );
  return Object.fromEntries(entries);
}

function layer(value: unknown): ImageLayer {
  const [mediaType, size] = [textAt(value, "mediaType"), valueAt(value, "size")];
  return {
    digest: textAt(value, "name"),
    sizeBytes: typeof size === "number" ? size : 0,
    ...(mediaType === "" ? {} : { mediaType }),
  };
}

function indexedImage(value: unknown): IndexedImage {
  const mediaType = textAt(value, "mediaType");
  const platform = readPlatform(value);
  return {
    digest: textAt(value, "digest"),
    ...(platform !== undefined && isRunnable(platform) ? { platform: formatPlatform(platform) } : {}),
    ...(mediaType === "" ? {} : { mediaType }),
  };
}

function signature(value: unknown): ImageSignature {
  const [identity, created] = [textAt(value, "imageIdentity"), textAt(value, "created")];
  return {
    name: textAt(value, "metadata", "name"),
    type: textAt(value, "type"),
    ...(identity === "" ? {} : { identity }),
    ...(created === "" ? {} : { created }),
  };
}
