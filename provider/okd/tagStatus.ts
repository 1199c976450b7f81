import { qualifiedReference } from "../oci/names/pullReference.js";
import type { ImageStream, NamedTagEventList } from "./imageStream.js";

/** An image that a tag serves or has served. */
export interface TagRevision {
  /** Empty for what a reference tag names. */
  readonly digest: string;
  readonly pullSpec: string;
  /** When the tag came to serve it, RFC 3339. */
  readonly created: string;
  /** Generation of the tag that it was imported for. */
  readonly generation: number;
}

/** What the cluster says about the last import of a tag that failed. */
export interface TagCondition {
  /** Like `ImportSuccess`. */
  readonly type: string;
  /** `True`, `False` or `Unknown`. */
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly generation: number;
}

/** How a tag stands on the cluster. */
export interface TagStatus {
  /** Rises with each import that is asked for; absent for a tag that was pushed. */
  readonly generation?: number;
  /** When the tag came to serve its image, RFC 3339; absent without one. */
  readonly importedAt?: string;
  /** Newest first. */
  readonly history: readonly TagRevision[];
  /** None while the last import succeeded. */
  readonly conditions: readonly TagCondition[];
}

/** Undefined where the stream has no such tag. */
export function readTagStatus(stream: ImageStream, tag: string): TagStatus | undefined {
  const spec = stream.spec.tags?.find(({ name }) => name === tag);
  const status = stream.status?.tags?.find((each) => each.tag === tag);
  if (spec === undefined && status === undefined) return undefined;
  const history = revisions(status);
  const generation = spec?.generation ?? undefined;
  const importedAt = history[0]?.created;
  return {
    ...(generation === undefined ? {} : { generation }),
    ...(importedAt === undefined ? {} : { importedAt }),
    history,
    conditions: conditions(status),
  };
}

function revisions(status: NamedTagEventList | undefined): readonly TagRevision[] {
  return (status?.items ?? []).map(({ image, dockerImageReference, created, generation }) => ({
    digest: image,
    pullSpec: qualifiedReference(dockerImageReference),
    created,
    generation,
  }));
}

function conditions(status: NamedTagEventList | undefined): readonly TagCondition[] {
  return (status?.conditions ?? []).map(({ type, status: state, reason, message, generation }) => ({
    type,
    status: state,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    generation,
  }));
}
