import { type ContentPool, createContentPool } from "../support/contentPool.js";
import { instantAt, listAt, objectAt, textAt, valueAt } from "../support/json.js";
import { sourceOf } from "./mentions.js";
import type { Place } from "./place.js";
import type { StreamFacts, SpecTag, TagHistory } from "./streamFacts.js";

/** What a stream uses: the sources of its tags, and what kept items are pulled from. */
export const streamPlaces: readonly Place[] = [
  { path: ["spec", "tags[]", "from"], content: "object reference", readByOc: false },
  { path: ["status", "tags[]", "items[]", "dockerImageReference"], content: "pull spec", readByOc: false },
];

/** Reduces an ImageStream, as the API server writes it, to what decides. */
export function toStreamFacts(stream: unknown, pool: ContentPool = createContentPool()): StreamFacts {
  const metadata = objectAt(stream, "metadata");
  return {
    namespace: pool.text(textAt(metadata, "namespace")),
    name: textAt(metadata, "name"),
    createdAt: instantAt(metadata, "creationTimestamp"),
    labels: pool.value(labelsOf(metadata)),
    resourceVersion: textAt(metadata, "resourceVersion"),
    specTags: listAt(stream, "spec", "tags").map((tag) => specTagOf(tag, pool)),
    tags: listAt(stream, "status", "tags").map((tag) => historyOf(tag, pool)),
  };
}

function labelsOf(metadata: unknown): Readonly<Record<string, string>> {
  const labels = Object.entries(objectAt(metadata, "labels"));
  return Object.fromEntries(
    labels.filter((label): label is [string, string] => typeof label[1] === "string"),
  );
}

function specTagOf(tag: unknown, pool: ContentPool): SpecTag {
  const from = sourceOf(valueAt(tag, "from"));
  return {
    name: pool.text(textAt(tag, "name")),
    from: from === undefined ? undefined : pool.value(from),
    isReference: valueAt(tag, "reference") === true,
  };
}

function historyOf(tag: unknown, pool: ContentPool): TagHistory {
  return {
    tag: pool.text(textAt(tag, "tag")),
    items: listAt(tag, "items").map((item) => ({
      digest: pool.text(textAt(item, "image")),
      createdAt: instantAt(item, "created"),
      pullSpec: pool.text(textAt(item, "dockerImageReference")),
    })),
  };
}
