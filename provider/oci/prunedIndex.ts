import { listAt, textAt, valueAt } from "../support/json.js";
import type { StoredDocument } from "./content.js";
import { parseObject } from "./manifest.js";
import { digestOf } from "./verify.js";

/**
 * An index of these manifests alone, in this order, nested ones lifted to the top: a new document with a digest of its
 * own, which is the same wherever and whenever it is made. Each manifest is described in the words of the original.
 */
export function prunedIndex(indexes: readonly StoredDocument[], digests: readonly string[]): StoredDocument {
  const bodies = indexes.map(({ bytes }) => parseObject(bytes));
  const described = new Map<string, unknown>();
  for (const entry of bodies.flatMap((body) => listAt(body, "manifests"))) {
    const digest = textAt(entry, "digest");
    if (!described.has(digest)) described.set(digest, entry);
  }
  const mediaType = indexes[0]?.descriptor.mediaType ?? "application/vnd.oci.image.index.v1+json";
  const annotations = valueAt(bodies[0], "annotations");
  const manifests = digests.map((digest) => described.get(digest));
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    manifests,
    ...(annotations === undefined ? {} : { annotations }),
  });
  const bytes = Buffer.from(text);
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
