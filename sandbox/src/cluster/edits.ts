import { normalizedStream, registryNamesOf } from "../images/stream/defaults.js";
import { imageGroup } from "../images/stream/types.js";
import { type Json, type KubeObject, without } from "../kube/model/object.js";
import { mergePatch } from "../kube/model/patch.js";
import { apiVersionOf, type ServedResource, storageName } from "../kube/model/resource.js";
import { objectKey, type ObjectStore } from "../kube/storage/objectStore.js";
import { namespaceObject } from "./firstObjects.js";

/** What names a stored object; anything else in it is ignored. */
export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Writes past all rules, as somebody with access to etcd could: for a test's starting point and its surprises. */
export class ClusterEdits {
  readonly #store: ObjectStore;
  readonly #resources: () => readonly ServedResource[];

  constructor(store: ObjectStore, resources: () => readonly ServedResource[]) {
    this.#store = store;
    this.#resources = resources;
  }

  /**
   * Creates or replaces. uid and creationTimestamp are kept where given (null is a time before all others), else those
   * of the object that is replaced, else new. A missing namespace is created.
   */
  put(object: KubeObject): KubeObject {
    const resource = this.#resourceOf(object);
    const placed = this.#placed(resource, object);
    const isStream = resource.group === imageGroup && resource.kind === "ImageStream";
    const next = isStream ? normalizedStream(placed, registryNamesOf(this.#store)) : placed;
    const key = storageName(resource);
    const { namespace, name } = next.metadata;
    const current = this.#store.get(key, objectKey(namespace, name));
    if (current === undefined) return this.#store.insert(key, next);
    const { uid, creationTimestamp } = current.metadata;
    const identity = {
      ...(uid === undefined ? {} : { uid }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    };
    return this.#store.replace(key, { ...next, metadata: { ...identity, ...next.metadata } });
  }

  /** A JSON merge patch over the whole object, status included. */
  patch(change: KubeObject): KubeObject {
    const current = this.#existing(change);
    return this.put(
      mergePatch(current as unknown as Json, change as unknown as Json) as unknown as KubeObject,
    );
  }

  /** Finalizers do not hold it. */
  remove(name: ObjectName): void {
    this.#store.remove(storageName(this.#resourceOf(name)), this.#existing(name));
  }

  #existing(name: KubeObject | ObjectName): KubeObject {
    const resource = this.#resourceOf(name);
    const namespace = resource.namespaced ? name.metadata.namespace : undefined;
    const found = this.#store.get(storageName(resource), objectKey(namespace, name.metadata.name));
    if (found === undefined)
      throw new Error(`the sandbox has no ${resource.kind} ${objectKey(namespace, name.metadata.name)}`);
    return found;
  }

  #placed(resource: ServedResource, object: KubeObject): KubeObject {
    const { namespace } = object.metadata;
    if (!resource.namespaced) return { ...object, metadata: without(object.metadata, "namespace") };
    if (namespace === undefined)
      throw new Error(`${resource.kind} ${object.metadata.name} needs metadata.namespace`);
    if (this.#store.get("namespaces", objectKey(undefined, namespace)) === undefined)
      this.#store.insert("namespaces", namespaceObject(namespace));
    return object;
  }

  #resourceOf({ apiVersion, kind }: KubeObject | ObjectName): ServedResource {
    const served = this.#resources().find(
      (resource) => resource.kind === kind && apiVersionOf(resource) === apiVersion,
    );
    if (served === undefined)
      throw new Error(`the sandbox does not serve ${String(apiVersion)} ${String(kind)}`);
    return served;
  }
}
