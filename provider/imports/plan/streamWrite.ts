import { isDeepStrictEqual } from "node:util";
import type { ImageStream, ObjectReference, TagImportPolicy, TagReference } from "../../okd/imageStream.js";
import { streamName } from "../../okd/streamName.js";
import { own } from "../../support/collections.js";
import type { ErrorCode } from "../../support/imageError.js";
import { excerpt } from "../../support/text/excerpt.js";
import { byText } from "../../support/text/spelling.js";
import type { DesiredTag, ImageTag, PlacedStream } from "../args/desiredStream.js";
import { type Claim, claimOfTag, readClaims, releaseTags, withClaims } from "./claims.js";
import { prefersAnotherPlatform } from "./tag/preferredPlatform.js";
import { followedTag, respelledAlias, tagSource } from "./tag/source.js";
import { specTag, statusTag } from "./tag/state.js";

/** What an earlier run of the same resource left in the state. */
export interface RecordedStream {
  readonly uid: string;
  readonly claim: string;
  readonly owned: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
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
  const spec = {
    ...stream.spec,
    ...(desired.lookupLocal === undefined ? {} : { lookupPolicy: { local: desired.lookupLocal } }),
    tags: [...kept, ...written].sort((a, b) => byText(a.name, b.name)),
  };
  const result = { ...stream, metadata, spec };
  return isSameDefinition(stream, result)
    ? { kind: "unchanged", stream }
    : { kind: "replace", stream: result };
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
  return specTag(stream, tag) !== undefined || (statusTag(stream, tag)?.items ?? []).length > 0;
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
      tags: desired.tags
        .filter(({ name }) => request.deferred?.has(name) !== true)
        .map((tag) => tagReference(tag, undefined, undefined, request)),
    },
  };
}

/** Sets our keys, and removes those that we no longer declare, unless somebody changed them since. */
export function mergeKeys(
  live: Readonly<Record<string, string>> | null | undefined,
  declared: Readonly<Record<string, string>>,
  recorded: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const kept = Object.entries(live ?? {}).filter(
    ([key, value]) => own(recorded, key) !== value || Object.hasOwn(declared, key),
  );
  return { ...Object.fromEntries(kept), ...declared };
}

function tagReference(
  tag: DesiredTag,
  live: TagReference | undefined,
  recordedAnnotations: Readonly<Record<string, string>> | undefined,
  request: StreamWriteRequest,
): TagReference {
  const { reference, ...rest } = live ?? { name: tag.name };
  const isImport = tag.kind === "image";
  return {
    ...rest,
    annotations: mergeKeys(live?.annotations, tag.annotations, recordedAnnotations),
    from: sourceOf(tag, live, request),
    importPolicy: isImport ? importPolicy(tag, live) : keptMode(live),
    referencePolicy: { type: tag.referencePolicy },
    ...(tag.kind === "reference" || ("reference" in tag && tag.reference) ? { reference: true } : {}),
    // Asks for a new import, which a changed annotation alone does not (facts/image-streams.md 13).
    ...(live !== undefined && isImport && prefersAnotherPlatform(tag, live) ? { generation: 0 } : {}),
  };
}

/** An alias keeps the spelling that it has, unless the server has to be told again what it follows. */
function sourceOf(
  tag: DesiredTag,
  live: TagReference | undefined,
  { desired, stream, digests }: StreamWriteRequest,
): ObjectReference {
  const declared = tagSource(tag, desired, digests?.get(tag.name));
  if (tag.kind !== "alias" || live?.from === undefined || followedTag(live, desired) !== tag.alias)
    return declared;
  const [target] = statusTag(stream, tag.alias)?.items ?? [];
  const [latest] = statusTag(stream, tag.name)?.items ?? [];
  const isStale = target !== undefined && target.image !== latest?.image;
  return isStale ? respelledAlias(live, tag.alias, desired) : live.from;
}

/** Nothing is imported for other kinds of tags, and the server refuses to schedule them (facts/image-streams.md 23). */
function keptMode(live: TagReference | undefined): TagImportPolicy {
  const importMode = live?.importPolicy?.importMode;
  return importMode === undefined ? {} : { importMode };
}

/** The policy that both spec.tags and the import carry: a storing import overwrites it (facts/importing.md 4). */
export function importPolicy(tag: ImageTag, live: TagReference | undefined): TagImportPolicy {
  const importMode = tag.importMode ?? live?.importPolicy?.importMode;
  return {
    ...(tag.insecure ? { insecure: true } : {}),
    ...(tag.scheduled ? { scheduled: true } : {}),
    ...(importMode === undefined ? {} : { importMode }),
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
    isDeepStrictEqual(comparableTags(before), comparableTags(after))
  );
}

function comparableTags(stream: ImageStream): ReadonlyMap<string, TagReference> {
  return new Map(
    (stream.spec.tags ?? []).map((tag) => [tag.name, { ...tag, annotations: tag.annotations ?? {} }]),
  );
}
