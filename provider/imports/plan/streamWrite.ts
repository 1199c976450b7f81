import { isDeepStrictEqual } from "node:util";
import type { ImageStream, TagReference } from "../../okd/imageStream.js";
import { streamName } from "../../okd/streamName.js";
import { own } from "../../support/collections.js";
import type { ErrorCode } from "../../support/imageError.js";
import { excerpt } from "../../support/text/excerpt.js";
import { byText } from "../../support/text/spelling.js";
import { checkedAnnotation, type PlacedStream } from "../args/desiredStream.js";
import { type Claim, claimOfTag, readClaims, releaseTags, withClaims } from "./claims.js";
import { mergeKeys, tagReference } from "./tag/definition.js";
import { specTag, tagEvents } from "./tag/state.js";

/** What an earlier run of the same resource left in the state. */
export interface RecordedStream {
  readonly uid: string;
  readonly claim: string;
  readonly owned: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly sourceRepository?: string | undefined;
  /** `lookupPolicy.local` as declared, and as it was before; undefined where that is not known. */
  readonly lookup?: { readonly declared: boolean; readonly before: boolean } | undefined;
  readonly tagAnnotations: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface StreamWriteRequest {
  /** As it is now; undefined when there is none. */
  readonly stream: ImageStream | undefined;
  readonly desired: PlacedStream;
  /** Undefined in a create. */
  readonly recorded: RecordedStream | undefined;
  /** ID of the claim to write. */
  readonly claim: string;
  /** Whose claim it is; see Claim.resource. */
  readonly claimant: string;
  /** Of permanent tags, by which they are written; without one a tag is written as declared. */
  readonly digests?: ReadonlyMap<string, string>;
  /** Tags that cannot be written yet, because what they name is not there: they are left as they are. */
  readonly deferred?: ReadonlySet<string>;
}

/** `unchanged`: the stream is as declared already. `refused`: the user has to decide. */
export type StreamWrite =
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: "create"; readonly stream: ImageStream }
  | { readonly kind: "replace"; readonly stream: ImageStream }
  | { readonly kind: "unchanged"; readonly stream: ImageStream };

/**
 * The one write that makes the stream's definition, its metadata and our claim as declared. It keeps tags and keys
 * that are not ours, and never writes the status: imports do that.
 */
export function planStreamWrite(request: StreamWriteRequest): StreamWrite {
  const { stream, desired } = request;
  if (stream === undefined) return { kind: "create", stream: newStream(request) };
  const refusal = refuse(request, stream);
  if (refusal !== undefined) return refusal;

  const recorded = recordedFor(request, stream);
  const metadata = {
    ...stream.metadata,
    labels: mergeKeys(stream.metadata.labels, desired.labels, recorded?.labels),
    annotations: withClaims(
      mergeKeys(stream.metadata.annotations, desired.annotations, recorded?.annotations),
      claimsAfter(request, stream),
    ),
  };
  const declared = new Set(desired.tags.map((tag) => tag.name));
  const kept = (stream.spec.tags ?? []).filter((tag) => !declared.has(tag.name));
  const written = desired.tags.flatMap((tag) => {
    const live = specTag(stream, tag.name);
    if (request.deferred?.has(tag.name) === true) return live === undefined ? [] : [live];
    return [tagReference(tag, live, own(recorded?.tagAnnotations, tag.name), request)];
  });
  const { dockerImageRepository, ...keptSpec } = stream.spec;
  const repository = repositoryAfter(dockerImageRepository, desired, recorded);
  const spec = {
    ...keptSpec,
    ...lookupAfter(stream.spec.lookupPolicy, desired.lookupLocal, recorded),
    ...(repository === undefined ? {} : { dockerImageRepository: repository }),
    tags: [...kept, ...written].sort((a, b) => byText(a.name, b.name)),
  };
  const isMoved = repository !== undefined && repository !== dockerImageRepository;
  const result = { ...stream, metadata: isMoved ? unchecked(metadata) : metadata, spec };
  return isSameDefinition(stream, result)
    ? { kind: "unchanged", stream }
    : { kind: "replace", stream: result };
}

/** Restores what was there before the program declared it, unless somebody has changed it since. */
export function lookupAfter(
  live: ImageStream["spec"]["lookupPolicy"],
  declared: boolean | undefined,
  recorded: Pick<RecordedStream, "lookup"> | undefined,
): Pick<ImageStream["spec"], "lookupPolicy"> {
  if (declared !== undefined) return { lookupPolicy: { local: declared } };
  const { lookup } = recorded ?? {};
  if (lookup !== undefined && lookup.declared === (live?.local ?? false))
    return { lookupPolicy: { local: lookup.before } };
  return live === undefined ? {} : { lookupPolicy: live };
}

/** Takes away what the last run declared, unless somebody has changed it since. */
function repositoryAfter(
  live: string | undefined,
  { sourceRepository }: PlacedStream,
  recorded: RecordedStream | undefined,
): string | undefined {
  if (sourceRepository !== undefined) return sourceRepository;
  return live === recorded?.sourceRepository ? undefined : live;
}

/** The cluster imports a repository only into a stream that it has not looked at (facts/importing.md 24). */
function unchecked<Metadata extends ImageStream["metadata"]>(metadata: Metadata): Metadata {
  const { [checkedAnnotation]: _, ...annotations } = metadata.annotations ?? {};
  return { ...metadata, annotations };
}

/** Ownership is void when the stream was deleted and created again by somebody else. */
function recordedFor(request: StreamWriteRequest, stream: ImageStream): RecordedStream | undefined {
  return request.recorded?.uid === stream.metadata.uid ? request.recorded : undefined;
}

function refuse(request: StreamWriteRequest, stream: ImageStream): StreamWrite | undefined {
  const { desired, claimant } = request;
  if (desired.adopt) return undefined;
  const recorded = recordedFor(request, stream);
  const others = readClaims(stream).filter(
    (claim) => claim.id !== request.claim && claim.resource !== claimant,
  );
  const where = streamName(desired);
  for (const { name } of desired.tags) {
    const owner = claimOfTag(others, name);
    if (owner !== undefined) {
      return {
        kind: "refused",
        code: recorded === undefined ? "STREAM_CLAIMED" : "CLAIM_LOST",
        message: `tags.${name}: the tag ${name} of image stream ${where} belongs to ${excerpt(owner.resource)}. If this is the same resource under a new name, give it aliases; to take the tag over, set adopt: true.`,
      };
    }
    const isOurs =
      recorded?.owned.includes(name) === true || claimOfTag(readClaims(stream), name) !== undefined;
    if (!isOurs && exists(stream, name)) {
      return {
        kind: "refused",
        code: "TAG_NOT_OWNED",
        message: `tags.${name}: image stream ${where} already has a tag ${name} that this resource did not create. Set adopt: true to take it over, or choose another name.`,
      };
    }
  }
  return undefined;
}

function exists(stream: ImageStream, tag: string): boolean {
  return specTag(stream, tag) !== undefined || tagEvents(stream, tag).length > 0;
}

function claimsAfter(request: StreamWriteRequest, stream: ImageStream): readonly Claim[] {
  const tags = request.desired.tags.map((tag) => tag.name);
  const before = readClaims(stream);
  const mine = before.find((claim) => claim.id === request.claim);
  const others = before.filter((claim) => claim.id !== request.claim);
  const takenOver = others.filter((claim) => claim.tags.some((tag) => tags.includes(tag)));
  const created = mine?.created === true || takenOver.some((claim) => claim.created);
  return [...releaseTags(others, tags), { id: request.claim, resource: request.claimant, tags, created }];
}

function newStream(request: StreamWriteRequest): ImageStream {
  const { desired, claim, claimant } = request;
  const tags = desired.tags.map((tag) => tag.name);
  return {
    metadata: {
      namespace: desired.namespace,
      name: desired.name,
      labels: desired.labels,
      annotations: withClaims(desired.annotations, [{ id: claim, resource: claimant, tags, created: true }]),
    },
    spec: {
      lookupPolicy: { local: desired.lookupLocal ?? false },
      ...(desired.sourceRepository === undefined ? {} : { dockerImageRepository: desired.sourceRepository }),
      tags: desired.tags
        .filter(({ name }) => request.deferred?.has(name) !== true)
        .map((tag) => tagReference(tag, undefined, undefined, request)),
    },
  };
}

function isSameDefinition(before: ImageStream, after: ImageStream): boolean {
  return (
    isDeepStrictEqual(before.metadata.labels ?? {}, after.metadata.labels ?? {}) &&
    isDeepStrictEqual(before.metadata.annotations ?? {}, after.metadata.annotations ?? {}) &&
    isDeepStrictEqual(
      before.spec.lookupPolicy ?? { local: false },
      after.spec.lookupPolicy ?? { local: false },
    ) &&
    before.spec.dockerImageRepository === after.spec.dockerImageRepository &&
    isDeepStrictEqual(comparableTags(before), comparableTags(after))
  );
}

function comparableTags(stream: ImageStream): ReadonlyMap<string, TagReference> {
  return new Map(
    (stream.spec.tags ?? []).map((tag) => [tag.name, { ...tag, annotations: tag.annotations ?? {} }]),
  );
}
