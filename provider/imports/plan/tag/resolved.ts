import { qualifiedReference } from "../../../oci/names/pullReference.js";
import type { ImageStream, ImportedImage } from "../../../okd/imageStream.js";
import { own } from "../../../support/collections.js";
import { byText } from "../../../support/text/spelling.js";
import type { DesiredTag, ImageTag, ReferenceTag } from "../../args/desiredStream.js";
import type { ReferencedImage, ResolvedImage, ResolvedTag, ResolvedTags } from "../../outputs.js";
import { sourceText } from "./source.js";
import { tagEvents, tagState } from "./state.js";

export function isResolved(tag: ResolvedTag | undefined): tag is ResolvedImage {
  return tag !== undefined && "digest" in tag;
}

/** Above this many tags only digests and pull specs are kept, so that the state stays small. */
export const detailedTags = 200;

/** `localRepository` is the stream's address in the integrated registry, which `referencePolicy: Local` points to. */
export function resolvedImage(
  tag: ImageTag,
  image: ImportedImage,
  localRepository: string | undefined,
): ResolvedImage {
  const digest = image.metadata.name;
  const metadata = image.dockerImageMetadata;
  const platforms = platformsOf(image);
  const sizeBytes = metadata?.Size;
  // The server gives an index the moment of the lookup as its time, which would change every preview.
  const created = isIndex(image) ? undefined : metadata?.Created;
  return {
    digest,
    pullSpec: pullSpec(tag, image.dockerImageReference ?? `${tag.image}@${digest}`, digest, localRepository),
    ...(platforms.length > 0 ? { platforms } : {}),
    ...(sizeBytes !== undefined && sizeBytes > 0 ? { sizeBytes } : {}),
    ...(created === undefined ? {} : { created }),
  };
}

/** An image that `Legacy` took out of an index is no index: it has metadata of its own. */
function isIndex(image: ImportedImage): boolean {
  return (image.dockerImageManifests ?? []).length > 0;
}

/** What the tag serves on the cluster, without the details that only an import answers. */
export function liveImage(tag: DesiredTag, stream: ImageStream | undefined): ResolvedImage | undefined {
  const state = tagState(stream, tag.name);
  return state.kind === "imported" ? servedImage(tag, state, stream) : undefined;
}

/** The newest image of a tag that follows another one, whose generation says nothing about it. */
export function newestImage(tag: DesiredTag, stream: ImageStream | undefined): ResolvedImage | undefined {
  const [latest] = tagEvents(stream, tag.name);
  if (latest === undefined || latest.image === "") return undefined;
  return servedImage(tag, { digest: latest.image, reference: latest.dockerImageReference }, stream);
}

/** An image under a tag of the stream; `reference` is the pull spec that the source has. */
export function servedImage(
  tag: DesiredTag,
  { digest, reference }: { readonly digest: string; readonly reference: string },
  stream: Pick<ImageStream, "metadata" | "status"> | undefined,
): ResolvedImage {
  const from = sourceText(tag, stream?.metadata ?? { namespace: "" });
  const spec = pullSpec(tag, reference, digest, stream?.status?.dockerImageRepository);
  return { digest, pullSpec: spec, ...(from === undefined ? {} : { from }) };
}

export function referencedImage(tag: ReferenceTag): ReferencedImage {
  return { pullSpec: qualifiedReference(tag.image), reference: true };
}

/** Policy Local names the integrated registry, and falls back to the source where there is none (facts/image-streams.md 24). */
export function pullSpec(
  tag: DesiredTag,
  reference: string,
  digest: string,
  localRepository: string | undefined,
): string {
  const isKept = "reference" in tag && tag.reference;
  if (tag.referencePolicy === "Local" && !isKept && localRepository !== undefined && localRepository !== "") {
    return `${localRepository}@${digest}`;
  }
  return qualifiedReference(reference);
}

function platformsOf(image: ImportedImage): readonly string[] {
  const children = (image.dockerImageManifests ?? []).map((manifest) =>
    platform(manifest.os, manifest.architecture, manifest.variant),
  );
  const metadata = image.dockerImageMetadata;
  const own =
    metadata?.Architecture === undefined || metadata.Architecture === ""
      ? []
      : [platform(metadata.Os, metadata.Architecture, metadata.Variant)];
  const all = children.length > 0 ? children : own;
  return [...new Set(all)].filter((text) => !text.startsWith("unknown/")).sort(defaultFirst);
}

function platform(
  os: string | undefined,
  architecture: string | undefined,
  variant: string | undefined,
): string {
  const parts = [os === undefined || os === "" ? "linux" : os, architecture ?? "unknown"];
  return (variant === undefined || variant === "" ? parts : [...parts, variant]).join("/");
}

function defaultFirst(a: string, b: string): number {
  if (a === "linux/amd64" || b === "linux/amd64") return a === b ? 0 : a === "linux/amd64" ? -1 : 1;
  return byText(a, b);
}

/** Whether both name the same digest and pull spec for every tag; details and short forms may differ. */
export function sameImages(a: ResolvedTags, b: ResolvedTags): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => imageKey(own(a, name)) === imageKey(own(b, name)));
}

function imageKey(tag: ResolvedTag | undefined): string {
  if (tag !== undefined && "reference" in tag) return tag.pullSpec;
  return isResolved(tag) ? `${tag.digest} ${qualifiedReference(tag.pullSpec)}` : "";
}

/** Redacts the messages of unresolved tags, which are a server's words and are stored in the state. */
export function redactErrors(tags: ResolvedTags, redact: (text: string) => string): ResolvedTags {
  return Object.fromEntries(
    Object.entries(tags).map(([name, tag]) => [
      name,
      "error" in tag ? { ...tag, error: redact(tag.error) } : tag,
    ]),
  );
}
