import { shellQuoted } from "../support/text/spelling.js";
import { type StreamKey, streamName } from "./streamName.js";

/** Where an image is to be pulled from again. */
export interface RepairTarget {
  readonly stream: StreamKey;
  readonly tag: string;
  readonly digest: string;
}

/** A tag that nobody else has: under one that exists it would become the current image. */
export function restoredTag(digest: string): string {
  return `restored-${digest.slice("sha256:".length, "sha256:".length + 12)}`;
}

/** Takes it from another stream, which must have the digest in a history of its own: not below an index. */
export function tagLine({ stream, tag, digest }: RepairTarget, from: StreamKey): string {
  return `oc tag ${shellWord(`${streamName(from)}@${digest}`)} ${shellWord(`${streamName(stream)}:${tag}`)}`;
}

/** Needs nothing but the Image: no stream has to list it. `pullSpec` is what the item will name. */
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

/** Quoted only where it must be; what others have named may hold anything. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text);
}
