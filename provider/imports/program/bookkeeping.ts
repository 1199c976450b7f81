import { isObject, listAt, textAt } from "../../support/json.js";
import { claimPrefix } from "../args/desiredStream.js";

/** Keys under which servers and tools keep their own notes on an object: nobody who declares the object writes them. */
const notes: readonly RegExp[] = [
  /^openshift\.io\/image\.dockerRepositoryCheck$/,
  /^(?:[\w.-]+\.)?(?:kubernetes|k8s)\.io\/(?:last-applied|original)-configuration$/,
  /^(?:meta\.helm\.sh|argocd\.argoproj\.io|pulumi\.com|config\.kubernetes\.io|kapp\.k14s\.io)\//,
  /^(?:[\w-]+\.)*(?:fluxcd\.io|cattle\.io)\//,
  /^olm\.owner(?:\.|$)/,
  /^samples\.operator\.openshift\.io\//,
];

/** Labels or annotations without what other tools note there, sorted by key. */
export function declarableKeys(
  keys: Readonly<Record<string, string>> | null | undefined,
): readonly (readonly [key: string, value: string])[] {
  return Object.entries(keys ?? {}).filter(
    ([key]) => !key.startsWith(claimPrefix) && !notes.some((note) => note.test(key)),
  );
}

/** Labels and annotations by which a tool marks what it manages. */
const marks: readonly { readonly key: string; readonly manager: string }[] = [
  { key: "argocd.argoproj.io/tracking-id", manager: "Argo CD" },
  { key: "argocd.argoproj.io/instance", manager: "Argo CD" },
  { key: "kustomize.toolkit.fluxcd.io/name", manager: "the Flux Kustomization" },
  { key: "helm.toolkit.fluxcd.io/name", manager: "the Flux HelmRelease" },
  { key: "meta.helm.sh/release-name", manager: "the Helm release" },
  { key: "olm.owner", manager: "OLM for" },
  { key: "kapp.k14s.io/app", manager: "kapp" },
];

/** Field managers that write again what they have written; a person's `oc apply` does not. */
const controllers = /argocd|flux|kustomize-controller|helm|pulumi-kubernetes|operator|terraform/i;

/** Who else manages the stream and would write it again, in words; a name only once. */
export function otherManagers(stream: unknown): readonly string[] {
  const found = new Set<string>();
  for (const owner of listAt(stream, "metadata", "ownerReferences")) {
    found.add(`its owner ${textAt(owner, "kind")} ${textAt(owner, "name")}`);
  }
  for (const { key, manager } of marks) {
    const value = textAt(stream, "metadata", "annotations", key) || textAt(stream, "metadata", "labels", key);
    if (value !== "") found.add(`${manager} ${value.split(":")[0] ?? ""}`);
  }
  if (textAt(stream, "metadata", "labels", "samples.operator.openshift.io/managed") === "true") {
    found.add("the samples operator");
  }
  if (found.size > 0) return [...found];
  return listAt(stream, "metadata", "managedFields")
    .filter(writesTags)
    .map((entry) => textAt(entry, "manager"))
    .filter((manager, position, all) => controllers.test(manager) && all.indexOf(manager) === position)
    .map((manager) => `the field manager ${manager}`);
}

function writesTags(entry: unknown): boolean {
  if (!isObject(entry) || !isObject(entry.fieldsV1)) return false;
  const spec = entry.fieldsV1["f:spec"];
  return isObject(spec) && Object.hasOwn(spec, "f:tags");
}
