import type { StreamKey } from "../../../okd/streamName.js";
import { byText } from "../../../support/text/spelling.js";
import type { TriggeredObject } from "../../../usage/triggers.js";
import type { ResolvedTag, ResolvedTags } from "../../outputs.js";
import { isResolved } from "../tag/resolved.js";

/**
 * What a new digest of a tag rolls out or builds, by tag: `deployment/web`, and `buildconfig/site namespace=build` in another
 * namespace than the stream's. Sorted, those of the stream's namespace first. Nothing for a tag whose triggers are paused.
 */
export function rolledOut(
  { namespace, name }: StreamKey,
  objects: Iterable<TriggeredObject>,
): ReadonlyMap<string, readonly string[]> {
  const byTag = new Map<string, TriggeredObject[]>();
  for (const object of objects) {
    const triggers = object.triggers.filter(
      (trigger) => trigger.namespace === namespace && trigger.stream === name && !trigger.isPaused,
    );
    for (const tag of new Set(triggers.map((trigger) => trigger.tag)))
      byTag.set(tag, [...(byTag.get(tag) ?? []), object]);
  }
  const isElsewhere = (object: TriggeredObject) => (object.namespace === namespace ? 0 : 1);
  const describe = (object: TriggeredObject) =>
    isElsewhere(object) === 0
      ? `${object.kind}/${object.name}`
      : `${object.kind}/${object.name} namespace=${object.namespace}`;
  return new Map(
    [...byTag].map(([tag, triggered]) => [
      tag,
      triggered
        .sort((a, b) => isElsewhere(a) - isElsewhere(b) || byText(describe(a), describe(b)))
        .map(describe),
    ]),
  );
}

const namedAtMost = 10;

/** The tags with what those that move roll out, named up to ten. */
export function withRollouts(
  tags: ResolvedTags,
  moved: readonly string[],
  byTag: ReadonlyMap<string, readonly string[]>,
): ResolvedTags {
  const told = Object.entries(tags).map(([name, tag]): [string, ResolvedTag] => {
    const names = moved.includes(name) && isResolved(tag) ? (byTag.get(name) ?? []) : [];
    if (names.length === 0) return [name, tag];
    const total = names.length > namedAtMost ? { rollsOutTotal: names.length } : {};
    return [name, { ...tag, rollsOut: names.slice(0, namedAtMost), ...total }];
  });
  return Object.fromEntries(told);
}

/** What an earlier run rolled out is no property of the image. */
export function withoutRollouts(tags: ResolvedTags): ResolvedTags {
  const plain = Object.entries(tags).map(([name, tag]) => {
    const fields = Object.entries(tag).filter(([key]) => key !== "rollsOut" && key !== "rollsOutTotal");
    return [name, Object.fromEntries(fields) as unknown as ResolvedTag] as const;
  });
  return Object.fromEntries(plain);
}
