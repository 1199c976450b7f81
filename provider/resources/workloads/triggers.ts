import * as pulumi from "@pulumi/pulumi";
import { dnsLabel } from "../../support/text/dnsLabel.js";
import type { StreamTag } from "../args/imageArchive.js";
import { applyPartly, undecided } from "../partlyKnown.js";
import { tagReference, type TagReference } from "./triggeringTag.js";

/** Which container runs which tag. One of `container` and `initContainer` is required. */
export interface ImageTriggerArgs {
  /** Name of the container, or its position from 0. */
  readonly container?: pulumi.Input<string | number> | undefined;
  /** Name of the init container, or its position from 0. */
  readonly initContainer?: pulumi.Input<string | number> | undefined;
  /** `web.tag("v1")` of an ImportedImageStream, `"web:v1"` or `"shop/web:v1"`. */
  readonly tag: pulumi.Input<string | StreamTag>;
  /**
   * Namespace of the image stream, where the tag names none.
   * @default the workload's
   */
  readonly namespace?: pulumi.Input<string> | undefined;
  /**
   * Leave the container as it is until this is false again.
   * @default false
   */
  readonly paused?: pulumi.Input<boolean> | undefined;
}

/** Kinds whose containers the annotation of {@link imageTrigger} sets. */
export type TriggeredKind = "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob";

// No interface: those cannot be given for a map of texts.
/** Annotations of a workload's own metadata, to be spread among others. */
export type TriggerAnnotations = {
  /** JSON list of triggers. */
  readonly "image.openshift.io/triggers": pulumi.Output<string>;
};

/**
 * Annotation for the metadata of a Deployment, StatefulSet, DaemonSet or CronJob, by which OKD sets the images of its
 * containers whenever the tag of an image stream moves, as `oc set triggers` does. `kind` is the workload's, and matters
 * for `"CronJob"` only. Several triggers stand in one annotation.
 * Known in previews, where the names in it are. Give the workload `ignoreChanges` for these images. Fails with a `RunError`
 * when two triggers set the same container.
 */
export function imageTrigger(
  triggers: ImageTriggerArgs | readonly ImageTriggerArgs[],
  kind: TriggeredKind = "Deployment",
): TriggerAnnotations {
  const list = Array.isArray(triggers)
    ? (triggers as readonly ImageTriggerArgs[])
    : [triggers as ImageTriggerArgs];
  // Each by itself: what one does not need and does not know, like a digest, leaves the annotation known.
  const given = pulumi.output(list as ImageTriggerArgs[]) as unknown as pulumi.Output<
    readonly GivenTrigger[]
  >;
  return { "image.openshift.io/triggers": applyPartly(given, (known) => annotation(known, kind)) };
}

interface GivenTrigger {
  readonly container?: string | number;
  readonly initContainer?: string | number;
  readonly tag: string | StreamTag;
  readonly namespace?: string;
  readonly paused?: boolean;
}

/** An entry of the annotation (facts/image-streams.md 25, 27). */
interface FieldTrigger {
  readonly from: TagReference;
  readonly fieldPath: string;
  readonly paused?: true;
}

function annotation(triggers: readonly GivenTrigger[], kind: TriggeredKind): string {
  if (triggers.some(isUndecided)) return undecided;
  if (triggers.length === 0) throw new pulumi.RunError("imageTrigger: at least one trigger is needed");
  const fields = triggers.map((trigger) => fieldTrigger(trigger, kind));
  const twice = fields.find(({ fieldPath }, at) => fields.findIndex((e) => e.fieldPath === fieldPath) !== at);
  if (twice !== undefined)
    throw new pulumi.RunError(`imageTrigger: two triggers set ${twice.fieldPath}, so OKD would heed none`);
  return JSON.stringify(fields);
}

/** Whether something that the annotation says is not known; the digest of a tag is not in it. */
function isUndecided(trigger: GivenTrigger): boolean {
  if (pulumi.isUnknown(trigger)) return true;
  const { tag, container, initContainer, namespace, paused } = trigger;
  if ([tag, container, initContainer, namespace, paused].some((value) => pulumi.isUnknown(value)))
    return true;
  return typeof tag === "object" && [tag.namespace, tag.name, tag.tag].some((part) => pulumi.isUnknown(part));
}

function fieldTrigger(trigger: GivenTrigger, kind: TriggeredKind): FieldTrigger {
  const { tag, namespace, paused = false } = trigger;
  const [list, container] = containerOf(trigger);
  const label = `imageTrigger: ${list}[${container}]`;
  // A text would make the annotation as a whole unreadable, and JavaScript lets one through.
  if (typeof (paused as unknown) !== "boolean")
    throw new pulumi.RunError(`${label}: paused is ${JSON.stringify(paused)}, and must be true or false`);
  return {
    from: tagReference(label, tag, namespace),
    fieldPath: `${podTemplates[kind]}.spec.${list}[${selector(label, container)}].image`,
    ...(paused ? { paused } : {}),
  };
}

const podTemplates: Readonly<Record<TriggeredKind, string>> = {
  Deployment: "spec.template",
  StatefulSet: "spec.template",
  DaemonSet: "spec.template",
  CronJob: "spec.jobTemplate.spec.template",
};

function containerOf({ container, initContainer }: GivenTrigger): readonly [string, string | number] {
  if (container !== undefined && initContainer === undefined) return ["containers", container];
  if (initContainer !== undefined && container === undefined) return ["initContainers", initContainer];
  throw new pulumi.RunError("imageTrigger: each trigger needs either container or initContainer");
}

/** Only this spelling is understood, with double quotes and without blanks. */
function selector(label: string, container: string | number): string {
  if (typeof container === "number") {
    if (Number.isSafeInteger(container) && container >= 0) return String(container);
    throw new pulumi.RunError(`${label}: positions are whole numbers from 0`);
  }
  if (dnsLabel.test(container)) return `?(@.name=="${container}")`;
  throw new pulumi.RunError(`${label}: that is no container's name (lower case letters, digits, "-")`);
}
