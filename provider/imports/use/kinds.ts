import type { ApiResource } from "../../okd/objects.js";
import { type ContentPool, createContentPool } from "../../support/contentPool.js";
import { textAt } from "../../support/json.js";
import { findUsers, type VanishingImages } from "../../usage/findUsers.js";
import { type ReferrerKind, referrerKinds, streamResource } from "../../usage/kinds.js";
import type { Referrer } from "../../usage/referrer.js";
import { createNameIndex, type NameIndex, namesUsedBy, vanishingNames } from "../../usage/referrerIndex.js";
import { isLive } from "../../usage/safe/index.js";
import { leadingReferrer, type LeadingStream, leadName, readLeadingStream } from "./leadingStream.js";

/** A kind of objects that may use images of a stream. */
export interface UserKind {
  readonly resource: ApiResource;
  readonly isNamespaced: boolean;
  readonly read: ReadObject;
}

type ReadObject = (
  object: unknown,
  pool: ContentPool,
) => { readonly held: Held; readonly names: readonly string[] };
type Held = Referrer | LeadingStream;

const clusterScoped: ReadonlySet<string> = new Set(["nodes"]);

export const userKinds: readonly UserKind[] = [
  ...referrerKinds.map(({ resource, project }) => ({
    resource,
    isNamespaced: !clusterScoped.has(resource.resource),
    read: readReferrer(project),
  })),
  { resource: streamResource, isNamespaced: true, read: readLeadingStream },
];

function readReferrer(project: ReferrerKind["project"]): ReadObject {
  return (object, pool) => {
    const held = project(object, pool);
    return { held, names: isLive(held, Infinity) ? namesUsedBy(held).map((name) => pool.text(name)) : [] };
  };
}

/** Objects of one kind, as far as they use images. */
export interface KindIndex {
  /** Equal contents are held once; without a pool the object has its own. */
  put(object: unknown, pool?: ContentPool): void;
  remove(object: unknown): void;
  usersOf(vanishing: VanishingImages): readonly Referrer[];
}

/** Leaves out objects that are being deleted and pods that have ended, because they pull nothing any more. */
export function createKindIndex({ read }: UserKind): KindIndex {
  const index: NameIndex<Held> = createNameIndex();
  return {
    put(object, pool = createContentPool()) {
      if (textAt(object, "metadata", "deletionTimestamp") !== "") {
        index.remove(idOf(object));
        return;
      }
      const { held, names } = read(object, pool);
      index.put(idOf(object), held, names);
    },
    remove: (object) => index.remove(idOf(object)),
    usersOf(vanishing) {
      const found = index.withNames([...vanishingNames(vanishing), leadName(vanishing)]);
      const referrers = [...found].map((held) =>
        held.kind === "stream" ? leadingReferrer(held, vanishing) : held,
      );
      return findUsers(referrers, vanishing).map(({ referrer }) => referrer);
    },
  };
}

function idOf(object: unknown): string {
  return `${textAt(object, "metadata", "namespace")}/${textAt(object, "metadata", "name")}`;
}
