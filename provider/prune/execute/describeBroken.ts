import { streamName } from "../plan/streamName.js";
import type { BrokenImage } from "./pruneOutcome.js";

/** `shop/web@sha256:…`, where it cannot be pulled from. */
export function brokenName({ stream, digest }: BrokenImage): string {
  return `${streamName(stream)}@${digest}`;
}

/**
 * What makes it pullable again, a line for a shell where there is one. `oc tag` takes a digest only from a stream whose
 * history has it; a mapping needs nothing but the Image.
 */
export function repairOf(broken: BrokenImage): string {
  if (broken.kind === "incomplete") return "push it again";
  const { servedBy, digest, stream, tag, pullSpec } = broken;
  const target = `${streamName(stream)}:${tag}`;
  if (servedBy !== undefined) {
    return `oc tag ${quoted(`${streamName(servedBy)}@${digest}`)} ${quoted(target)}`;
  }
  if (pullSpec === undefined) return `push or import it again as ${target}`;
  const mapping = {
    apiVersion: "image.openshift.io/v1",
    kind: "ImageStreamMapping",
    metadata: stream,
    tag,
    image: { metadata: { name: digest }, dockerImageReference: pullSpec },
  };
  return `echo ${quoted(JSON.stringify(mapping))} | oc create -f -`;
}

/** For a POSIX shell; what others have named may hold anything. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
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
