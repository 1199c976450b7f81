import type { HttpAnswer } from "../../http/exchange.js";
import type { KubeObject } from "./object.js";

/** Path of a list (keys joined by dots, without indexes) to the key by which its elements merge. */
export type MergeKeys = Readonly<Record<string, string>>;

/** What identifies a kind, and how its API behaves beyond what all kinds share. */
export interface ResourceKind {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  /** Lists that a strategic merge patch merges by key. */
  readonly mergeKeys?: MergeKeys;
  /** Served by a CustomResourceDefinition. */
  readonly isCustom?: boolean;
}

/** Who asks. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface ResourceContext {
  readonly user: User;
  readonly namespace: string | undefined;
  readonly query: URLSearchParams;
  readonly dryRun: boolean;
  readonly userAgent: string;
  readonly signal: AbortSignal;
}

export interface DeleteOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: string;
  /** `["All"]` or empty. */
  readonly dryRun: readonly string[];
}

export interface Written {
  readonly object: KubeObject;
  readonly created: boolean;
}

export interface ListMetadata {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export interface ObjectList {
  readonly metadata: ListMetadata;
  readonly items: readonly KubeObject[];
}

/** What is sent of each object. */
export type RenderObject = (object: KubeObject) => unknown;

/** The verbs of one resource or subresource; an absent one is answered with 405. */
export interface ResourceVerbs {
  readonly get?: (name: string, context: ResourceContext) => KubeObject;
  readonly list?: (context: ResourceContext) => ObjectList;
  /** Answers the changes as they come. */
  readonly watch?: (context: ResourceContext, render: RenderObject) => HttpAnswer;
  readonly create?: (body: KubeObject, context: ResourceContext) => KubeObject | Promise<KubeObject>;
  readonly update?: (name: string, body: KubeObject, context: ResourceContext) => Written;
  /** Answers the object or Status to send. */
  readonly remove?: (name: string, options: DeleteOptions, context: ResourceContext) => unknown;
}

export interface ServedResource extends ResourceKind {
  readonly verbs: ResourceVerbs;
  readonly subresources?: Readonly<Record<string, ResourceVerbs>>;
}

/** The name under which objects of a kind are stored. */
export function storageName(kind: { readonly group: string; readonly resource: string }): string {
  return kind.group === "" ? kind.resource : `${kind.resource}.${kind.group}`;
}

export function apiVersionOf(kind: { readonly group: string; readonly version: string }): string {
  return kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
}
