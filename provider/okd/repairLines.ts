import { shellQuoted } from "../support/text/spelling.js";
import { type StreamKey, streamName } from "./streamName.js";

/** Where an image is to be pulled from again. */
export interface RepairTarget {
  readonly stream: StreamKey;
  readonly tag: string;
  readonly digest: string;
}

/** A new tag: under an existing one the image would become current. */
export function restoredTag(digest: string): string {
  return `restored-${digest.slice("sha256:".length, "sha256:".length + 12)}`;
}

/** Tags it from another stream, which must have the digest itself in a history, not below an index. */
export function tagLine({ stream, tag, digest }: RepairTarget, from: StreamKey): string {
  return `oc tag ${shellWord(`${streamName(from)}@${digest}`)} ${shellWord(`${streamName(stream)}:${tag}`)}`;
}

/** Needs nothing but the Image: no stream has to list it. `pullSpec` becomes that of the item. */
export function mappingLine({ stream, tag, digest }: RepairTarget, pullSpec: string): string {
  const mapping = {
    apiVersion: "image.openshift.io/v1",
    kind: "ImageStreamMapping",
    metadata: stream,
    tag,
    image: { metadata: { name: digest }, dockerImageReference: pullSpec },
  };
  return `echo ${shellWord(JSON.stringify(mapping))} | oc create -f -`;
}

/** Quoted only where it must be; a name that others chose may hold anything. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text);
}
