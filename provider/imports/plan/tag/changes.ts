import type { TagReference } from "../../../okd/imageStream.js";
import type { StreamKey } from "../../../okd/streamName.js";
import { own } from "../../../support/collections.js";
import type { DesiredTag, ImageTag } from "../../args/desiredStream.js";
import { prefersAnotherPlatform } from "./preferredPlatform.js";
import { describeSource, hasDeclaredSource } from "./source.js";

/**
 * How the definition on the cluster asks for another image than the program, for people; undefined when it does not.
 * `losesMode`: the server is known not to keep the import mode.
 */
export function definitionDifference(
  tag: DesiredTag,
  live: TagReference,
  key: StreamKey,
  losesMode: boolean,
): string | undefined {
  if (!hasDeclaredSource(tag, live, key)) return `has another source there (${describeSource(live)})`;
  if (tag.kind !== "image") return undefined;
  if (tag.importMode !== undefined && importModeOf(live) !== tag.importMode && !losesMode) {
    return `has another import mode there (${importModeOf(live)})`;
  }
  return prefersAnotherPlatform(tag, live) ? "prefers another platform than it did" : undefined;
}

/** Differences of spec.tags that need a write but no import (facts/image-streams.md 13). */
export function policyDifferences(tag: DesiredTag, live: TagReference): readonly string[] {
  const differences = tag.kind === "image" ? importPolicyDifferences(tag, live) : [];
  const referencePolicy = live.referencePolicy?.type ?? "Source";
  if (referencePolicy !== tag.referencePolicy) differences.push(`referencePolicy is ${referencePolicy}`);
  for (const [key, value] of Object.entries(tag.annotations)) {
    if (own(live.annotations, key) !== value) differences.push(`annotation ${key} differs`);
  }
  return differences;
}

function importPolicyDifferences(tag: ImageTag, live: TagReference): string[] {
  const differences: string[] = [];
  const policy = live.importPolicy ?? {};
  if ((policy.scheduled ?? false) !== tag.scheduled)
    differences.push(`scheduled is ${policy.scheduled ?? false}`);
  if ((policy.insecure ?? false) !== tag.insecure)
    differences.push(`insecure is ${policy.insecure ?? false}`);
  return differences;
}

/** A server older than OpenShift 4.12 drops the field; a newer one fills it in where it is missing. */
export function lacksImportMode(tag: ImageTag, live: TagReference | undefined): boolean {
  return (
    tag.importMode === "PreserveOriginal" && live !== undefined && live.importPolicy?.importMode === undefined
  );
}

export function lostModeWarning({ name }: ImageTag): string {
  return `tags.${name}: this cluster does not keep importMode, which needs OpenShift or OKD 4.12: it imports the image of one platform. Leave importMode out, or upgrade the cluster`;
}

function importModeOf(live: TagReference): string {
  return live.importPolicy?.importMode ?? "Legacy";
}
