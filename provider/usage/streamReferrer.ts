import type { ImageSource, OtherReferrer } from "./referrer.js";

/** A stream as a user of the images that its `spec.tags` come from: they are pulled again (safety.md 1.5). */
export function streamReferrer(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  sources: readonly ImageSource[],
): OtherReferrer {
  return {
    kind: "other",
    objectKind: "imagestream",
    namespace,
    name,
    mentions: {
      pullSpecs: [],
      sources: sources.map((source) => withStream(source, name)),
      digests: [],
      imageIds: [],
    },
  };
}

/** A source without a colon is a tag of the stream itself. */
function withStream(source: ImageSource, stream: string): ImageSource {
  const isOwnTag = source.kind === "ImageStreamTag" && !/[:@]/.test(source.name);
  return isOwnTag ? { ...source, name: `${stream}:${source.name}` } : source;
}
