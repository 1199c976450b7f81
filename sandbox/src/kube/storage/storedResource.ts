import { randomUUID } from "node:crypto";
import type { HttpAnswer } from "../../http/exchange.js";
import { createdFields } from "../model/managedFields.js";
import { defined, isSameJson, type KubeObject, type ObjectMeta, without } from "../model/object.js";
import {
  apiVersionOf,
  type DeleteOptions,
  type ObjectList,
  type RenderObject,
  type ResourceContext,
  type ResourceKind,
  type ResourceVerbs,
  storageName,
  type Written,
} from "../model/resource.js";
import {
  alreadyExists,
  badRequest,
  conflict,
  fieldInvalid,
  fieldRequired,
  invalid,
  modified,
  notFound,
  successStatus,
} from "../model/status.js";
import { listPage } from "./list.js";
import { admitNamespace } from "./namespaces.js";
import { objectKey, type ObjectStore } from "./objectStore.js";
import { checkPreconditions } from "./preconditions.js";
import { bumped, type Strategy, withFirstGeneration } from "./strategy.js";
import { watchAnswer } from "./watch.js";

/** Create, read, update and delete over the object store: what every kind shares. */
export class StoredResource implements Required<
  Pick<ResourceVerbs, "get" | "list" | "watch" | "create" | "update" | "remove">
> {
  readonly #key: string;

  readonly kind: ResourceKind;
  readonly #store: ObjectStore;
  readonly #strategy: Strategy;

  constructor(kind: ResourceKind, store: ObjectStore, strategy: Strategy = {}) {
    this.kind = kind;
    this.#store = store;
    this.#strategy = strategy;
    this.#key = storageName(kind);
  }

  readonly get = (name: string, context: ResourceContext): KubeObject => {
    const object = this.find(name, context.namespace);
    if (object === undefined) throw notFound(this.kind, name);
    return object;
  };

  find(name: string, namespace: string | undefined): KubeObject | undefined {
    return this.#store.get(this.#key, objectKey(this.kind.namespaced ? namespace : undefined, name));
  }

  readonly list = (context: ResourceContext): ObjectList =>
    listPage(this.#store, this.#key, context.namespace, context.query);

  readonly watch = (context: ResourceContext, render: RenderObject): HttpAnswer =>
    watchAnswer(this.kind, this.#store, context, render);

  readonly create = (body: KubeObject, context: ResourceContext): KubeObject => {
    const metadata = this.#newMetadata(body, context);
    if (this.kind.namespaced) admitNamespace(this.#store, this.kind, metadata.name, context.namespace);
    const prepared = this.#prepared({ ...body, metadata }, context);
    this.#strategy.admitCreate?.(prepared, context);
    if (this.find(metadata.name, context.namespace) !== undefined)
      throw alreadyExists(this.kind, metadata.name);
    const managedFields = createdFields(
      prepared,
      context.userAgent,
      apiVersionOf(this.kind),
      this.#store.timestamp(),
    );
    const object = { ...prepared, metadata: { ...prepared.metadata, managedFields } };
    return context.dryRun ? unstored(object, this.#store.timestamp()) : this.#store.insert(this.#key, object);
  };

  /** A write of the server itself, past the rules for clients: only the generation follows a change of the spec. */
  replaceInternally(next: KubeObject, current: KubeObject): KubeObject {
    return this.#store.replace(this.#key, bumped(next, current));
  }

  readonly update = (name: string, body: KubeObject, context: ResourceContext): Written => {
    const current = this.get(name, context);
    this.#checkUpdate(name, body, current);
    const next = { ...body, metadata: updatedMetadata(body.metadata, current.metadata) };
    return this.#write(
      this.#strategy.prepareUpdate?.(next, current, context) ?? bumped(next, current),
      current,
      context,
    );
  };

  readonly updateStatus = (name: string, body: KubeObject, context: ResourceContext): Written => {
    const current = this.get(name, context);
    this.#checkUpdate(name, body, current);
    const next = { ...current, status: body["status"] };
    return this.#write(
      this.#strategy.prepareStatusUpdate?.(next, current, context) ?? next,
      current,
      context,
    );
  };

  readonly remove = (name: string, options: DeleteOptions, context: ResourceContext): unknown => {
    const object = this.get(name, context);
    checkPreconditions(this.kind, name, object.metadata, options);
    if (context.dryRun) return this.#deletionAnswer(object);
    if ((object.metadata.finalizers ?? []).length > 0) return this.#markDeleted(object);
    this.#store.remove(this.#key, object);
    this.#strategy.afterRemoval?.(object);
    return this.#deletionAnswer(object);
  };

  #prepared(object: KubeObject, context: ResourceContext): KubeObject {
    const typed = { kind: this.kind.kind, apiVersion: apiVersionOf(this.kind), ...object };
    return this.#strategy.prepareCreate?.(typed, context) ?? withFirstGeneration(typed);
  }

  #newMetadata(body: KubeObject, context: ResourceContext): ObjectMeta {
    const { generateName, name: givenName } = body.metadata as Partial<ObjectMeta>;
    const name =
      givenName ?? (generateName === undefined ? undefined : `${generateName}${randomUUID().slice(0, 5)}`);
    if (name === undefined || name === "") {
      const required = fieldRequired("metadata.name", "name or generateName is required");
      throw invalid({ group: this.kind.group, resource: this.kind.kind }, "", [required]);
    }
    const given = body.metadata.namespace;
    if (this.kind.namespaced && given !== undefined && given !== context.namespace) {
      throw badRequest(
        "the namespace of the provided object does not match the namespace sent on the request",
      );
    }
    if (body.metadata.resourceVersion !== undefined && body.metadata.resourceVersion !== "") {
      throw badRequest("resourceVersion should not be set on objects to be created");
    }
    const { labels, annotations, finalizers } = body.metadata;
    const namespace = this.kind.namespaced ? context.namespace : undefined;
    return defined({ name, generateName, namespace, labels, annotations, finalizers }) as ObjectMeta;
  }

  #checkUpdate(name: string, body: KubeObject, current: KubeObject): void {
    const { name: givenName, uid, resourceVersion } = body.metadata as Partial<ObjectMeta>;
    if (givenName !== undefined && givenName !== name) {
      throw badRequest("the name of the object does not match the name on the URL");
    }
    if (uid !== undefined && uid !== "" && uid !== current.metadata.uid) {
      const message = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid ?? ""}`;
      throw conflict(this.kind, name, message);
    }
    if (resourceVersion === undefined || resourceVersion === "") {
      if (this.#strategy.requiresResourceVersion !== true) return;
      const error = {
        ...fieldInvalid("metadata.resourceVersion", 0, ""),
        message: "Invalid value: 0x0: must be specified for an update",
      };
      throw invalid({ group: this.kind.group, resource: this.kind.kind }, name, [error]);
    }
    if (resourceVersion !== current.metadata.resourceVersion) throw modified(this.kind, name);
  }

  #write(next: KubeObject, current: KubeObject, context: ResourceContext): Written {
    if (isSameJson(withoutBookkeeping(next), withoutBookkeeping(current)))
      return { object: current, created: false };
    if (context.dryRun) return { object: next, created: false };
    const isReleased =
      next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0;
    if (!isReleased) return { object: this.#store.replace(this.#key, next), created: false };
    this.#store.remove(this.#key, current);
    this.#strategy.afterRemoval?.(current);
    return { object: next, created: false };
  }

  #markDeleted(object: KubeObject): unknown {
    if (object.metadata.deletionTimestamp !== undefined) return object;
    const metadata = {
      ...object.metadata,
      deletionTimestamp: this.#store.timestamp(),
      deletionGracePeriodSeconds: 0,
    };
    const marked = { ...object, metadata };
    return this.#store.replace(this.#key, this.#strategy.markTerminating?.(marked) ?? marked);
  }

  #deletionAnswer(object: KubeObject): unknown {
    if (this.#strategy.answersDeletedObject === true) return object;
    const { group, resource } = this.kind;
    const details = {
      name: object.metadata.name,
      group: group === "" ? undefined : group,
      kind: resource,
      uid: object.metadata.uid,
    };
    return successStatus(defined(details) as Record<string, string>);
  }
}

function updatedMetadata(given: ObjectMeta, current: ObjectMeta): ObjectMeta {
  const { labels, annotations, finalizers } = given;
  return defined({ ...current, labels, annotations, finalizers }) as ObjectMeta;
}

function withoutBookkeeping(object: KubeObject): unknown {
  return { ...object, metadata: without(object.metadata, "resourceVersion", "managedFields") };
}

function unstored(object: KubeObject, creationTimestamp: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, uid: randomUUID(), creationTimestamp } };
}
