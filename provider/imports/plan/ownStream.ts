import { parseReference, repository } from "../../oci/names/reference.js";
import type { ImageStream } from "../../okd/imageStream.js";
import { streamName } from "../../okd/streamName.js";
import { own } from "../../support/collections.js";
import type { DesiredTag, PlacedStream, StreamImageTag } from "../args/desiredStream.js";
import type { ResolvedImage, ResolvedTag } from "../outputs.js";
import { isResolved, servedImage } from "./tag/resolved.js";
import { followedTag, isDigestStart, isOfOwnStream, type OwnStreamTag } from "./tag/source.js";
import { allEvents, specTag, tagEvents } from "./tag/state.js";

/** What is known when tags that name tags of the same stream are resolved. */
export interface OwnStreamFacts {
  readonly desired: PlacedStream;
  readonly stream: ImageStream | undefined;
  /** What the other declared tags resolve to. */
  readonly resolved: Readonly<Record<string, ResolvedTag>>;
  /** Declared tags of which the image is not known yet. */
  readonly undecided: ReadonlySet<string>;
  /** Tags that this run takes off the stream. */
  readonly leaving: ReadonlySet<string>;
}

export type OwnStreamAnswer =
  | { readonly kind: "resolved"; readonly image: ResolvedImage }
  | { readonly kind: "undecided"; readonly reason: string }
  /** There is no such tag or image: a preview cannot know whether the same program makes it. */
  | { readonly kind: "missing"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

/** An image, and the tag that it was found under. */
interface Found {
  readonly kind: "found";
  readonly image: ResolvedImage;
  /** Pull spec that the image has in its source. */
  readonly reference: string;
}

type Search = Found | Exclude<OwnStreamAnswer, { readonly kind: "resolved" }>;

/** What a tag resolves to that names a tag or an image of its own stream, as that will be after this run. */
export function resolveOwnStreamTag(tag: OwnStreamTag, facts: OwnStreamFacts): OwnStreamAnswer {
  const found = searchFor(tag, facts, [tag.name]);
  if (found.kind !== "found") return found;
  const { desired, stream } = facts;
  const served = servedImage(
    tag,
    { digest: found.image.digest, reference: found.reference },
    stream ?? { metadata: desired },
  );
  return { kind: "resolved", image: { ...found.image, ...served } };
}

function searchFor(tag: OwnStreamTag, facts: OwnStreamFacts, passed: readonly string[]): Search {
  switch (tag.kind) {
    case "alias":
      return tagNamed(tag.alias, facts, passed);
    case "imageStreamTag":
      return tagNamed(tag.tag, facts, passed);
    case "imageStreamImage":
      return imageNamed(tag, facts);
  }
}

function tagNamed(name: string, facts: OwnStreamFacts, passed: readonly string[]): Search {
  const { desired, stream, undecided, leaving } = facts;
  const label = `tags.${passed[0] ?? ""}`;
  if (passed.includes(name)) {
    const circle = [...passed, name].join(" -> ");
    return { kind: "failed", reason: `${label}: the tags ${circle} lead back to themselves` };
  }
  if (undecided.has(name)) return { kind: "undecided", reason: `${label}: what ${name} resolves to` };
  const declared = desired.tags.find((tag) => tag.name === name);
  if (declared !== undefined) return declaredTag(declared, facts, [...passed, name]);
  if (leaving.has(name)) {
    const reason = `${label}: names the tag ${name}, which the program no longer declares, so that this run removes it. Declare it, or name another tag`;
    return { kind: "failed", reason };
  }
  const live = specTag(stream, name);
  const next = live === undefined || stream === undefined ? undefined : followedTag(live, stream.metadata);
  if (next !== undefined && passed.includes(next)) return tagNamed(next, facts, [...passed, name]);
  return liveTag(name, facts, label);
}

function liveTag(name: string, { desired, stream }: OwnStreamFacts, label: string): Search {
  const [latest] = tagEvents(stream, name);
  if (latest?.image === "") {
    const reason = `${label}: ${name} is a reference, which has no image to follow`;
    return { kind: "failed", reason };
  }
  if (latest === undefined) {
    const reason = `${label}: image stream ${streamName(desired)} has no image under the tag ${name} yet`;
    return { kind: "missing", reason };
  }
  return {
    kind: "found",
    image: { digest: latest.image, pullSpec: "" },
    reference: latest.dockerImageReference,
  };
}

function declaredTag(tag: DesiredTag, facts: OwnStreamFacts, passed: readonly string[]): Search {
  const label = `tags.${passed[0] ?? ""}`;
  if (isOfOwnStream(tag, facts.desired) && own(facts.resolved, tag.name) === undefined)
    return searchFor(tag, facts, passed);
  const image = own(facts.resolved, tag.name);
  if (tag.kind === "reference" || image === undefined || "reference" in image)
    return { kind: "failed", reason: `${label}: ${tag.name} is a reference, which has no image to follow` };
  if (isResolved(image))
    return { kind: "found", image, reference: sourceReference(tag, image, facts.stream) };
  return { kind: "failed", reason: `${label}: follows ${tag.name}, which could not be imported` };
}

/** The pull spec by digest that a declared tag's image has in its source, whatever the tag's reference policy is. */
function sourceReference(tag: DesiredTag, image: ResolvedImage, stream: ImageStream | undefined): string {
  const event = allEvents(stream).find(({ image: digest }) => digest === image.digest);
  if (event !== undefined) return event.dockerImageReference;
  const parsed = tag.kind === "image" ? parseReference(tag.image) : undefined;
  return parsed?.ok === true ? `${repository(parsed.reference)}@${image.digest}` : image.pullSpec;
}

function imageNamed(tag: StreamImageTag, { desired, stream, resolved }: OwnStreamFacts): Search {
  const references = new Map(
    allEvents(stream).map(({ image, dockerImageReference }) => [image, dockerImageReference]),
  );
  for (const image of Object.values(resolved).filter(isResolved)) {
    if (!references.has(image.digest)) references.set(image.digest, image.pullSpec);
  }
  const [first, ...others] = [...references].filter(([digest]) => isDigestStart(tag.image, digest));
  const where = `image stream ${streamName(desired)}`;
  const label = `tags.${tag.name}`;
  if (first === undefined) return { kind: "missing", reason: `${label}: ${where} has no image ${tag.image}` };
  if (others.length > 0) {
    const digests = [first, ...others].map(([digest]) => digest).join(", ");
    return {
      kind: "failed",
      reason: `${label}: ${where} has several images ${tag.image}: ${digests}. Write more of the digest`,
    };
  }
  const [digest, reference] = first;
  return { kind: "found", image: { digest, pullSpec: "" }, reference };
}
