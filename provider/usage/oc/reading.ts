import { parseReference } from "../../oci/names/reference.js";
import type { ImageSource } from "../referrer.js";
import { quoteLikeGo } from "./quoteLikeGo.js";

/** What a reference uses: whatever a tag of a stream points to now, or one image in a stream's history. */
export type ImageUse =
  | { readonly kind: "tag"; readonly namespace: string; readonly stream: string; readonly tag: string }
  | { readonly kind: "digest"; readonly namespace: string; readonly stream: string; readonly digest: string };

/** What kind of reference a text was meant to be; the words are those of oc's messages. */
export type ReferenceKind = "image" | "ImageStreamImage" | "ImageStreamTag";

export type ReadUse =
  | ImageUse
  /** Valid, and not an image of any stream as far as `oc` can tell. */
  | { readonly kind: "none" }
  | {
      readonly kind: "invalid";
      readonly target: ReferenceKind;
      readonly text: string;
      readonly problem: string;
    };

const none: ReadUse = { kind: "none" };

/**
 * Reads a pull spec (facts/pruning.md 9). The host is never compared, so that routes, service names and mirrors count too;
 * but without one, or with another number of segments than namespace and name, `oc` sees no image stream in it.
 */
export function readPullSpec(text: string): ReadUse {
  if (isBlank(text)) return none;
  const parsed = parseReference(text);
  if (!parsed.ok) return { kind: "invalid", target: "image", text, problem: parsed.error };
  const { registry, namespace, name, tag, id } = parsed.reference;
  if (registry === "" || namespace === "" || name.includes("/")) return none;
  if (id !== "") return { kind: "digest", namespace, stream: name, digest: id };
  return { kind: "tag", namespace, stream: name, tag: tag === "" ? "latest" : tag };
}

/** Reads what a build starts from (facts/pruning.md 8); `namespace` is that of the build. */
export function readImageSource(from: ImageSource, namespace: string): ReadUse {
  const where = from.namespace === "" ? namespace : from.namespace;
  switch (from.kind) {
    case "DockerImage":
      return readPullSpec(from.name);
    case "ImageStreamImage":
      return readStreamImage(where, from.name);
    case "ImageStreamTag":
      return readStreamTag(where, from.name);
    default:
      return none;
  }
}

function readStreamImage(namespace: string, text: string): ReadUse {
  const invalid = (problem: string): ReadUse => ({
    kind: "invalid",
    target: "ImageStreamImage",
    text,
    problem,
  });
  const [stream = "", digest = "", ...rest] = text.split("@");
  if (!text.includes("@") || rest.length > 0) {
    return invalid(`expected exactly one @ in the isimage name ${quoteLikeGo(text)}`);
  }
  if (stream === "" || digest === "") {
    return invalid(`image stream image name ${quoteLikeGo(text)} must have a name and ID`);
  }
  return { kind: "digest", namespace, stream, digest };
}

function readStreamTag(namespace: string, text: string): ReadUse {
  const invalid = (problem: string): ReadUse => ({
    kind: "invalid",
    target: "ImageStreamTag",
    text,
    problem,
  });
  if (text.includes("@")) {
    return invalid(`${quoteLikeGo(text)} is an image stream image, not an image stream tag`);
  }
  const [stream = "", tag = "", ...rest] = text.split(":");
  if (!text.includes(":") || rest.length > 0) {
    return invalid(`expected exactly one : delimiter in the istag ${quoteLikeGo(text)}`);
  }
  if (stream === "" || tag === "") {
    return invalid(`image stream tag name ${quoteLikeGo(text)} must have a name and a tag`);
  }
  return { kind: "tag", namespace, stream, tag };
}

/** Templates with a blank image exist: a controller fills them in later (openshift/release#885). */
function isBlank(text: string): boolean {
  return /^\p{White_Space}*$/u.test(text);
}
