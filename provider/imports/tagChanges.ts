import type { DesiredTag } from "./desiredStream.js";
import type { ImageStream, TagReference } from "./imageStream.js";
import { prefersAnotherPlatform } from "./preferredPlatform.js";
import { specTag, tagState } from "./tagState.js";

/** Why a tag has to be imported (again), for people; undefined when what is there will do. */
export function importReason(tag: DesiredTag, stream: ImageStream | undefined): string | undefined {
  const live = specTag(stream, tag.name);
  if (live === undefined) return "is not on the cluster yet";
  if (live.from?.kind !== "DockerImage" || live.from.name !== tag.image) {
    return `has another source there (${describeSource(live)})`;
  }
  if (tag.importMode !== undefined && importModeOf(live) !== tag.importMode) {
    return `has another import mode there (${importModeOf(live)})`;
  }
  if (prefersAnotherPlatform(tag, live)) return "prefers another platform than it did";
  const state = tagState(stream, tag.name);
  switch (state.kind) {
    case "imported":
      return undefined;
    case "failed":
      return `was not imported: ${state.message}`;
    case "pending":
      return "has not been imported yet";
    case "absent":
      return "is not on the cluster yet";
  }
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
    if (live.annotations?.[key] !== value) differences.push(`annotation ${key} differs`);
  }
  return differences;
}

function describeSource(live: TagReference): string {
  if (live.from === undefined) return "none, it was pushed";
  return live.from.kind === "DockerImage" ? live.from.name : `${live.from.kind} ${live.from.name}`;
}

function importModeOf(live: TagReference): string {
  return live.importPolicy?.importMode ?? "Legacy";
}
