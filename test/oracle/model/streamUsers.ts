import { parseReference } from "../../../provider/oci/names/reference.js";
import { createContentPool } from "../../../provider/support/contentPool.js";
import { textAt } from "../../../provider/support/json.js";
import { findUsers, type VanishingImages } from "../../../provider/usage/findUsers.js";
import { type ReferrerKind, referrerKinds, streamResource } from "../../../provider/usage/kinds.js";
import { describeReferrer, type ImageSource, type Referrer } from "../../../provider/usage/referrer.js";
import { isLive } from "../../../provider/usage/safe/index.js";
import { streamReferrer } from "../../../provider/usage/toReferrer.js";
import { toStreamFacts } from "../../../provider/usage/toStreamFacts.js";

/** Objects as the server writes them, by the plural of their kind. */
export type ListedObjects = Readonly<Record<string, readonly unknown[]>>;

/**
 * Who uses images of a stream, by reading every object anew for every question. Slow, and without an index that could
 * miss something: what the provider answers from its index must be the same.
 */
export function scanForUsers(objects: ListedObjects, vanishing: VanishingImages): readonly string[] {
  const kinds = [...referrerKinds, streamKind(vanishing)];
  const found = kinds.flatMap(({ resource, project }) =>
    findUsers(liveReferrers(objects[resource.resource] ?? [], project), vanishing),
  );
  return [...new Set(found.map(({ referrer }) => describeReferrer(referrer)))].sort();
}

/** Objects that are being deleted, and pods that have ended, pull nothing any more. */
function liveReferrers(page: readonly unknown[], project: ReferrerKind["project"]): readonly Referrer[] {
  const pool = createContentPool();
  return page
    .filter((object) => textAt(object, "metadata", "deletionTimestamp") === "")
    .map((object) => project(object, pool))
    .filter((referrer) => isLive(referrer, Infinity));
}

/** Other streams, as far as their sources and items lead into this one. */
function streamKind({ namespace, name }: VanishingImages): Pick<ReferrerKind, "resource" | "project"> {
  return {
    resource: streamResource,
    project(object, pool) {
      const stream = toStreamFacts(object, pool);
      const isItself = stream.namespace === namespace && stream.name === name;
      const items = stream.tags.flatMap((tag) => tag.items);
      const sources = [
        ...stream.specTags.flatMap(({ from }) => from ?? []),
        ...items.map(({ pullSpec }): ImageSource => ({ kind: "DockerImage", namespace: "", name: pullSpec })),
      ];
      const leading = sources.filter((source) => leadsTo(source, stream.namespace, { namespace, name }));
      return streamReferrer(stream, isItself ? [] : leading);
    },
  };
}

/** Ignores the host, because it may be a route or a mirror; a digest in another stream is served from there. */
function leadsTo(
  source: ImageSource,
  holder: string,
  { namespace, name }: Pick<VanishingImages, "namespace" | "name">,
): boolean {
  if (source.kind !== "DockerImage") {
    const [stream] = source.name.split(/[:@]/);
    return stream === name && (source.namespace === "" ? holder : source.namespace) === namespace;
  }
  const parsed = parseReference(source.name.trim());
  return (
    parsed.ok && `/${parsed.reference.namespace}/${parsed.reference.name}`.endsWith(`/${namespace}/${name}`)
  );
}
