import type { StreamSource } from "../archive/sourcePorts.js";
import { describeCluster } from "../okd/clusterIdentity.js";
import type { ImageStream } from "../okd/imageStream.js";
import { unlessRefused } from "../support/async/retry.js";
import { ImageError } from "../support/imageError.js";
import { textAt } from "../support/json.js";
import { didYouMean } from "../support/text/wording.js";
import type { ConnectedCluster } from "./connection/open.js";
import { clusterObjects } from "./lists/objects.js";

type Objects = ReturnType<typeof clusterObjects>;
type Resource = Parameters<Objects["get"]>[0];

const namespaces: Resource = { group: "", version: "v1", resource: "namespaces" };
const imageStreams: Resource = { group: "image.openshift.io", version: "v1", resource: "imagestreams" };

interface Options {
  readonly signal: AbortSignal;
}

/** Which part of `namespace/name:tag` does not exist, and which name may have been meant. */
export async function explainMissing(
  { client, identity }: ConnectedCluster,
  { namespace, name, tags }: StreamSource & { readonly namespace: string },
  stream: ImageStream | undefined,
  options: Options,
): Promise<ImageError> {
  const wanted = tags === "*" ? `${namespace}/${name} with any tag` : `tag ${namespace}/${name}:${tags}`;
  const missing = `images: there is no image stream ${wanted}`;
  const where = ` on ${describeCluster(identity)}`;
  if (stream !== undefined) {
    const near = didYouMean(
      tags,
      (stream.status?.tags ?? []).map(({ tag }) => tag),
    );
    return new ImageError("STREAM_NOT_FOUND", `${missing}${where}${near}`);
  }
  const objects = clusterObjects(client);
  const found = await unlessRefused(() => objects.get(namespaces, namespace, options), "unreadable", options);
  if (found === undefined) {
    const near = didYouMean(namespace, await namesOf(objects, namespaces, options));
    return new ImageError(
      "NAMESPACE_NOT_FOUND",
      `${missing}: there is no namespace ${namespace}${where}${near}`,
    );
  }
  const near = didYouMean(name, await namesOf(objects, imageStreams, { ...options, namespace }));
  return new ImageError(
    "STREAM_NOT_FOUND",
    `${missing}: ${namespace} has no such image stream${where}${near}`,
  );
}

/** Empty where they may not be listed. */
async function namesOf(
  objects: Objects,
  resource: Resource,
  options: Options & { readonly namespace?: string },
): Promise<readonly string[]> {
  const names: string[] = [];
  const onPage = (page: readonly unknown[]) =>
    names.push(...page.map((each) => textAt(each, "metadata", "name")));
  await unlessRefused(
    () => objects.list(resource, { ...options, metadataOnly: true, onPage }),
    undefined,
    options,
  );
  return names;
}
