import { defined, isSameJson, type KubeObject } from "../model/object.js";
import type { ResourceContext } from "../model/resource.js";

/** What a kind adds to the generic storage. Every function answers the object to store, or throws a StatusError. */
export interface Strategy {
  readonly prepareCreate?: (object: KubeObject, context: ResourceContext) => KubeObject;
  readonly prepareUpdate?: (next: KubeObject, current: KubeObject, context: ResourceContext) => KubeObject;
  readonly prepareStatusUpdate?: (
    next: KubeObject,
    current: KubeObject,
    context: ResourceContext,
  ) => KubeObject;
  /** Runs after validation, before the object is stored. */
  readonly admitCreate?: (object: KubeObject, context: ResourceContext) => void;
  /** What else changes in an object that is deleted but held by finalizers. */
  readonly markTerminating?: (object: KubeObject) => KubeObject;
  readonly afterRemoval?: (object: KubeObject) => void;
  /** An update must name the resourceVersion that it is based on. */
  readonly requiresResourceVersion?: boolean;
  /** DELETE answers the object instead of a Status. */
  readonly answersDeletedObject?: boolean;
}

/** The status of a kind with that subresource is dropped on create and kept on update. */
export function withStatusSubresource(strategy: Strategy): Strategy {
  return {
    ...strategy,
    prepareCreate: (object, context) => {
      const { status: _, ...rest } = object;
      return strategy.prepareCreate?.(rest, context) ?? withFirstGeneration(rest);
    },
    prepareUpdate: (next, current, context) => {
      const { status } = current;
      const kept = defined({ ...next, status });
      return strategy.prepareUpdate?.(kept, current, context) ?? bumped(kept, current);
    },
  };
}

/** A kind with a spec counts its changes, from 1. */
export function withFirstGeneration(object: KubeObject): KubeObject {
  return object["spec"] === undefined
    ? object
    : { ...object, metadata: { ...object.metadata, generation: 1 } };
}

/** One generation further when the spec differs. */
export function bumped(next: KubeObject, current: KubeObject): KubeObject {
  const generation = current.metadata.generation;
  if (generation === undefined || isSameJson(next["spec"], current["spec"])) return next;
  return { ...next, metadata: { ...next.metadata, generation: generation + 1 } };
}
