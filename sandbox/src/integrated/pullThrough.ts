import { parseReference } from "../images/reference.js";
import type { Image, ImageStream } from "../images/stream/types.js";
import type { ObjectStore } from "../kube/storage/objectStore.js";
import { RegistryClient } from "../pull/client.js";
import type { Network, NetworkResponse } from "../pull/network.js";
import { findCredentials, loadPullSecrets } from "../pull/secrets.js";

/** Reads imported images from where they were imported, with the pull secrets of the stream's namespace. */
export class PullThrough {
  readonly #store: ObjectStore;
  readonly #network: Network;

  constructor(store: ObjectStore, network: Network) {
    this.#store = store;
    this.#network = network;
  }

  /** Undefined when the source does not serve it. */
  manifest(stream: ImageStream, image: Image, signal: AbortSignal): Promise<NetworkResponse | undefined> {
    return this.#read(stream, image, signal, (client) => client.manifest(image.metadata.name));
  }

  blob(
    stream: ImageStream,
    image: Image,
    digest: string,
    signal: AbortSignal,
  ): Promise<NetworkResponse | undefined> {
    return this.#read(stream, image, signal, (client) => client.blob(digest));
  }

  async #read(
    stream: ImageStream,
    image: Image,
    signal: AbortSignal,
    read: (client: RegistryClient) => Promise<NetworkResponse>,
  ): Promise<NetworkResponse | undefined> {
    const reference = parseReference(image.dockerImageReference);
    const secrets = loadPullSecrets(this.#store, stream.metadata.namespace ?? "");
    const isInsecure =
      stream.metadata.annotations?.["openshift.io/image.insecureRepository"] === "true" ||
      (stream.spec.tags ?? []).some((tag) => tag.importPolicy.insecure === true);
    const credentials = findCredentials(secrets, reference);
    const client = new RegistryClient(this.#network, reference, isInsecure, credentials, signal);
    return read(client).catch(() => undefined);
  }
}
