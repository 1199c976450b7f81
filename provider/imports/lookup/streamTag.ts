import { type ImageMetadata, readImageMetadata } from "../../okd/imageMetadata.js";
import type { ImageStream } from "../../okd/imageStream.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { type StreamKey, streamName } from "../../okd/streamName.js";
import { readTagStatus, type TagStatus } from "../../okd/tagStatus.js";
import { ImageError } from "../../support/imageError.js";
import { excerpt } from "../../support/text/excerpt.js";
import { nameList } from "../../support/text/wording.js";
import type { StreamTagQuestion } from "./args.js";
import type { LookupCluster } from "./ports.js";
import { requireStream } from "./streamImage.js";

const shownTags = 10;

/** What a tag serves, and how it stands. */
export type StreamTagAnswer = ImageMetadata & TagStatus;

/** @throws ImageError STREAM_NOT_FOUND, IMAGE_NOT_FOUND (also for a tag that serves no image) */
export async function lookUpStreamTag(
  cluster: LookupCluster,
  { namespace, stream: name, tag }: StreamTagQuestion & { readonly namespace: string },
  options: RequestOptions,
): Promise<StreamTagAnswer> {
  const key = { namespace, name };
  const [stream, image] = await Promise.all([
    requireStream(cluster, key, options),
    cluster.images.byTag(key, tag, options),
  ]);
  const status = readTagStatus(stream, tag);
  if (status === undefined || image === undefined)
    throw new ImageError("IMAGE_NOT_FOUND", `name: ${whyNoImage(key, tag, stream, status)}`);
  return { ...readImageMetadata(image), ...status };
}

function whyNoImage(key: StreamKey, tag: string, stream: ImageStream, status: TagStatus | undefined): string {
  const named = `${streamName(key)}:${tag}`;
  if (status === undefined) {
    const tags = (stream.status?.tags ?? []).map((each) => each.tag);
    const has = tags.length === 0 ? "none" : nameList(tags, shownTags);
    return `image stream ${streamName(key)} has no tag ${tag}; it has ${has}`;
  }
  const [newest] = status.history;
  if (newest?.digest === "") return `${named} is a reference to ${newest.pullSpec}, which is not imported`;
  if (newest !== undefined) return `${named} serves ${newest.digest}, whose Image object has been deleted`;
  const message = status.conditions.find((condition) => condition.status === "False")?.message;
  if (message === undefined) return `${named} has not been imported yet`;
  return `${named} has no image, because its import failed: ${excerpt(message, 1000)}`;
}
