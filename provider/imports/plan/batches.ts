import { byKey } from "../../support/text/spelling.js";
import type { ImageTag } from "../args/desiredStream.js";
import { hostOf } from "../failure/pullSecretMatch.js";

/**
 * The server throttles each request to two images a second after a burst of three (facts/importing.md 16):
 * more images a request wait, more requests do not.
 */
const imagesPerRequest = 3;

/**
 * Tags in requests of at most three. One registry a request, so that credentials that fail for one do not spoil
 * another (facts/importing.md 2); never two values of `insecure` for one repository, because the first would win for both
 * (facts/importing.md 8). Deterministic: sorted by host, then by tag.
 */
export function importBatches(tags: readonly ImageTag[]): readonly (readonly ImageTag[])[] {
  const groups = new Map<string, ImageTag[]>();
  for (const tag of tags) {
    const key = `${hostOf(tag.image)} ${tag.insecure}`;
    groups.set(key, [...(groups.get(key) ?? []), tag]);
  }
  return [...groups.entries()].sort(byKey).flatMap(([, group]) => chunks(group));
}

function chunks(tags: readonly ImageTag[]): readonly (readonly ImageTag[])[] {
  const count = Math.ceil(tags.length / imagesPerRequest);
  return Array.from({ length: count }, (_, index) =>
    tags.slice(index * imagesPerRequest, (index + 1) * imagesPerRequest),
  );
}
