import type { ContentPool } from "../support/contentPool.js";
import { isObject, listAt, textAt, valueAt } from "../support/json.js";
import { buildInput } from "./build.js";
import { sourceOf } from "./mentions.js";
import type { FieldPath } from "./place.js";
import { containerImages, podSpecPath } from "./podSpec.js";
import { type ContainerImage, type ImageSource, nameOf } from "./referrer.js";

export const triggerAnnotation = "image.openshift.io/triggers";
export const deploymentTriggersPath: FieldPath = ["spec", "triggers[]", "imageChangeParams"];

/** Kinds to which a new image in a tag may do something (facts/image-streams.md 25). */
export type TriggeredKind =
  "deployment" | "statefulset" | "daemonset" | "cronjob" | "deploymentconfig" | "buildconfig";

/** A trigger that works, once it is not paused. */
interface ImageTrigger {
  readonly namespace: string;
  readonly stream: string;
  readonly tag: string;
  /** Or the object itself rolls out nothing for now. */
  readonly isPaused: boolean;
}

/** An object with triggers. */
export interface TriggeredObject {
  readonly kind: TriggeredKind;
  readonly namespace: string;
  readonly name: string;
  readonly triggers: readonly ImageTrigger[];
}

/** Undefined where the object has no trigger that the image trigger controller would act upon. */
export function toTriggered(
  kind: TriggeredKind,
  object: unknown,
  pool: ContentPool,
): TriggeredObject | undefined {
  const triggers = imageTriggers(kind, object);
  return triggers.length === 0
    ? undefined
    : { kind, ...nameOf(object, pool), triggers: pool.value(triggers) };
}

/** Those of the list that are objects of kind ImageStreamTag: triggers know no other. */
export function triggerSources(raws: readonly unknown[]): readonly ImageSource[] {
  return raws
    .map(sourceOf)
    .filter((source) => source !== undefined)
    .filter(({ kind }) => kind === "ImageStreamTag");
}

/** Sources in the annotation, whether its triggers work or not; none when it cannot be read. */
export function annotatedSources(object: unknown): readonly ImageSource[] {
  return triggerSources(annotated(object).map((trigger) => valueAt(trigger, "from")));
}

function imageTriggers(kind: TriggeredKind, object: unknown): readonly ImageTrigger[] {
  const isHeld = isHeldBack(kind, object);
  const ownNamespace = textAt(object, "metadata", "namespace");
  return rawTriggers(kind, object).flatMap(({ from, isPaused }) => {
    const [source] = textAt(from, "apiVersion") === "" ? triggerSources([from]) : [];
    const [, stream, tag] = /^([^:]+):([^:]+)$/.exec(source?.name ?? "") ?? [];
    if (source === undefined || stream === undefined || tag === undefined) return [];
    const namespace = source.namespace === "" ? ownNamespace : source.namespace;
    return [{ namespace, stream, tag, isPaused: isPaused || isHeld }];
  });
}

interface RawTrigger {
  readonly from: unknown;
  readonly isPaused: boolean;
}

function rawTriggers(kind: TriggeredKind, object: unknown): readonly RawTrigger[] {
  switch (kind) {
    case "deploymentconfig":
      return deploymentTriggers(object);
    case "buildconfig":
      return buildTriggers(object);
    case "deployment":
    case "statefulset":
    case "daemonset":
    case "cronjob":
      return annotationTriggers(kind, object);
  }
}

/** The controller gives up on the whole object at the first trigger that it cannot read or whose container is missing. */
function annotationTriggers(
  kind: Exclude<TriggeredKind, "deploymentconfig" | "buildconfig">,
  object: unknown,
): readonly RawTrigger[] {
  const path = podSpecPath(kind);
  const containers = containerImages(valueAt(object, ...path));
  const triggers = annotated(object);
  const fields = triggers.map((trigger) => textAt(trigger, "fieldPath"));
  if (new Set(fields).size < fields.length) return [];
  const base = `${path.join(".")}.`;
  const raws: RawTrigger[] = [];
  for (const trigger of triggers) {
    const paused = valueAt(trigger, "paused") ?? false;
    if (!isObject(trigger) || typeof paused !== "boolean") return [];
    const field = textAt(trigger, "fieldPath");
    if (!field.startsWith(base)) continue;
    if (!paused && !namesContainer(field.slice(base.length), containers)) return [];
    raws.push({ from: trigger.from, isPaused: paused });
  }
  return raws;
}

/** `containers[0].image`, or `containers[?(@.name=="web")].image`. */
const containerField = /^(containers|initContainers)\[(?:(\d+)|\?\(@\.name=="(.*)"\))\]\.image$/;

function namesContainer(field: string, containers: readonly ContainerImage[]): boolean {
  const [, list, index, name] = containerField.exec(field) ?? [];
  if (list === undefined) return false;
  if (index === undefined) return containers.some((container) => container.name === name);
  const role = list === "containers" ? "container" : "init container";
  return containers.filter((container) => container.role === role)[Number(index)] !== undefined;
}

function deploymentTriggers(object: unknown): readonly RawTrigger[] {
  const names = containerImages(valueAt(object, ...podSpecPath("deploymentconfig"))).map(({ name }) => name);
  return listAt(object, "spec", "triggers")
    .map((trigger) => valueAt(trigger, "imageChangeParams"))
    .filter((params) => listAt(params, "containerNames").some((name) => names.some((own) => own === name)))
    .map((params) => ({ from: valueAt(params, "from"), isPaused: valueAt(params, "automatic") !== true }));
}

/** A trigger without a source waits for the image that is built from. */
function buildTriggers(object: unknown): readonly RawTrigger[] {
  return listAt(object, "spec", "triggers")
    .map((trigger) => valueAt(trigger, "imageChange"))
    .filter(isObject)
    .map((change) => ({ from: change.from ?? buildInput(object), isPaused: change.paused === true }));
}

/** The image changes at once, but new pods have to wait for somebody. */
function isHeldBack(kind: TriggeredKind, object: unknown): boolean {
  switch (kind) {
    case "deployment":
    case "deploymentconfig":
      return valueAt(object, "spec", "paused") === true;
    case "statefulset":
    case "daemonset":
      return textAt(object, "spec", "updateStrategy", "type") === "OnDelete";
    case "cronjob":
      return valueAt(object, "spec", "suspend") === true;
    case "buildconfig":
      return false;
  }
}

/** The annotation's triggers: a JSON list. */
function annotated(object: unknown): readonly unknown[] {
  const text = valueAt(object, "metadata", "annotations", triggerAnnotation);
  if (typeof text !== "string") return [];
  try {
    return listAt(JSON.parse(text));
  } catch {
    return [];
  }
}
