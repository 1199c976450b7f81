import { memoized } from "../../support/async/memoized.js";
import { addTo } from "../../support/collections.js";
import { describeReferrer, type Referrer } from "../referrer.js";
import { quoteLikeGo } from "./quoteLikeGo.js";
import { type ImageUse, readImageSource, readPullSpec, type ReadUse, type ReferenceKind } from "./reading.js";

/** A reference that cannot be read: which object, which field of it, and what is wrong. */
export interface InvalidReference {
  readonly referrer: Referrer;
  /** `init container setup`, `container app`; empty for the source of a build. */
  readonly field: string;
  readonly target: ReferenceKind;
  readonly text: string;
  readonly problem: string;
}

/** Who uses what. */
export interface UsageIndex {
  /** Users of the tag's current image; a tag says nothing about older revisions. */
  usersOfTag(namespace: string, stream: string, tag: string): readonly Referrer[];
  /** Users of the digest in that stream; the same digest in another stream is another question. */
  usersOfDigest(namespace: string, stream: string, digest: string): readonly Referrer[];
  /** In the order in which the referrers were given. */
  readonly invalidReferences: readonly InvalidReference[];
}

interface FoundReference {
  readonly field: string;
  readonly use: ReadUse;
}

/** Reads every reference of the referrers as `oc` does (facts/pruning.md 8, 9). */
export function createUsageIndex(referrers: Iterable<Referrer>): UsageIndex {
  const usersByUse = new Map<string, Referrer[]>();
  const invalidReferences: InvalidReference[] = [];
  const read = memoized(readPullSpec); // pods of one workload name the same images
  for (const referrer of referrers) {
    for (const { field, use } of referencesOf(referrer, read)) {
      switch (use.kind) {
        case "none":
          break;
        case "invalid":
          invalidReferences.push({
            referrer,
            field,
            target: use.target,
            text: use.text,
            problem: use.problem,
          });
          break;
        case "tag":
        case "digest":
          addTo(usersByUse, keyOf(use), referrer);
          break;
      }
    }
  }
  const usersOf = (use: ImageUse) => usersByUse.get(keyOf(use)) ?? [];
  return {
    usersOfTag: (namespace, stream, tag) => usersOf({ kind: "tag", namespace, stream, tag }),
    usersOfDigest: (namespace, stream, digest) => usersOf({ kind: "digest", namespace, stream, digest }),
    invalidReferences,
  };
}

function referencesOf(referrer: Referrer, read: (text: string) => ReadUse): readonly FoundReference[] {
  switch (referrer.kind) {
    case "other":
      return [];
    case "build":
    case "buildconfig":
      return referrer.from === undefined
        ? []
        : [{ field: "", use: readImageSource(referrer.from, referrer.namespace) }];
    case "pod":
    case "replicationcontroller":
    case "deploymentconfig":
    case "replicaset":
    case "deployment":
    case "daemonset":
    case "statefulset":
    case "job":
    case "cronjob":
      return referrer.images.map(({ role, name, image }) => ({ field: `${role} ${name}`, use: read(image) }));
  }
}

/** The invalid reference as `oc` words it. */
export function describeInvalidReference(invalid: InvalidReference): string {
  const { referrer, field, target, text, problem } = invalid;
  const where = [describeReferrer(referrer), field].filter((part) => part !== "").join(": ");
  return `${where}: invalid ${target} reference ${quoteLikeGo(text)}: ${problem}`;
}

function keyOf(use: ImageUse): string {
  switch (use.kind) {
    case "tag":
      return `${use.namespace}/${use.stream}:${use.tag}`;
    case "digest":
      return `${use.namespace}/${use.stream}@${use.digest}`;
  }
}
