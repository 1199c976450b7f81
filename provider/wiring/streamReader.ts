import { createClusterConnector } from "../cluster/connection/open.js";
import { clusterObjects } from "../cluster/lists/objects.js";
import type { ImageStream } from "../okd/imageStream.js";
import { streamName } from "../okd/streamName.js";
import { ImageError } from "../support/imageError.js";

/** Image streams of a cluster for a command, connected to as resources are. */
export interface StreamReader {
  /** URL of the API server. */
  readonly server: string;
  readonly defaultNamespace: string | undefined;
  /** All streams of the namespace, or of the cluster. @throws ImageError API_FORBIDDEN, API_UNREACHABLE, ... */
  list(namespace: string | undefined): Promise<readonly ImageStream[]>;
  /** @throws ImageError STREAM_NOT_FOUND, API_FORBIDDEN, ... */
  get(namespace: string, name: string): Promise<ImageStream>;
  close(): Promise<void>;
}

/** What a command line says about the connection; the environment and `~/.kube/config` say the rest. */
export interface ReaderConnection {
  readonly kubeconfig?: string;
  readonly context?: string;
}

export interface ReaderEvents {
  readonly onSecret: (secret: string) => void;
  readonly warn: (message: string) => void;
}

const imageStreams = { group: "image.openshift.io", version: "v1", resource: "imagestreams" };

export async function openStreamReader(
  connection: ReaderConnection,
  events: ReaderEvents,
  signal: AbortSignal,
): Promise<StreamReader> {
  const clusters = createClusterConnector(events);
  const { client, streams, defaultNamespace } = await clusters.open(
    { ...connection },
    () => undefined,
    signal,
    "with a warning",
  );
  return {
    server: client.server,
    defaultNamespace,
    async list(namespace) {
      const found: ImageStream[] = [];
      const onPage = (page: readonly unknown[]) => void found.push(...(page as readonly ImageStream[]));
      const scope = namespace === undefined ? {} : { namespace };
      await clusterObjects(client).list(imageStreams, { ...scope, signal, onPage });
      return found;
    },
    async get(namespace, name) {
      const stream = await streams.getStream({ namespace, name }, { signal });
      if (stream !== undefined) return stream;
      const where = streamName({ namespace, name });
      throw new ImageError(
        "STREAM_NOT_FOUND",
        `${where}: there is no such image stream; generate without a name prints all of ${namespace}`,
      );
    },
    close: () => client.close(),
  };
}
