import { type ImageReference, repositoryKey } from "../images/reference.js";
import type { Image } from "../images/stream/types.js";
import type { RegistryClient } from "./client.js";
import { RegistryFailure } from "./failure.js";
import {
  type Descriptor,
  type FetchedManifest,
  imageOf,
  indexImageOf,
  type Manifest,
  sha256,
} from "./manifestImage.js";
import type { ImportThrottle } from "./throttle.js";

export interface ImportedImage {
  readonly image: Image;
  /** Children of an index that was kept whole. */
  readonly manifests?: readonly Image[];
}

export interface PlatformPreference {
  readonly os: string | undefined;
  readonly architecture: string | undefined;
}

/** Reads the images of one request, each manifest and config only once. */
export class ImageSource {
  readonly #clients = new Map<string, RegistryClient>();
  readonly #manifests = new Map<string, Promise<FetchedManifest>>();

  readonly #connect: (reference: ImageReference, insecure: boolean) => RegistryClient;
  readonly #throttle: ImportThrottle;
  readonly #signal: AbortSignal;

  constructor(
    connect: (reference: ImageReference, insecure: boolean) => RegistryClient,
    throttle: ImportThrottle,
    signal: AbortSignal,
  ) {
    this.#connect = connect;
    this.#throttle = throttle;
    this.#signal = signal;
  }

  /** Within one request the first entry of a repository decides whether it is insecure (facts/importing.md 8). */
  client(reference: ImageReference, insecure: boolean): RegistryClient {
    const key = repositoryKey(reference);
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const client = this.#connect(reference, insecure);
    this.#clients.set(key, client);
    return client;
  }

  async load(
    reference: ImageReference,
    insecure: boolean,
    keepsIndex: boolean,
    preference: PlatformPreference,
  ): Promise<ImportedImage> {
    const client = this.client(reference, insecure);
    const tagOrDigest =
      reference.digest === "" ? (reference.tag === "" ? "latest" : reference.tag) : reference.digest;
    const top = await this.#manifest(client, reference, tagOrDigest, true);
    if (top.manifest.manifests === undefined) return { image: await this.#image(client, reference, top) };
    if (!keepsIndex) {
      const child = chosenChild(top.manifest.manifests, preference);
      return {
        image: await this.#image(
          client,
          reference,
          await this.#manifest(client, reference, child.digest, false),
        ),
      };
    }
    const manifests: Image[] = [];
    for (const child of top.manifest.manifests) {
      manifests.push(
        await this.#image(client, reference, await this.#manifest(client, reference, child.digest, false)),
      );
    }
    return { image: indexImageOf(reference, top), manifests };
  }

  #manifest(
    client: RegistryClient,
    reference: ImageReference,
    id: string,
    isThrottled: boolean,
  ): Promise<FetchedManifest> {
    const key = `${repositoryKey(reference)}@${id}`;
    const known = this.#manifests.get(key);
    if (known !== undefined) return known;
    const fetched = this.#fetchManifest(client, id, isThrottled);
    this.#manifests.set(key, fetched);
    return fetched;
  }

  async #fetchManifest(client: RegistryClient, id: string, isThrottled: boolean): Promise<FetchedManifest> {
    // A registry that cannot be reached costs no token.
    await client.connect();
    if (isThrottled) await this.#throttle.take(this.#signal);
    const response = await client.manifest(id);
    const digest = sha256(response.body);
    const expected = id.includes(":") ? id : String(response.headers["docker-content-digest"] ?? digest);
    if (expected !== digest)
      throw new RegistryFailure("other", `manifest verification failed for digest ${expected}`);
    const text = response.body.toString("utf8");
    const manifest = parseManifest(text);
    const contentType = (response.headers["content-type"] ?? "").split(";")[0] ?? "";
    return {
      digest,
      text,
      manifest,
      mediaType: contentType === "" ? (manifest.mediaType ?? "") : contentType,
    };
  }

  async #image(client: RegistryClient, reference: ImageReference, fetched: FetchedManifest): Promise<Image> {
    const { config } = fetched.manifest;
    if (config === undefined)
      throw new RegistryFailure("other", `unsupported manifest type ${fetched.mediaType}`);
    const response = await client.blob(config.digest);
    if (sha256(response.body) !== config.digest) {
      throw new RegistryFailure("other", `content does not match digest ${config.digest}`);
    }
    return imageOf(reference, fetched, response.body.toString("utf8"));
  }
}

function parseManifest(text: string): Manifest {
  try {
    return JSON.parse(text) as Manifest;
  } catch (error) {
    throw new RegistryFailure("other", (error as Error).message);
  }
}

/** The tag's own wish, else the platform of the control plane, else the first child. */
function chosenChild(children: readonly Descriptor[], preference: PlatformPreference): Descriptor {
  const { os = "linux", architecture = "amd64" } = preference;
  const chosen =
    children.find(({ platform }) => platform?.os === os && platform.architecture === architecture) ??
    children.find(({ platform }) => platform?.os === "linux" && platform.architecture === "amd64") ??
    children[0];
  if (chosen === undefined) throw new RegistryFailure("other", "no manifests in manifest list");
  return chosen;
}
