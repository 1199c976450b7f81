import { own } from "../support/own.js";
import { findClaim } from "./claims.js";
import type { DesiredStream } from "./desiredStream.js";
import type { RecordedStream } from "./planStreamWrite.js";
import type { ResolvedTags } from "./resolvedTag.js";
import { policyDifferences } from "./tagChanges.js";
import { type ObservedStream, tagStanding } from "./tagStanding.js";
import { specTag, statusTag } from "./tagState.js";

/**
 * Whether the stream differs from what was declared and recorded. A moved digest alone is none: `resolved` shows it.
 * `importsNothing`: the program ignores changes of `resolved`, so unfinished imports do not count.
 */
export function hasDrifted(
  desired: DesiredStream,
  { stream, lostImages }: ObservedStream,
  recorded: RecordedStream,
  resolved: ResolvedTags,
  importsNothing: boolean,
): boolean {
  const last = { desired, resolved };
  if (stream === undefined || stream.metadata.uid !== recorded.uid) return true;
  if (findClaim(stream, recorded.claim) === undefined) return true;
  const declared = new Set(desired.tags.map((tag) => tag.name));
  const leftovers = recorded.owned.filter((tag) => !declared.has(tag));
  return (
    leftovers.some((tag) => specTag(stream, tag) !== undefined || statusTag(stream, tag) !== undefined) ||
    desired.tags.some((tag) => {
      const live = specTag(stream, tag.name);
      if (live === undefined || policyDifferences(tag, live).length > 0) return true;
      return !importsNothing && tagStanding(tag, { stream, lostImages }, last).kind === "due";
    }) ||
    differs(desired.labels, stream.metadata.labels) ||
    differs(desired.annotations, stream.metadata.annotations) ||
    (desired.lookupLocal !== undefined && desired.lookupLocal !== (stream.spec.lookupPolicy?.local ?? false))
  );
}

function differs(
  declared: Readonly<Record<string, string>>,
  live: Readonly<Record<string, string>> | undefined,
): boolean {
  return Object.entries(declared).some(([key, value]) => own(live, key) !== value);
}
