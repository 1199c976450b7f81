import { mappingLine, tagLine } from "../../../okd/repairLines.js";
import { streamName } from "../../../okd/streamName.js";
import type { BrokenImage } from "../outcome.js";

/** `shop/web@sha256:…`, where it cannot be pulled from. */
export function brokenName({ stream, digest }: BrokenImage): string {
  return `${streamName(stream)}@${digest}`;
}

/** What makes it pullable again, as a line for a shell if possible. */
export function repairOf(broken: BrokenImage): string {
  if (broken.kind === "incomplete") return "push it again";
  const { servedBy, stream, tag, pullSpec } = broken;
  if (servedBy !== undefined) return tagLine(broken, servedBy);
  if (pullSpec !== undefined) return mappingLine(broken, pullSpec);
  return `push or import it again as ${streamName(stream)}:${tag}`;
}

/** For people. */
export function describeBroken(broken: BrokenImage): string {
  return `${brokenName(broken)} ${whyBroken(broken)}, and cannot be pulled: ${repairOf(broken)}`;
}

function whyBroken(broken: BrokenImage): string {
  if (broken.kind === "incomplete") return "was pushed, tagged or imported while its content was deleted";
  const by = broken.users.length === 0 ? "" : ` by ${broken.users.join(", ")}`;
  return `came into use${by} while this run cut it`;
}
