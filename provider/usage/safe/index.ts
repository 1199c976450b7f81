import { streamName } from "../../okd/streamName.js";
import { memoized } from "../../support/async/memoized.js";
import { addTo } from "../../support/collections.js";
import { anyTag } from "../customResources/specScope.js";
import { createMirrors, type Mirrors } from "../mirrors.js";
import type { InvalidReference } from "../oc/index.js";
import type { ReferenceKind } from "../oc/reading.js";
import type { ImageSource, Referrer } from "../referrer.js";
import {
  digestsInImageId,
  imagesNamedBy,
  imagesNamedBySource,
  mirroredTagsOf,
  type NamedImages,
  possibleTagsNamedBy,
  type TagName,
} from "./reading.js";

/** Who uses what, when every reference counts whatever host and path it names (facts/registries.md 1). */
export interface LiveUsage {
  /** By `tagKey`; users of what the tag points to now. */
  readonly usersOfTag: ReadonlyMap<string, readonly Referrer[]>;
  /** By the digest of a manifest or of a config. */
  readonly usersOfDigest: ReadonlyMap<string, readonly Referrer[]>;
  /** Digests that `imageID`s of containers may mean; they are among `usersOfDigest` too. */
  readonly imageIds: ReadonlySet<string>;
  readonly invalidReferences: readonly InvalidReference[];
}

interface LiveReference {
  readonly field: string;
  readonly target: ReferenceKind;
  readonly text: string;
  readonly named: NamedImages;
  /** Tags that its source and its mirrors name. */
  readonly mirrored: readonly TagName[];
}

interface PullSpecReader {
  readonly named: (text: string) => NamedImages;
  readonly mirrored: (text: string) => readonly TagName[];
}

export function tagKey(namespace: string, stream: string, tag: string): string {
  return `${namespace}/${stream}:${tag}`;
}

/** Pods that have ended count while they are young; a pod in any other phase, and any other object, always. */
export function isLive(referrer: Referrer, cutoffAt: number): boolean {
  if (referrer.kind !== "pod") return true;
  const hasEnded = referrer.phase === "Succeeded" || referrer.phase === "Failed";
  return !hasEnded || referrer.createdAt >= cutoffAt;
}

/** A stream and the tags that it has. */
export interface KnownTags {
  readonly namespace: string;
  readonly name: string;
  readonly tags: readonly string[];
}

/**
 * Where a short name that may be an image is looked for, when the object's own namespace has no such stream: the maker of
 * the object's pods decides where they run.
 */
export type ShortNames = "own namespace" | "any namespace";

/**
 * Reads everything that the referrers name. The caller decides which of them count: `isLive`. A possible pull spec counts for
 * streams that are `known`, and for all their tags if it names none; without known streams it counts as written, with the
 * tag `*`.
 */
export function createLiveUsage(
  referrers: Iterable<Referrer>,
  known?: Iterable<KnownTags>,
  mirrors: Mirrors = createMirrors([]),
  shortNames: ShortNames = "own namespace",
): LiveUsage {
  const usersOfTag = new Map<string, Referrer[]>();
  const usersOfDigest = new Map<string, Referrer[]>();
  const imageIds = new Set<string>();
  const invalidReferences: InvalidReference[] = [];
  const read = {
    named: memoized(imagesNamedBy),
    mirrored: memoized((text) => mirroredTagsOf(text, mirrors)),
  };
  const readPossible = memoized((spec) => [...possibleTagsNamedBy(spec), ...mirroredTagsOf(spec, mirrors)]);
  const keysOf = keysAmong(known, shortNames);
  const readImageId = memoized(digestsInImageId);
  for (const referrer of referrers) {
    for (const { named, mirrored, ...reference } of referencesOf(referrer, read)) {
      const { digests, tag: own, problem } = named;
      const tags = own === undefined ? mirrored : [own, ...mirrored];
      for (const digest of digests) addOnce(usersOfDigest, digest, referrer);
      for (const tag of tags) addOnce(usersOfTag, keyOfTag(tag, referrer.namespace), referrer);
      if (problem !== undefined) invalidReferences.push({ referrer, ...reference, problem });
    }
    for (const tag of (referrer.mentions?.possibleSpecs ?? []).flatMap(readPossible)) {
      for (const key of keysOf(tag, referrer.namespace)) addOnce(usersOfTag, key, referrer);
    }
    for (const digest of referrer.mentions?.digests ?? []) {
      addOnce(usersOfDigest, digest.toLowerCase(), referrer);
    }
    for (const digest of (referrer.mentions?.imageIds ?? []).flatMap(readImageId)) {
      imageIds.add(digest);
      addOnce(usersOfDigest, digest, referrer);
    }
  }
  return { usersOfTag, usersOfDigest, imageIds, invalidReferences };
}

function keyOfTag({ namespace, stream, tag }: TagName, own: string): string {
  return tagKey(namespace ?? own, stream, tag);
}

function keysAmong(
  known: Iterable<KnownTags> | undefined,
  shortNames: ShortNames,
): (tag: TagName, own: string) => readonly string[] {
  if (known === undefined) return (tag, own) => [keyOfTag(tag, own)];
  const streams = new Map<string, KnownTags>();
  const byName = new Map<string, KnownTags[]>();
  for (const stream of known) {
    streams.set(streamName(stream), stream);
    addTo(byName, stream.name, stream);
  }
  return ({ namespace, stream, tag }, own) => {
    const found = streams.get(`${namespace ?? own}/${stream}`);
    const isElsewhere = found === undefined && namespace === undefined && shortNames === "any namespace";
    const meant = found === undefined ? (isElsewhere ? (byName.get(stream) ?? []) : []) : [found];
    return meant.flatMap((each) =>
      (tag === anyTag ? each.tags : [tag]).map((meantTag) => tagKey(each.namespace, stream, meantTag)),
    );
  };
}

function* referencesOf(referrer: Referrer, read: PullSpecReader): Iterable<LiveReference> {
  yield* ownReferencesOf(referrer, read);
  if (referrer.mentions === undefined) return;
  for (const { field, text } of referrer.mentions.pullSpecs) yield fromPullSpec(field, text, read);
  for (const source of referrer.mentions.sources) yield fromSource(source, referrer.namespace, read);
}

function* ownReferencesOf(referrer: Referrer, read: PullSpecReader): Iterable<LiveReference> {
  switch (referrer.kind) {
    case "other":
      return;
    case "build":
    case "buildconfig":
      if (referrer.from !== undefined) yield fromSource(referrer.from, referrer.namespace, read);
      return;
    case "pod":
    case "replicationcontroller":
    case "deploymentconfig":
    case "replicaset":
    case "deployment":
    case "daemonset":
    case "statefulset":
    case "job":
    case "cronjob":
      for (const { role, name, image } of referrer.images) yield fromPullSpec(`${role} ${name}`, image, read);
  }
}

function fromPullSpec(field: string, text: string, read: PullSpecReader): LiveReference {
  return { field, target: "image", text, named: read.named(text), mirrored: read.mirrored(text) };
}

/** The text holds the namespace where the reference does, because it decides which streams may be meant. */
function fromSource(source: ImageSource, namespace: string, { mirrored }: PullSpecReader): LiveReference {
  const { kind, name } = source;
  return {
    field: "",
    target: kind === "ImageStreamTag" || kind === "ImageStreamImage" ? kind : "image",
    text: source.namespace === "" ? name : `${source.namespace}/${name}`,
    named: imagesNamedBySource(source, namespace),
    mirrored: kind === "DockerImage" ? mirrored(name) : [],
  };
}

/** Callers add all uses of one object in a row. */
function addOnce(users: Map<string, Referrer[]>, key: string, referrer: Referrer): void {
  if (users.get(key)?.at(-1) !== referrer) addTo(users, key, referrer);
}
