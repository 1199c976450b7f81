import { parseReference } from "../../../provider/oci/names/reference.js";
import type { SafePolicy } from "../../../provider/prune/args/policy.js";
import type { ClusterSnapshot } from "../../../provider/prune/snapshot.js";
import type { MirrorRule } from "../../../provider/usage/mirrors.js";
import {
  describeReferrer,
  type ImageSource,
  type PodReferrer,
  type Referrer,
} from "../../../provider/usage/referrer.js";
import type { SpecTag, StreamFacts } from "../../../provider/usage/streamFacts.js";
import { throughMirrors } from "./mirrors.js";
import { repositoryOf } from "./registry.js";

/** Something that must still work after a prune, and who relies on it. */
export type LiveReference = { readonly by: string } & (
  | { readonly kind: "digest"; readonly digest: string }
  /** Any Image with this config may be the one that runs; hexadecimal digits only. */
  | { readonly kind: "config"; readonly hex: string }
  /** `namespace/name` and the tag. */
  | { readonly kind: "tag"; readonly repository: string; readonly tag: string }
  /** An invalid reference might mean anything here: nothing may be lost. */
  | { readonly kind: "stream"; readonly repository: string }
);

/** All that counts whatever the plan: objects, sources of spec tags, digests that the policy names. */
export function liveReferences(snapshot: ClusterSnapshot, policy: SafePolicy): readonly LiveReference[] {
  const counting = snapshot.referrers.filter((referrer) => counts(referrer, snapshot.takenAt, policy));
  return [
    ...counting.flatMap((referrer) => referencesOf(referrer, snapshot)),
    ...(policy.invalidRefs === "wildcard"
      ? counting.flatMap((referrer) => wildcardsOf(referrer, snapshot))
      : []),
    ...snapshot.streams.flatMap((stream) =>
      stream.specTags.flatMap((tag) => specTagReferences(stream, tag, snapshot.mirrors ?? [])),
    ),
    ...policy.keep.digests.map((digest) => ({ kind: "digest" as const, digest, by: "keep.digests" })),
  ];
}

/**
 * What items refer to that point at another stream of the cluster (facts/pruning.md 37), by themselves or through a mirror; for
 * the state after a plan.
 */
export function itemReferences(
  streams: readonly StreamFacts[],
  mirrors: readonly MirrorRule[] = [],
): readonly LiveReference[] {
  const repositories = new Set(streams.map(repositoryOf));
  return streams.flatMap((stream) =>
    stream.tags.flatMap(({ tag, items }) =>
      items.flatMap(({ pullSpec }) => {
        const by = `item of ${repositoryOf(stream)}:${tag}`;
        const mirrored = mirroredIn(pullSpec, mirrors, by);
        const target = parseReference(pullSpec);
        if (!target.ok) return mirrored;
        const named = `${target.reference.namespace}/${target.reference.name}`;
        if (named === repositoryOf(stream) || !repositories.has(named)) return mirrored;
        return [...mirrored, ...inText(pullSpec, stream.namespace, by)];
      }),
    ),
  );
}

/** Pods that have ended count unless they are older than what is kept; over the size limit all of them (facts/pruning.md 6). */
function counts(referrer: Referrer, takenAt: number, { retention }: SafePolicy): boolean {
  if (referrer.kind !== "pod") return true;
  const mayStillRun: readonly PodReferrer["phase"][] = ["Running", "Pending", "Unknown"];
  if (mayStillRun.includes(referrer.phase) || retention.kind === "over-size-limit") return true;
  return referrer.createdAt >= takenAt - retention.keepYoungerThanSeconds * 1000;
}

function referencesOf(
  referrer: Referrer,
  { streams, mirrors = [] }: ClusterSnapshot,
): readonly LiveReference[] {
  const by = describeReferrer(referrer);
  const { namespace, mentions } = referrer;
  const possible = mentions?.possibleSpecs ?? [];
  return [
    ...textsOf(referrer).flatMap((text) => [
      ...inText(text, namespace, by),
      ...mirroredIn(text, mirrors, by),
    ]),
    ...sourcesOf(referrer).flatMap((source) => [
      ...inSource(source, namespace, by),
      ...(source.kind === "DockerImage" ? mirroredIn(source.name, mirrors, by) : []),
    ]),
    ...possible.flatMap((spec) => [
      ...possiblyIn(spec, namespace, by, streams),
      ...mirroredIn(spec, mirrors, by),
    ]),
    ...(mentions?.digests ?? []).map((digest) => ({ kind: "digest" as const, digest, by })),
    ...(mentions?.imageIds ?? []).flatMap((id) => inImageId(id, by)),
  ];
}

function mirroredIn(text: string, mirrors: readonly MirrorRule[], by: string): readonly LiveReference[] {
  return throughMirrors(text, mirrors).map((tag) => ({ kind: "tag", ...tag, by }));
}

/** The end of the path, whatever stands before it; every tag of the stream if it names none. */
function possiblyIn(
  spec: string,
  holder: string,
  by: string,
  streams: readonly StreamFacts[],
): readonly LiveReference[] {
  const [, path = "", tag = ""] = /^(.*):([^:/]+)$/.exec(spec) ?? [];
  const parts = path.split("/");
  const repository = `${parts.at(-2) ?? holder}/${parts.at(-1) ?? ""}`;
  const tags = streams
    .filter((stream) => repositoryOf(stream) === repository)
    .flatMap((stream) => stream.tags);
  return tags
    .filter((each) => tag === "*" || each.tag === tag)
    .map((each) => ({ kind: "tag", repository, tag: each.tag, by }));
}

function textsOf(referrer: Referrer): readonly string[] {
  const containers = "images" in referrer ? referrer.images.map(({ image }) => image) : [];
  return [...containers, ...(referrer.mentions?.pullSpecs ?? []).map(({ text }) => text)];
}

function sourcesOf(referrer: Referrer): readonly ImageSource[] {
  const strategy =
    (referrer.kind === "build" || referrer.kind === "buildconfig") && referrer.from !== undefined
      ? [referrer.from]
      : [];
  return [...strategy, ...(referrer.mentions?.sources ?? [])];
}

/** Any digest in it, whatever stands around (facts/pruning.md 34); else the tag of a stream, whatever the host. */
function inText(text: string, namespace: string, by: string): readonly LiveReference[] {
  const digests = digestsIn(text);
  if (digests.length > 0) return digests.map((digest) => ({ kind: "digest", digest, by }));
  const parsed = parseReference(text.trim());
  if (!parsed.ok) return [];
  const { registry, namespace: path, name, tag } = parsed.reference;
  const isShort = registry === "" && path === "" && name !== "";
  const isFull = registry !== "" && path !== "" && !name.includes("/");
  if (!isShort && !isFull) return [];
  const repository = `${isShort ? namespace : path}/${name}`;
  return [{ kind: "tag", repository, tag: tag === "" ? "latest" : tag, by }];
}

function inSource(source: ImageSource, holder: string, by: string): readonly LiveReference[] {
  if (source.kind === "DockerImage" || digestsIn(source.name).length > 0)
    return inText(source.name, holder, by);
  const namespace = source.namespace === "" ? holder : source.namespace;
  const [stream = "", tag = "", ...rest] = source.name.split(":");
  if (source.kind !== "ImageStreamTag" || tag === "" || rest.length > 0) return [];
  return [{ kind: "tag", repository: `${namespace}/${stream}`, tag, by }];
}

/** An alias may name a tag of its own stream without the stream (facts/image-streams.md 16). */
function specTagReferences(
  stream: StreamFacts,
  { name, from }: SpecTag,
  mirrors: readonly MirrorRule[],
): readonly LiveReference[] {
  const by = `spec tag ${repositoryOf(stream)}:${name}`;
  if (from === undefined) return [];
  const isOwnTag = from.kind === "ImageStreamTag" && !from.name.includes(":");
  if (isOwnTag) return [{ kind: "tag", repository: repositoryOf(stream), tag: from.name, by }];
  const mirrored = from.kind === "DockerImage" ? mirroredIn(from.name, mirrors, by) : [];
  return [...mirrored, ...inSource(from, stream.namespace, by)];
}

function digestsIn(text: string): readonly string[] {
  return text.match(/sha256:[0-9a-f]{64}(?![0-9a-f])/g) ?? [];
}

/** A manifest's digest or a config's ID, with or without `sha256:`, perhaps behind a pull spec (facts/pruning.md 35). */
function inImageId(id: string, by: string): readonly LiveReference[] {
  return (id.match(/[0-9a-f]{64}/g) ?? []).flatMap((hex) => [
    { kind: "digest", digest: `sha256:${hex}`, by },
    { kind: "config", hex, by },
  ]);
}

/** `invalidRefs: "wildcard"`: everything in the object's namespace, and every stream that its text contains. */
function wildcardsOf(referrer: Referrer, { streams }: ClusterSnapshot): readonly LiveReference[] {
  const invalid = invalidTexts(referrer);
  if (invalid.length === 0) return [];
  const by = `invalid reference of ${describeReferrer(referrer)}`;
  return streams
    .filter(
      (stream) =>
        stream.namespace === referrer.namespace ||
        invalid.some((text) => text.includes(repositoryOf(stream))),
    )
    .map((stream) => ({ kind: "stream", repository: repositoryOf(stream), by }));
}

/** Texts that are meant to be references and cannot be read, blanks around them aside. */
function invalidTexts(referrer: Referrer): readonly string[] {
  const isInvalid = (text: string) => text.trim() !== "" && !parseReference(text.trim()).ok;
  const sources = sourcesOf(referrer).filter(({ kind, name }) => {
    if (kind === "DockerImage") return isInvalid(name);
    if (kind === "ImageStreamTag") return name.split(":").length !== 2 || name.includes("@");
    return kind === "ImageStreamImage" && name.split("@").length !== 2;
  });
  return [...textsOf(referrer).filter(isInvalid), ...sources.map(({ name }) => name)];
}
