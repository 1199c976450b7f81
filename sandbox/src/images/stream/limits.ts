import { type FieldError, forbidden, internalFieldError } from "../../kube/model/status.js";
import type { ObjectStore } from "../../kube/storage/objectStore.js";
import { imageGroup, type ImageStream } from "./types.js";

/** The complaint of the limit ranges of type openshift.io/ImageStream about a stream, as validation reports it. */
export function limitError(store: ObjectStore, stream: ImageStream): FieldError | undefined {
  const digests = (stream.status.tags ?? []).flatMap((history) =>
    (history.items ?? []).map((item) => item.image),
  );
  const usage: readonly (readonly [string, number])[] = [
    ["openshift.io/images", new Set(digests.filter((digest) => digest !== "")).size],
    ["openshift.io/image-tags", stream.spec.tags?.length ?? 0],
  ];
  const maxima = store
    .list("limitranges", stream.metadata.namespace)
    .flatMap((range) => (range["spec"] as LimitRangeSpec | undefined)?.limits ?? [])
    .filter((limit) => limit.type === "openshift.io/ImageStream")
    .map((limit) => limit.max ?? {});
  const excesses = usage.flatMap(([resource, used]) =>
    maxima
      .filter((max) => max[resource] !== undefined && used > Number(max[resource]))
      .map(
        (max) =>
          `requested usage of ${resource} exceeds the maximum limit per openshift.io/ImageStream (${used} > ${Number(max[resource])})`,
      ),
  );
  if (excesses.length === 0) return undefined;
  const reason = excesses.length === 1 ? excesses.join("") : `[${excesses.join(", ")}]`;
  const text = `ImageStream.${imageGroup} "${stream.metadata.name}" is forbidden: ${reason}`;
  return internalFieldError(text);
}

interface LimitRangeSpec {
  readonly limits?: readonly {
    readonly type: string;
    readonly max?: Readonly<Record<string, string | number>>;
  }[];
}

interface QuotaAmounts {
  readonly hard?: Readonly<Record<string, string | number>>;
}

const quotaResource = "openshift.io/imagestreams";

/** Refuses one more stream in a namespace whose quota is used up; `resource` is what the client wanted to create. */
export function admitNewStream(store: ObjectStore, namespace: string, resource: string, name: string): void {
  for (const quota of store.list("resourcequotas", namespace)) {
    const status = quota["status"] as QuotaAmounts | undefined;
    const spec = quota["spec"] as QuotaAmounts | undefined;
    const hard = status?.hard?.[quotaResource] ?? spec?.hard?.[quotaResource];
    if (hard === undefined) continue;
    const used = store.list(`imagestreams.${imageGroup}`, namespace).length;
    if (used < Number(hard)) continue;
    const amounts = `requested: ${quotaResource}=1, used: ${quotaResource}=${used}, limited: ${quotaResource}=${hard}`;
    throw forbidden(
      { group: imageGroup, resource },
      name,
      `exceeded quota: ${quota.metadata.name}, ${amounts}`,
    );
  }
}
