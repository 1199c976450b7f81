import type { ApiResource } from "../../okd/objects.js";
import { type StreamKey, streamName } from "../../okd/streamName.js";
import { type ContentPool, createContentPool } from "../../support/contentPool.js";
import { textAt } from "../../support/json.js";
import { findUsers, type VanishingImages } from "../../usage/findUsers.js";
import { type ReferrerKind, referrerKinds, streamResource } from "../../usage/kinds.js";
import type { Referrer } from "../../usage/referrer.js";
import { createNameIndex, type NameIndex, namesUsedBy, vanishingNames } from "../../usage/referrerIndex.js";
import { isLive } from "../../usage/safe/index.js";
import { toTriggered, type TriggeredKind, type TriggeredObject } from "../../usage/triggers.js";
import { leadingReferrer, type LeadingStream, leadName, readLeadingStream } from "./leadingStream.js";

/** A kind of objects that may use images of a stream. */
export interface UserKind {
  readonly resource: ApiResource;
  readonly isNamespaced: boolean;
  readonly read: ReadObject;
  /** Absent where a new image in a tag does nothing to objects of this kind. */
  readonly triggered?: TriggeredKind;
}

type ReadObject = (
  object: unknown,
  pool: ContentPool,
) => { readonly held: Held; readonly names: readonly string[] };
type Held = Referrer | LeadingStream;

const clusterScoped: ReadonlySet<string> = new Set(["nodes"]);

const triggeredKinds = new Map<string, TriggeredKind>([
  ["deployments", "deployment"],
  ["statefulsets", "statefulset"],
  ["daemonsets", "daemonset"],
  ["cronjobs", "cronjob"],
  ["deploymentconfigs", "deploymentconfig"],
  ["buildconfigs", "buildconfig"],
]);

export const userKinds: readonly UserKind[] = [
  ...referrerKinds.map(({ resource, project }): UserKind => {
    const triggered = triggeredKinds.get(resource.resource);
    const isNamespaced = !clusterScoped.has(resource.resource);
    return {
      ...{ resource, isNamespaced, read: readReferrer(project) },
      ...(triggered === undefined ? {} : { triggered }),
    };
  }),
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
  /** Objects with a trigger on some tag of the stream, paused or not. */
  triggeredBy(stream: StreamKey): readonly TriggeredObject[];
}

/** Leaves out objects that are being deleted and pods that have ended, because they pull nothing any more. */
export function createKindIndex({ read, triggered }: UserKind): KindIndex {
  const users: NameIndex<Held> = createNameIndex();
  const triggers: NameIndex<TriggeredObject> = createNameIndex();
  const remove = (id: string) => {
    users.remove(id);
    triggers.remove(id);
  };
  return {
    put(object, pool = createContentPool()) {
      const id = idOf(object);
      if (textAt(object, "metadata", "deletionTimestamp") !== "") {
        remove(id);
        return;
      }
      const { held, names } = read(object, pool);
      users.put(id, held, names);
      if (triggered === undefined) return;
      const waiting = toTriggered(triggered, object, pool);
      if (waiting === undefined) triggers.remove(id);
      else triggers.put(id, waiting, streamsOf(waiting));
    },
    remove: (object) => remove(idOf(object)),
    usersOf(vanishing) {
      const found = users.withNames([...vanishingNames(vanishing), leadName(vanishing)]);
      const referrers = [...found].map((held) =>
        held.kind === "stream" ? leadingReferrer(held, vanishing) : held,
      );
      return findUsers(referrers, vanishing).map(({ referrer }) => referrer);
    },
    triggeredBy: (stream) => [...triggers.withNames([streamName(stream)])],
  };
}

function streamsOf({ triggers }: TriggeredObject): readonly string[] {
  return [...new Set(triggers.map(({ namespace, stream: name }) => streamName({ namespace, name })))];
}

function idOf(object: unknown): string {
  return `${textAt(object, "metadata", "namespace")}/${textAt(object, "metadata", "name")}`;
}
