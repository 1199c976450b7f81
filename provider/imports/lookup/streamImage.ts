import { type ImageMetadata, readImageMetadata } from "../../okd/imageMetadata.js";
import type { ImageStream } from "../../okd/imageStream.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { type StreamKey, streamName } from "../../okd/streamName.js";
import { hasCode, ImageError } from "../../support/imageError.js";
import { nameList } from "../../support/text/wording.js";
import type { StreamImageQuestion } from "./args.js";
import type { LookupCluster } from "./ports.js";

const shownDigests = 5;

/**
 * An image in the history of a stream, or in an index there.
 * @throws ImageError STREAM_NOT_FOUND, IMAGE_NOT_FOUND, ARGUMENT_INVALID (several images begin so)
 */
export async function lookUpStreamImage(
  cluster: LookupCluster,
  { namespace, stream: name, id }: StreamImageQuestion & { readonly namespace: string },
  options: RequestOptions,
): Promise<ImageMetadata> {
  const key = { namespace, name };
  const wanted = id.startsWith("sha256:") ? id : `sha256:${id}`;
  const digest = isWhole(wanted) ? wanted : await completed(cluster, key, wanted, options);
  const image = await byDigest(cluster, key, digest, options);
  if (image !== undefined) return readImageMetadata(image);
  if (isWhole(wanted)) await requireStream(cluster, key, options);
  throw missing(key, wanted);
}

/** @throws ImageError STREAM_NOT_FOUND */
export async function requireStream(
  { streams }: LookupCluster,
  key: StreamKey,
  options: RequestOptions,
): Promise<ImageStream> {
  const stream = await streams.getStream(key, options);
  if (stream !== undefined) return stream;
  throw new ImageError("STREAM_NOT_FOUND", `name: there is no image stream ${streamName(key)}`);
}

function isWhole(digest: string): boolean {
  return digest.length === "sha256:".length + 64;
}

/**
 * The digest that begins so. The stream itself tells which do, and names them where they are several; an image of an index
 * is found by the server only.
 */
async function completed(
  cluster: LookupCluster,
  key: StreamKey,
  beginning: string,
  options: RequestOptions,
): Promise<string> {
  const { status } = await requireStream(cluster, key, options);
  const all = (status?.tags ?? []).flatMap(({ items }) => (items ?? []).map(({ image }) => image));
  const found = [...new Set(all)].filter((digest) => digest.startsWith(beginning)).sort();
  if (found.length <= 1) return found[0] ?? beginning;
  throw ambiguous(key, beginning, `: ${nameList(found, shownDigests)}`);
}

async function byDigest(
  cluster: LookupCluster,
  key: StreamKey,
  digest: string,
  options: RequestOptions,
): Promise<unknown> {
  try {
    return await cluster.images.byDigest(key, digest, options);
  } catch (error) {
    if (hasCode(error, "API_CONFLICT")) throw ambiguous(key, digest, "");
    throw error;
  }
}

function ambiguous(key: StreamKey, beginning: string, found: string): ImageError {
  const text = `name: several images of ${streamName(key)} begin with ${beginning}${found}. Give more digits`;
  return new ImageError("ARGUMENT_INVALID", text);
}

function missing(key: StreamKey, digest: string): ImageError {
  const text = `name: image stream ${streamName(key)} has no image ${digest} in its history, nor in an index there`;
  return new ImageError("IMAGE_NOT_FOUND", text);
}
