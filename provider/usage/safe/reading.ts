import { type ImageReference, parseReference } from "../../oci/names/reference.js";
import type { Mirrors } from "../mirrors.js";
import { readImageSource } from "../oc/reading.js";
import type { ImageSource } from "../referrer.js";

/** A tag of a stream; without a namespace, of the namespace of the object that names it. */
export interface TagName {
  readonly namespace: string | undefined;
  readonly stream: string;
  readonly tag: string;
}

/**
 * What a text may lead to when any host and path may be a mirror or a route of the integrated registry
 * (facts/registries.md 1). `oc` sees less in it: `readPullSpec`.
 */
export interface NamedImages {
  /** Every `sha256:<hex>` in it, of manifests or configs. */
  readonly digests: readonly string[];
  readonly tag: TagName | undefined;
  /** Why the text is no reference. Digests count all the same. */
  readonly problem: string | undefined;
}

const nothing: NamedImages = { digests: [], tag: undefined, problem: undefined };

/** Reads a pull spec; blanks around it do not matter, and a digest wins over a tag. */
export function imagesNamedBy(pullSpec: string): NamedImages {
  const text = pullSpec.trim();
  if (text === "") return nothing;
  const digests = digestsInPullSpecs(text);
  const parsed = parseReference(text);
  if (!parsed.ok) return { digests, tag: undefined, problem: parsed.error };
  const tag = parsed.reference.id === "" ? tagNamedBy(parsed.reference) : undefined;
  return { digests, tag, problem: undefined };
}

/** Reads an object reference; `namespace` is that of the object that holds it. */
export function imagesNamedBySource(from: ImageSource, namespace: string): NamedImages {
  if (from.kind === "DockerImage") return imagesNamedBy(from.name);
  const use = readImageSource({ ...from, name: from.name.trim() }, namespace);
  switch (use.kind) {
    case "none":
      return nothing;
    case "tag":
      return { ...nothing, tag: use };
    case "digest":
      return { ...nothing, digests: [use.digest.toLowerCase()] };
    case "invalid":
      return { ...nothing, digests: digestsInPullSpecs(from.name), problem: use.problem };
  }
}

/** The tags that the source and the mirrors of a pull spec are; it may be one of `possibleSpecs` too. */
export function mirroredTagsOf(pullSpec: string, mirrors: Mirrors): readonly TagName[] {
  return mirrors.alternativesOf(pullSpec).flatMap(possibleTagsNamedBy);
}

/** The tag that one of `possibleSpecs` names, `*` where it is not known; none for what a stream cannot be called. */
export function possibleTagsNamedBy(spec: string): readonly TagName[] {
  const isTagged = spec.includes(":", spec.lastIndexOf("/") + 1);
  const colon = isTagged ? spec.lastIndexOf(":") : spec.length;
  const parsed = parseReference(spec.slice(0, colon));
  if (!parsed.ok) return [];
  return [{ ...tagNamedBy(parsed.reference), tag: isTagged ? spec.slice(colon + 1) : "latest" }];
}

/** Every `sha256:<64 hex>` in a text, in lower case. */
export function digestsInPullSpecs(text: string): readonly string[] {
  return text.match(/sha256:[0-9a-f]{64}/gi)?.map((digest) => digest.toLowerCase()) ?? [];
}

/** The digests that a container status' `imageID` may mean: it may be bare hex, or stand behind a pull spec. */
export function digestsInImageId(imageId: string): readonly string[] {
  return imageId.match(/[0-9a-f]{64}/gi)?.map((hex) => `sha256:${hex.toLowerCase()}`) ?? [];
}

/** The last two segments of the path are namespace and name; a single one is a local name. */
function tagNamedBy({ registry, namespace, name, tag }: ImageReference): TagName {
  if (name === "") {
    const [stream = "", ownTag = "latest"] = registry.split(":"); // a local name with a dot, taken for a host
    return { namespace: undefined, stream, tag: ownTag };
  }
  const segments = `${namespace}/${name}`.split("/").filter((segment) => segment !== "");
  return {
    namespace: segments.at(-2),
    stream: segments.at(-1) ?? "",
    tag: tag === "" ? "latest" : tag,
  };
}
