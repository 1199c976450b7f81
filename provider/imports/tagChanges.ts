import { own } from "../support/own.js";
import type { DesiredTag } from "./desiredStream.js";
import type { TagReference } from "./imageStream.js";
import { prefersAnotherPlatform } from "./preferredPlatform.js";

/** How the definition on the cluster asks for another image than the program, for people; undefined when it does not. */
export function definitionDifference(tag: DesiredTag, live: TagReference): string | undefined {
  if (live.from?.kind !== "DockerImage" || live.from.name !== tag.image) {
    return `has another source there (${describeSource(live)})`;
  }
  if (tag.importMode !== undefined && importModeOf(live) !== tag.importMode) {
    return `has another import mode there (${importModeOf(live)})`;
  }
  return prefersAnotherPlatform(tag, live) ? "prefers another platform than it did" : undefined;
}

/** Differences of spec.tags that need a write but no import (import.md 2.7, last paragraph). */
export function policyDifferences(tag: DesiredTag, live: TagReference): readonly string[] {
  const differences: string[] = [];
  const policy = live.importPolicy ?? {};
  if ((policy.scheduled ?? false) !== tag.scheduled)
    differences.push(`scheduled is ${policy.scheduled ?? false}`);
  if ((policy.insecure ?? false) !== tag.insecure)
    differences.push(`insecure is ${policy.insecure ?? false}`);
  const referencePolicy = live.referencePolicy?.type ?? "Source";
  if (referencePolicy !== tag.referencePolicy) differences.push(`referencePolicy is ${referencePolicy}`);
  for (const [key, value] of Object.entries(tag.annotations)) {
    if (own(live.annotations, key) !== value) differences.push(`annotation ${key} differs`);
  }
  return differences;
}

function describeSource(live: TagReference): string {
  if (live.from === undefined) return "none, it was pushed";
  return live.from.kind === "DockerImage" ? live.from.name : `${live.from.kind} ${live.from.name}`;
}

export function importModeOf(live: TagReference): string {
  return live.importPolicy?.importMode ?? "Legacy";
}
