import { createHash } from "node:crypto";
import { timestamp } from "../http/clock.js";
import { type ImageReference, writtenRepository } from "../images/reference.js";
import type { ChildManifest, Image, ImageLayer } from "../images/stream/types.js";
import { defined } from "../kube/model/object.js";

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
}

export interface Manifest {
  readonly mediaType?: string;
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
}

/** A manifest as a registry sent it. */
export interface FetchedManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly text: string;
  readonly manifest: Manifest;
}

export function sha256(content: Buffer | string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** The Image of a single-platform manifest. */
export function imageOf(reference: ImageReference, fetched: FetchedManifest, config: string): Image {
  const layers: readonly ImageLayer[] = (fetched.manifest.layers ?? []).map(
    ({ digest, size, mediaType }) => ({
      name: digest,
      size,
      mediaType,
    }),
  );
  return {
    metadata: { name: fetched.digest, annotations: { "image.openshift.io/dockerLayersOrder": "ascending" } },
    dockerImageReference: `${writtenRepository(reference)}@${fetched.digest}`,
    dockerImageMetadata: metadataOf(fetched.manifest, config),
    dockerImageMetadataVersion: "1.0",
    dockerImageManifest: fetched.text,
    dockerImageLayers: layers,
    dockerImageManifestMediaType: fetched.mediaType,
    dockerImageConfig: config,
  };
}

/** The Image of an index, which a PreserveOriginal import stores beside those of its children. */
export function indexImageOf(reference: ImageReference, fetched: FetchedManifest): Image {
  return {
    metadata: { name: fetched.digest },
    dockerImageReference: `${writtenRepository(reference)}@${fetched.digest}`,
    dockerImageMetadata: {
      kind: "DockerImage",
      apiVersion: "image.openshift.io/1.0",
      Id: fetched.digest,
      Created: timestamp(new Date()),
      ContainerConfig: {},
    },
    dockerImageMetadataVersion: "1.0",
    dockerImageManifestMediaType: fetched.mediaType,
    dockerImageManifests: (fetched.manifest.manifests ?? []).map(childManifest),
  };
}

function childManifest({ digest, mediaType, size, platform }: Descriptor): ChildManifest {
  return defined({
    digest,
    mediaType,
    manifestSize: size,
    architecture: platform?.architecture ?? "",
    os: platform?.os ?? "",
    variant: platform?.variant,
  }) as ChildManifest;
}

const configKeys = [
  "Hostname",
  "Domainname",
  "User",
  "ExposedPorts",
  "Tty",
  "OpenStdin",
  "StdinOnce",
  "Env",
  "Cmd",
  "Image",
  "Volumes",
  "WorkingDir",
  "Entrypoint",
  "NetworkDisabled",
  "OnBuild",
  "Labels",
  "Healthcheck",
  "StopSignal",
  "ArgsEscaped",
];

function metadataOf(manifest: Manifest, text: string): object {
  const parsed = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const config = (parsed["config"] ?? {}) as Readonly<Record<string, unknown>>;
  const kept = Object.fromEntries(
    configKeys.filter((key) => !isEmpty(config[key])).map((key) => [key, config[key]]),
  );
  const layerBytes = (manifest.layers ?? []).reduce((sum, layer) => sum + layer.size, 0);
  return defined({
    kind: "DockerImage",
    apiVersion: "image.openshift.io/1.0",
    Id: manifest.config?.digest ?? "",
    Created: parsed["created"] ?? null,
    ContainerConfig: {},
    DockerVersion: parsed["docker_version"],
    Author: parsed["author"],
    Config: kept,
    Architecture: parsed["architecture"],
    Size: layerBytes + Buffer.byteLength(text),
  });
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
