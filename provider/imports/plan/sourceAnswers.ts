import type { ImageStream } from "../../okd/imageStream.js";
import type { SourceRefusal } from "../../okd/refusedSource.js";
import { type StreamKey, streamName } from "../../okd/streamName.js";
import type { StreamSourceTag } from "../args/desiredStream.js";
import { sourceStream } from "./tag/source.js";
import { specTag, tagEvents } from "./tag/state.js";

/** What a dry run said of a permanent tag's source. */
export type SourceAnswer =
  | { readonly kind: "found"; readonly digest: string; readonly reference: string }
  | { readonly kind: "refused"; readonly refusal: SourceRefusal };

/**
 * The image that a tag has in the answer of a dry run. A tag that the source stream lacks is accepted and gets no new item
 * (facts/image-streams.md 22), so that one of an older definition says nothing.
 */
export function sourceAnswer(tag: StreamSourceTag, answer: ImageStream): SourceAnswer {
  const [latest] = tagEvents(answer, tag.name);
  const generation = specTag(answer, tag.name)?.generation ?? 0;
  if (latest === undefined || latest.image === "" || latest.generation < generation)
    return { kind: "refused", refusal: "notFound" };
  return { kind: "found", digest: latest.image, reference: latest.dockerImageReference };
}

/** `tags.prod: ...`, with what to do about it and the stable code. */
export function describeSourceRefusal(tag: StreamSourceTag, refusal: SourceRefusal, key: StreamKey): string {
  const source = sourceStream(tag, key);
  const name = streamName(source);
  switch (refusal) {
    case "forbidden":
      return `tags.${tag.name}: this account may not read the images of image stream ${name}. The role system:image-puller in namespace ${source.namespace} has that right: oc policy add-role-to-user system:image-puller USER -n ${source.namespace}, which binds it by a RoleBinding there [SOURCE_FORBIDDEN]`;
    case "notFound": {
      const what = tag.kind === "imageStreamTag" ? `tag ${tag.tag} with an image` : `image ${tag.image}`;
      return `tags.${tag.name}: there is no image stream ${name}, or it has no ${what} yet [SOURCE_NOT_FOUND]`;
    }
  }
}
