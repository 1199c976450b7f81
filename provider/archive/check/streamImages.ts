import { describeRight, layersRight, streamRight } from "../../okd/accessRights.js";
import type { ImageStream } from "../../okd/imageStream.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { type StreamKey, streamName } from "../../okd/streamName.js";
import { openOnce } from "../../support/async/memoized.js";
import { hasCode, ImageError } from "../../support/imageError.js";
import type { IntegratedRegistrySettings } from "../args/parsed.js";
import { imagesOf, type NamedSource } from "../plan/streamImages.js";
import type { StreamCluster, StreamImages, StreamSource } from "../ports.js";
import { explainMissing } from "./missingStream.js";

/** Image streams of a connected cluster, and its registry, opened once for equal arguments. */
export function createStreamImages(cluster: StreamCluster): StreamImages {
  let seen: ImageStream | undefined;
  const read = async (source: NamedSource, options: RequestOptions) => {
    const stream = await readStream(cluster, source, options);
    seen ??= stream;
    return stream;
  };
  return {
    cluster: cluster.identity,
    async find(source, options) {
      const named = inNamespace(cluster, source);
      const stream = await read(named, options);
      return stream === undefined ? [] : imagesOf(stream, named);
    },
    async explainMissing(source, options) {
      const named = inNamespace(cluster, source);
      return await explainMissing(cluster, named, await read(named, options), options);
    },
    registry: openOnce(
      (settings: IntegratedRegistrySettings) => cluster.openRegistry(settings, seen),
      (settings) => JSON.stringify(settings),
    ),
  };
}

function inNamespace({ defaultNamespace }: StreamCluster, source: StreamSource): NamedSource {
  const namespace = source.namespace ?? defaultNamespace;
  if (namespace !== undefined) return { ...source, namespace };
  throw new ImageError(
    "CONNECTION_INVALID",
    `images: ${source.name} names no namespace, and neither do the connection and its kubeconfig context`,
  );
}

async function readStream(
  cluster: StreamCluster,
  { namespace, name }: NamedSource,
  options: RequestOptions,
): Promise<ImageStream | undefined> {
  try {
    return await cluster.getStream({ namespace, name }, options);
  } catch (error) {
    if (!hasCode(error, "API_FORBIDDEN")) throw error;
    throw await namingBothRights(error, cluster, { namespace, name }, options);
  }
}

/** Names both rights: reading a stream, and pulling from it. */
async function namingBothRights(
  error: ImageError,
  { permissions }: StreamCluster,
  key: StreamKey,
  options: RequestOptions,
): Promise<ImageError> {
  const { namespace } = key;
  const rights = [streamRight(namespace), layersRight(namespace)];
  const missing = await permissions.missing(rights, options);
  if (missing.length < 2) return error;
  const text = `images: cannot read image stream ${streamName(key)}: this user may not ${missing.map(describeRight).join("; ")}`;
  const advice = `The role registry-viewer has both: oc policy add-role-to-user registry-viewer USER -n ${namespace}`;
  return new ImageError("API_FORBIDDEN", `${text}. ${advice}`, { cause: error });
}
