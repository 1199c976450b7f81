import type { ImageStream } from "../../../okd/imageStream.js";
import { own } from "../../../support/collections.js";
import type { ResolvedTag } from "../../outputs.js";
import { isResolved } from "../tag/resolved.js";
import { statusTag } from "../tag/state.js";

type Tags = Readonly<Record<string, ResolvedTag>>;

/**
 * Tags that will serve another digest after this run, by what they will resolve to. A tag whose image was `known` without an
 * import stays as it is, even where the cluster serves another one.
 */
export function movedTags(resolved: Tags, known: Tags, stream: ImageStream | undefined): readonly string[] {
  return Object.entries(resolved).flatMap(([name, image]) => {
    if (!isResolved(image)) return [];
    const before = own(known, name);
    if (isResolved(before) && before.digest === image.digest) return [];
    return statusTag(stream, name)?.items?.[0]?.image === image.digest ? [] : [name];
  });
}
