import * as pulumi from "@pulumi/pulumi";
import type { StreamTag } from "../args/imageArchive.js";
import { applyPartly, undecided } from "../partlyKnown.js";
import { tagReference, type TagReference } from "./triggeringTag.js";

/** Which tag starts a build. */
export interface BuildTriggerArgs {
  /**
   * `web.tag("v1")` of an ImportedImageStream, `"web:v1"` or `"shop/web:v1"`.
   * @default the image that the build's strategy starts from
   */
  readonly tag?: pulumi.Input<string | StreamTag> | undefined;
  /**
   * Namespace of the image stream, where the tag names none.
   * @default the BuildConfig's
   */
  readonly namespace?: pulumi.Input<string> | undefined;
  /**
   * Start nothing until this is false again.
   * @default false
   */
  readonly paused?: pulumi.Input<boolean> | undefined;
}

/** Which containers of a DeploymentConfig run which tag. */
export interface DeploymentTriggerArgs {
  /** Names of the containers, init containers among them. */
  readonly containers: pulumi.Input<pulumi.Input<string>[]>;
  /** `web.tag("v1")` of an ImportedImageStream, `"web:v1"` or `"shop/web:v1"`. */
  readonly tag: pulumi.Input<string | StreamTag>;
  /**
   * Namespace of the image stream, where the tag names none.
   * @default the DeploymentConfig's
   */
  readonly namespace?: pulumi.Input<string> | undefined;
  /**
   * Roll out when the tag moves; `false` only at the next rollout.
   * @default true
   */
  readonly automatic?: pulumi.Input<boolean> | undefined;
}

/** An entry of `spec.triggers` of a BuildConfig. */
export interface BuildImageTrigger {
  readonly type: "ImageChange";
  readonly imageChange: { readonly from?: TagReference; readonly paused?: true };
}

/** An entry of `spec.triggers` of a DeploymentConfig. */
export interface DeploymentImageTrigger {
  readonly type: "ImageChange";
  readonly imageChangeParams: {
    readonly automatic: boolean;
    readonly containerNames: readonly string[];
    readonly from: TagReference;
  };
}

/**
 * Entry of `spec.triggers` of a DeploymentConfig, with `containers`, or of a BuildConfig, without them: the image is set and
 * rolled out, or the build started, when the tag of an image stream moves, as `oc set triggers` has it. Known in previews,
 * where the names in it are.
 */
export function imageChangeTrigger(trigger: DeploymentTriggerArgs): pulumi.Output<DeploymentImageTrigger>;
export function imageChangeTrigger(trigger?: BuildTriggerArgs): pulumi.Output<BuildImageTrigger>;
export function imageChangeTrigger(
  trigger: DeploymentTriggerArgs | BuildTriggerArgs = {},
): pulumi.Output<DeploymentImageTrigger | BuildImageTrigger> {
  const given = pulumi.output(trigger) as unknown as pulumi.Output<GivenTrigger>;
  return applyPartly(given, changeTrigger);
}

interface GivenTrigger {
  readonly containers?: readonly string[];
  readonly tag?: string | StreamTag;
  readonly namespace?: string;
  readonly automatic?: boolean;
  readonly paused?: boolean;
}

const label = "imageChangeTrigger";

function changeTrigger(trigger: GivenTrigger): DeploymentImageTrigger | BuildImageTrigger {
  if (isUndecided(trigger)) return undecided;
  const { containers, tag, namespace, automatic = true, paused = false } = trigger;
  const from = tag === undefined ? undefined : tagReference(label, tag, namespace);
  if (containers === undefined) {
    const imageChange = { ...(from === undefined ? {} : { from }), ...(paused ? { paused } : {}) };
    return { type: "ImageChange", imageChange };
  }
  if (from === undefined) throw new pulumi.RunError(`${label}: a DeploymentConfig's trigger needs a tag`);
  if (containers.length === 0)
    throw new pulumi.RunError(`${label}: containers names none, so the trigger would have no effect`);
  return { type: "ImageChange", imageChangeParams: { automatic, containerNames: containers, from } };
}

/** Whether something that the trigger says is not known; the digest of a tag is not in it. */
function isUndecided({ tag, containers, namespace, automatic, paused }: GivenTrigger): boolean {
  const said = [tag, containers, namespace, automatic, paused, ...(known(containers) ?? [])];
  if (said.some((value) => pulumi.isUnknown(value))) return true;
  return typeof tag === "object" && [tag.namespace, tag.name, tag.tag].some((part) => pulumi.isUnknown(part));
}

function known<Value>(value: Value): Value | undefined {
  return pulumi.isUnknown(value) ? undefined : value;
}
