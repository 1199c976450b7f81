import { isDeepStrictEqual } from "node:util";
import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import type { ImageStream } from "../okd/imageStream.js";
import type { StreamKey } from "../okd/streamName.js";
import { pick } from "../support/collections.js";
import type { Fields } from "../support/json.js";
import { nameInUrn } from "../support/text/spelling.js";
import type { DesiredStream } from "./args/desiredStream.js";
import type { StreamInputs } from "./args/schema.js";
import type { ResolvedTags } from "./outputs.js";
import { findClaim } from "./plan/claims.js";
import type { TriggersChanged } from "./plan/reimport.js";
import type { RecordedStream } from "./plan/streamWrite.js";

/** Every argument of the schema: outputs mirror all of them, under the same names, because secrets stay encrypted only there. */
const mirroredArguments = {
  namespace: true,
  name: true,
  source: true,
  tags: true,
  repository: true,
  scheduled: true,
  insecure: true,
  importMode: true,
  referencePolicy: true,
  mirror: true,
  labels: true,
  annotations: true,
  lookupLocal: true,
  insecureRepository: true,
  sourceRepository: true,
  reimport: true,
  pullSecret: true,
  pullSecretFrom: true,
  trackUpstream: true,
  adopt: true,
  onDestroy: true,
  deleteInUse: true,
  integratedRegistry: true,
  triggers: true,
  timeouts: true,
} as const satisfies Record<keyof StreamInputs, true>;

export interface StreamStateParts {
  readonly inputs: Fields;
  readonly desired: DesiredStream;
  readonly cluster: ClusterIdentity;
  readonly stream: ImageStream;
  readonly claim: string;
  readonly resolved: ResolvedTags;
  /** `lookupPolicy.local` before the program declared it; undefined while it does not. */
  readonly lookupBefore: boolean | undefined;
  /** Tags on the cluster that this resource may remove, whether still declared or not. */
  readonly owned: readonly string[];
  /** Pull secrets in the namespace that this resource keeps. */
  readonly ownedSecrets: readonly string[];
}

/** The outputs, field by field, so that nothing else reaches the state. */
export function streamOutputs(parts: StreamStateParts): Fields {
  const { inputs, desired, stream } = parts;
  return {
    ...mirrored(inputs),
    cluster: parts.cluster,
    claim: parts.claim,
    streamUid: stream.metadata.uid,
    createdStream: findClaim(stream, parts.claim)?.created ?? false,
    dockerImageRepository: stream.status?.dockerImageRepository ?? "",
    publicDockerImageRepository: stream.status?.publicDockerImageRepository ?? "",
    ...(parts.lookupBefore === undefined ? {} : { lookupBefore: parts.lookupBefore }),
    resolved: parts.resolved,
    owned: [...new Set([...desired.tags.map((tag) => tag.name), ...parts.owned])].sort(),
    ownedSecrets: parts.ownedSecrets,
  };
}

/** The arguments in inputs or outputs, without the rest. */
export function mirrored(bag: Fields): Fields {
  return pick(bag, Object.keys(mirroredArguments));
}

/** What the state says about the stream, for the planners. */
export function recordedStream(state: Fields, desired: DesiredStream | undefined): RecordedStream {
  return {
    uid: text(state.streamUid),
    claim: text(state.claim),
    owned: Array.isArray(state.owned) ? state.owned.map(text) : [],
    labels: desired?.labels ?? {},
    annotations: desired?.annotations ?? {},
    sourceRepository: desired?.sourceRepository,
    lookup: recordedLookup(state.lookupBefore, desired?.lookupLocal),
    tagAnnotations: Object.fromEntries((desired?.tags ?? []).map((tag) => [tag.name, tag.annotations])),
  };
}

function recordedLookup(before: unknown, declared: boolean | undefined): RecordedStream["lookup"] {
  return typeof before === "boolean" && declared !== undefined ? { before, declared } : undefined;
}

/** What `lookupPolicy.local` was before the program declared it: recorded once, and forgotten when it no longer does. */
export function lookupBefore(
  { lookupLocal }: DesiredStream,
  recorded: RecordedStream | undefined,
  found: ImageStream | undefined,
): boolean | undefined {
  if (lookupLocal === undefined) return undefined;
  return recorded?.lookup?.before ?? found?.spec.lookupPolicy?.local ?? false;
}

/** Names of the pull secrets that the last run kept; none in states of older versions. */
export function recordedSecrets(state: Fields | undefined): readonly string[] {
  return Array.isArray(state?.ownedSecrets) ? state.ownedSecrets.map(text) : [];
}

/** The arguments as a refresh shows them where the secret on the cluster is not what they declare. */
export function withoutPullSecret(bag: Fields): Fields {
  const { pullSecret: _, pullSecretFrom: __, ...others } = bag;
  return others;
}

/** The computed input or output; empty where nothing was resolved. */
export function recordedResolved(bag: Fields): ResolvedTags {
  const { resolved } = bag;
  return typeof resolved === "object" && resolved !== null ? (resolved as ResolvedTags) : {};
}

/**
 * The computed output without tags that the checked inputs could not know yet, because their pull secret had to be written
 * first.
 */
export function foreseenResolved(state: Fields, inputs: Fields, desired: DesiredStream): ResolvedTags {
  const foreseen = recordedResolved(inputs);
  const awaited = desired.tags.filter(({ name }) => !Object.hasOwn(foreseen, name));
  const others = Object.entries(recordedResolved(state)).filter(
    ([tag]) => !awaited.some(({ name }) => name === tag),
  );
  return Object.fromEntries(others);
}

/** Whether the program wants every tag imported again. */
export function triggersChanged(
  before: Fields,
  desired: DesiredStream,
  unknown: readonly (readonly unknown[])[] = [],
): TriggersChanged {
  if (unknown.some(([key]) => key === "triggers")) return "unknown";
  return !isDeepStrictEqual(before.triggers ?? [], desired.triggers);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Keeps what was chosen once: a rename of the resource or another kubeconfig context must not replace the stream. */
export function defaultInputs(inputs: Fields, oldInputs: Fields, urn: string): Fields {
  const namespace = inputs.namespace ?? oldInputs.namespace;
  return {
    name: inputs.name ?? oldInputs.name ?? nameInUrn(urn),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** Which stream a state is about. */
export function streamKey(state: Fields): StreamKey {
  const { namespace, name } = state;
  if (typeof namespace !== "string" || typeof name !== "string")
    throw new Error("the state names no image stream");
  return { namespace, name };
}

/** Tags of the last run that are still on the cluster. */
export function stillOwned(
  recorded: RecordedStream | undefined,
  removed: readonly string[],
): readonly string[] {
  return (recorded?.owned ?? []).filter((tag) => !removed.includes(tag));
}
