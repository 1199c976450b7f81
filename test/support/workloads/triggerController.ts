/*
 * How the cluster's trigger controller reads the annotation, written after its source and not after ours
 * (facts/image-streams.md 25, 27).
 */

export interface PodSpec {
  readonly containers: readonly { readonly name: string }[];
  readonly initContainers?: readonly { readonly name: string }[];
}

export interface HeededTrigger {
  /** `containers/web`; undefined where the trigger names no container. */
  readonly container: string | undefined;
  /** `shop/web:v1` */
  readonly tag: string;
  readonly paused: boolean;
}

interface Entry {
  readonly from: { readonly kind: string; readonly name: string; readonly namespace?: string };
  readonly fieldPath: string;
  readonly paused?: unknown;
}

/** @throws Error where the controller heeds none of the triggers */
export function heededTriggers(
  text: string,
  workload: { readonly namespace: string; readonly podPath: string; readonly spec: PodSpec },
): readonly HeededTrigger[] {
  const entries = JSON.parse(text) as unknown;
  if (!Array.isArray(entries)) throw new Error("cannot unmarshal into a list of triggers");
  const triggers = entries as readonly Entry[];
  for (const { paused } of triggers) {
    if (paused !== undefined && typeof paused !== "boolean")
      throw new Error("cannot unmarshal string into Go struct field .paused of type bool");
  }
  const paths = triggers.map(({ fieldPath }) => fieldPath);
  if (new Set(paths).size < paths.length) throw new Error("duplicate triggers are not allowed");
  return triggers.map(({ from, fieldPath, paused }) => ({
    container: containerAt(fieldPath, workload.podPath, workload.spec),
    tag: `${from.namespace ?? workload.namespace}/${from.name}`,
    paused: paused === true,
  }));
}

function containerAt(fieldPath: string, podPath: string, spec: PodSpec): string | undefined {
  if (!fieldPath.startsWith(`${podPath}.`)) return undefined;
  const path = fieldPath.slice(podPath.length + 1);
  const list = (["containers", "initContainers"] as const).find((name) => path.startsWith(`${name}[`));
  if (list === undefined) return undefined;
  const inner = path.slice(list.length + 1);
  const end = inner.indexOf("]");
  if (end === -1 || inner.slice(end + 1) !== ".image") return undefined;
  const selector = inner.slice(0, end);
  const containers = spec[list] ?? [];
  const found = /^[+-]?\d+$/.test(selector)
    ? containers[Number(selector)]
    : containers.find(({ name }) => selector === `?(@.name=="${name}")`);
  return found === undefined ? undefined : `${list}/${found.name}`;
}
