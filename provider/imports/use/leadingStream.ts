import { parseReference } from "../../oci/names/reference.js";
import type { ContentPool } from "../../support/contentPool.js";
import type { ImageSource, Referrer } from "../../usage/referrer.js";
import { streamReferrer } from "../../usage/toReferrer.js";
import { toStreamFacts } from "../../usage/toStreamFacts.js";

export interface StreamName {
  readonly namespace: string;
  readonly name: string;
}

/** A stream, as far as its sources and items lead into other ones. */
export interface LeadingStream extends StreamName {
  readonly kind: "stream";
  readonly sources: readonly ImageSource[];
}

/** Reads a stream with its names: one for each stream that it leads into. */
export function readLeadingStream(
  object: unknown,
  pool: ContentPool,
): { readonly held: LeadingStream; readonly names: readonly string[] } {
  const stream = toStreamFacts(object, pool);
  const { namespace, name } = stream;
  const items = stream.tags.flatMap((tag) => tag.items);
  const sources = [
    ...stream.specTags.flatMap(({ from }) => from ?? []),
    ...items.map(({ pullSpec }): ImageSource => ({ kind: "DockerImage", namespace: "", name: pullSpec })),
  ];
  const own = leadName({ namespace, name });
  const leading = new Map(sources.map((source) => [pool.value(source), leadOf(source, namespace)] as const));
  for (const [source, lead] of leading) {
    if (lead === undefined || lead === own) leading.delete(source); // the stream itself is no user of it
  }
  const names = [...new Set(leading.values())].filter((lead) => lead !== undefined);
  return { held: { kind: "stream", namespace, name, sources: [...leading.keys()] }, names };
}

/** The stream as a user of another one: only what leads there counts. */
export function leadingReferrer({ namespace, name, sources }: LeadingStream, target: StreamName): Referrer {
  const wanted = leadName(target);
  return streamReferrer(
    { namespace, name },
    sources.filter((source) => leadOf(source, namespace) === wanted),
  );
}

/** No name of a tag or digest begins like that. */
export function leadName({ namespace, name }: StreamName): string {
  return `>${namespace}/${name}`;
}

/** Ignores the host, because it may be a route or a mirror; a digest in another stream is served from there. */
function leadOf(source: ImageSource, holder: string): string | undefined {
  if (source.kind !== "DockerImage") {
    const [name = ""] = source.name.split(/[:@]/);
    return leadName({ namespace: source.namespace === "" ? holder : source.namespace, name });
  }
  const parsed = parseReference(source.name.trim());
  if (!parsed.ok) return undefined;
  const path = `/${parsed.reference.namespace}/${parsed.reference.name}`.split("/");
  const [namespace = "", name = ""] = path.slice(-2);
  return leadName({ namespace, name });
}
