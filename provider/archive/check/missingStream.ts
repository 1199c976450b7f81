import { describeCluster } from "../../okd/clusterIdentity.js";
import type { ImageStream } from "../../okd/imageStream.js";
import { isNamespaceMissing, listNames, namespaceResource } from "../../okd/objectNames.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { ImageError } from "../../support/imageError.js";
import { didYouMean } from "../../support/text/wording.js";
import { streamResource } from "../../usage/kinds.js";
import type { NamedSource } from "../plan/streamImages.js";
import type { StreamCluster } from "../ports.js";

/** Which part of `namespace/name:tag` does not exist, and which name may have been meant. */
export async function explainMissing(
  { objects, identity }: Pick<StreamCluster, "objects" | "identity">,
  { namespace, name, tags }: NamedSource,
  stream: ImageStream | undefined,
  options: RequestOptions,
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
  if (await isNamespaceMissing(objects, namespace, options)) {
    const near = didYouMean(namespace, await listNames(objects, namespaceResource, options));
    return new ImageError(
      "NAMESPACE_NOT_FOUND",
      `${missing}: there is no namespace ${namespace}${where}${near}`,
    );
  }
  const near = didYouMean(name, await listNames(objects, streamResource, { ...options, namespace }));
  return new ImageError(
    "STREAM_NOT_FOUND",
    `${missing}: ${namespace} has no such image stream${where}${near}`,
  );
}
