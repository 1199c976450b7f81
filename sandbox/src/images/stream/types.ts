import { type KubeObject, type ObjectMeta, without } from "../../kube/model/object.js";

export const imageGroup = "image.openshift.io";

export interface ObjectReference {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

export interface ImportPolicy {
  readonly insecure?: boolean;
  readonly scheduled?: boolean;
  readonly importMode?: string;
}

export interface TagReference {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>> | null;
  readonly from?: ObjectReference;
  readonly reference?: boolean;
  readonly generation: number | null;
  readonly importPolicy: ImportPolicy;
  readonly referencePolicy: { readonly type: string };
}

export interface TagEvent {
  readonly created: string;
  readonly dockerImageReference: string;
  /** Digest; empty for a tag that only refers to an image. */
  readonly image: string;
  readonly generation: number;
}

export interface TagCondition {
  readonly type: "ImportSuccess";
  readonly status: "True" | "False";
  readonly lastTransitionTime: string;
  readonly reason?: string;
  readonly message?: string;
  readonly generation: number;
}

/** History of one tag, newest first. */
export interface TagHistory {
  readonly tag: string;
  readonly items: readonly TagEvent[] | null;
  readonly conditions?: readonly TagCondition[];
}

export interface StreamSpec {
  readonly lookupPolicy: { readonly local: boolean };
  readonly dockerImageRepository?: string;
  readonly tags?: readonly TagReference[];
}

export interface StreamStatus {
  readonly dockerImageRepository: string;
  readonly publicDockerImageRepository?: string;
  readonly tags?: readonly TagHistory[];
}

export interface ImageStream extends KubeObject {
  readonly spec: StreamSpec;
  readonly status: StreamStatus;
}

export interface ImageLayer {
  readonly name: string;
  readonly size: number;
  readonly mediaType: string;
}

export interface ChildManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly manifestSize: number;
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
}

export interface Image extends KubeObject {
  readonly metadata: ObjectMeta;
  readonly dockerImageReference: string;
  readonly dockerImageMetadata?: unknown;
  readonly dockerImageMetadataVersion?: string;
  readonly dockerImageManifest?: string;
  readonly dockerImageConfig?: string;
  readonly dockerImageLayers?: readonly ImageLayer[];
  readonly dockerImageManifestMediaType?: string;
  readonly dockerImageManifests?: readonly ChildManifest[];
}

export function specTag(stream: ImageStream, tag: string): TagReference | undefined {
  return stream.spec.tags?.find((reference) => reference.name === tag);
}

export function tagHistory(stream: ImageStream, tag: string): TagHistory | undefined {
  return stream.status.tags?.find((history) => history.tag === tag);
}

export function latestEvent(stream: ImageStream, tag: string): TagEvent | undefined {
  return tagHistory(stream, tag)?.items?.[0];
}

/** Tags are kept in a map by the server: sorted by name, the last of two with one name wins. */
export function withSpecTags(stream: ImageStream, tags: readonly TagReference[]): ImageStream {
  const byName = new Map(tags.map((reference) => [reference.name, reference]));
  const spec = without(stream.spec, "tags");
  const sorted = [...byName.keys()].sort().flatMap((name) => byName.get(name) ?? []);
  return { ...stream, spec: sorted.length === 0 ? spec : { ...spec, tags: sorted } };
}

export function withSpecTag(stream: ImageStream, reference: TagReference): ImageStream {
  return withSpecTags(stream, [...(stream.spec.tags ?? []), reference]);
}

export function withHistories(stream: ImageStream, histories: readonly TagHistory[]): ImageStream {
  const byTag = new Map(histories.map((history) => [history.tag, history]));
  const status = without(stream.status, "tags");
  const sorted = [...byTag.keys()].sort().flatMap((tag) => byTag.get(tag) ?? []);
  return { ...stream, status: sorted.length === 0 ? status : { ...status, tags: sorted } };
}

export function withHistory(stream: ImageStream, history: TagHistory): ImageStream {
  return withHistories(stream, [...(stream.status.tags ?? []), history]);
}
