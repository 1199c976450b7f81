import { defined, isJsonObject, type KubeObject } from "../../kube/model/object.js";
import type { ObjectStore } from "../../kube/storage/objectStore.js";
import {
  type ImageStream,
  type ImportPolicy,
  type ObjectReference,
  type StreamSpec,
  type StreamStatus,
  type TagHistory,
  type TagReference,
  withHistories,
  withSpecTags,
} from "./types.js";

export const internalRegistry = "image-registry.openshift-image-registry.svc:5000";
export const publicRegistry = "default-route-openshift-image-registry.apps.okd.test";

/** Names of the cluster's registry. */
export interface RegistryNames {
  /** Undefined where the registry is removed. */
  readonly internal: string | undefined;
  /** The first of those by which it is known outside. */
  readonly public: string | undefined;
}

interface ImageConfig {
  readonly spec?: { readonly externalRegistryHostnames?: readonly string[] };
  readonly status?: {
    readonly internalRegistryHostname?: string;
    readonly externalRegistryHostnames?: readonly string[];
  };
}

/** As images.config.openshift.io/cluster has them. */
export function registryNamesOf(store: ObjectStore): RegistryNames {
  const config = store.get("images.config.openshift.io", "/cluster") as ImageConfig | undefined;
  const { spec, status } = config ?? {};
  const external = [...(spec?.externalRegistryHostnames ?? []), ...(status?.externalRegistryHostnames ?? [])];
  const internal = config === undefined ? internalRegistry : status?.internalRegistryHostname;
  return { internal: internal === "" ? undefined : internal, public: external[0] };
}

/** A stream as the server holds it: defaults filled in, false flags left out, tags in the order of their names. */
export function normalizedStream(object: KubeObject, names: RegistryNames): ImageStream {
  const spec = (isJsonObject(object["spec"]) ? object["spec"] : {}) as Partial<StreamSpec>;
  const status = (isJsonObject(object["status"]) ? object["status"] : {}) as Partial<StreamStatus>;
  const { namespace = "", name } = object.metadata;
  const stream: ImageStream = {
    ...object,
    spec: defined({
      lookupPolicy: { local: spec.lookupPolicy?.local === true },
      dockerImageRepository: spec.dockerImageRepository === "" ? undefined : spec.dockerImageRepository,
    }) as StreamSpec,
    status: {
      // Without a registry the upstream of the spec stands in its place, as the server answers it.
      dockerImageRepository:
        names.internal === undefined
          ? (spec.dockerImageRepository ?? "")
          : `${names.internal}/${namespace}/${name}`,
      ...(names.public === undefined
        ? {}
        : { publicDockerImageRepository: `${names.public}/${namespace}/${name}` }),
    },
  };
  const histories = (status.tags ?? []).map(normalizedHistory);
  return withHistories(withSpecTags(stream, (spec.tags ?? []).map(normalizedTag)), histories);
}

/** As clients send it: anything may be missing, and null counts as missing. */
export type GivenTag = { readonly name: string } & {
  readonly [K in keyof Omit<TagReference, "name">]?: TagReference[K] | null;
};

export function normalizedTag(tag: GivenTag): TagReference {
  const { name, annotations, from, reference, generation, importPolicy, referencePolicy } = tag;
  return defined({
    name,
    annotations: annotations ?? null,
    from: from === undefined || from === null ? undefined : normalizedReference(from),
    reference: reference === true ? true : undefined,
    generation: generation ?? null,
    importPolicy: normalizedImportPolicy(importPolicy),
    referencePolicy: { type: referencePolicy?.type === "Local" ? "Local" : "Source" },
  }) as TagReference;
}

export function normalizedImportPolicy(policy: ImportPolicy | null | undefined): ImportPolicy {
  return defined({
    insecure: policy?.insecure === true ? true : undefined,
    scheduled: policy?.scheduled === true ? true : undefined,
    importMode: policy?.importMode === undefined || policy.importMode === "" ? "Legacy" : policy.importMode,
  }) as ImportPolicy;
}

function normalizedReference({ kind, name, namespace }: ObjectReference): ObjectReference {
  return defined({ kind, namespace: namespace === "" ? undefined : namespace, name }) as ObjectReference;
}

function normalizedHistory(history: TagHistory): TagHistory {
  const { tag, items, conditions } = history;
  return {
    tag,
    items: (items ?? []).length === 0 ? null : items,
    ...(conditions === undefined || conditions.length === 0 ? {} : { conditions }),
  };
}
