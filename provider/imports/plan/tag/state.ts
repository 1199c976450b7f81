import type { ImageStream, NamedTagEventList, TagEvent, TagReference } from "../../../okd/imageStream.js";

/**
 * How far the import of a tag has come (facts/image-streams.md 14).
 * `digest` is what the tag serves now; a failed import leaves the last good image in place.
 */
export type TagState =
  | { readonly kind: "absent" }
  | { readonly kind: "imported"; readonly digest: string; readonly reference: string }
  | {
      readonly kind: "failed";
      readonly reason: string;
      readonly message: string;
      readonly digest: string | undefined;
    }
  | { readonly kind: "pending"; readonly digest: string | undefined };

export function specTag(stream: ImageStream | undefined, tag: string): TagReference | undefined {
  return stream?.spec.tags?.find((entry) => entry.name === tag);
}

export function statusTag(stream: ImageStream | undefined, tag: string): NamedTagEventList | undefined {
  return stream?.status?.tags?.find((entry) => entry.tag === tag);
}

/** The history of a tag, newest first; empty where it has none. */
export function tagEvents(stream: ImageStream | undefined, tag: string): readonly TagEvent[] {
  return statusTag(stream, tag)?.items ?? [];
}

/** The histories of all tags. */
export function allEvents(stream: ImageStream | undefined): readonly TagEvent[] {
  return (stream?.status?.tags ?? []).flatMap(({ items }) => items ?? []);
}

/** Whether an alias serves something else than the tag that it follows. */
export function isStaleAlias(alias: string, target: string, stream: ImageStream | undefined): boolean {
  const [wanted] = tagEvents(stream, target);
  const [served] = tagEvents(stream, alias);
  return wanted !== undefined && wanted.image !== served?.image;
}

/** Tags with a definition or a history, sorted. */
export function tagNames(stream: ImageStream): readonly string[] {
  const spec = (stream.spec.tags ?? []).map((tag) => tag.name);
  const status = (stream.status?.tags ?? []).map((tag) => tag.tag);
  return [...new Set([...spec, ...status])].sort();
}

/** A failure counts only for the generation that the definition has now; one of an older definition is history. */
export function tagState(stream: ImageStream | undefined, tag: string): TagState {
  const spec = specTag(stream, tag);
  const status = statusTag(stream, tag);
  const latest = status?.items?.[0];
  const digest = latest?.image === "" ? undefined : latest?.image;
  if (spec === undefined) return { kind: "absent" };

  const generation = spec.generation ?? 0;
  const failure = status?.conditions?.find(
    (condition) =>
      condition.type === "ImportSuccess" &&
      condition.status === "False" &&
      condition.generation >= generation,
  );
  if (failure !== undefined) {
    return { kind: "failed", reason: failure.reason ?? "Unknown", message: failure.message ?? "", digest };
  }
  if (latest === undefined || digest === undefined || latest.generation < generation)
    return { kind: "pending", digest };
  return { kind: "imported", digest, reference: latest.dockerImageReference };
}
