import { hostOfRepository } from "../../oci/names/images.js";
import { pullReference } from "../../oci/names/pullReference.js";
import type { ImageStream, NamedTagEventList, TagEvent } from "../../okd/imageStream.js";
import { globMatcher } from "../../support/globs/match.js";
import { byText } from "../../support/text/spelling.js";
import type { StreamImage, StreamSource } from "../ports.js";

export type NamedSource = StreamSource & { readonly namespace: string };

/** The images that a source stands for, sorted by tag; a reference tag has no image. */
export function imagesOf(stream: ImageStream, source: NamedSource): readonly StreamImage[] {
  const histories = stream.status?.tags ?? [];
  const { namespace, name, tags, digest } = source;
  const imageAt = (history: NamedTagEventList, event: TagEvent, tag: string): StreamImage => ({
    namespace,
    name,
    tag,
    digest: event.image,
    source: sourceOf(stream, history.tag, event),
  });
  if (digest !== undefined) {
    // The registry serves by stream: any revision of any tag will do, the tag's own first.
    const ownFirst = histories.toSorted((a, b) => Number(b.tag === tags) - Number(a.tag === tags));
    const found = ownFirst.flatMap((history) =>
      (history.items ?? [])
        .filter(({ image }) => image === digest)
        .map((event) => imageAt(history, event, tags)),
    );
    return found.slice(0, 1);
  }
  const isMeant = globMatcher([tags]);
  return histories
    .filter(({ tag }) => tag === tags || isMeant(tag))
    .flatMap((history) => {
      const [event] = history.items ?? [];
      return (event?.image ?? "") === "" || event === undefined ? [] : [imageAt(history, event, history.tag)];
    })
    .sort((a, b) => byText(a.tag, b.tag));
}

/** Undefined where the image was pushed, or where its tag allows the integrated registry only. */
function sourceOf({ spec, status }: ImageStream, tag: string, event: TagEvent): string | undefined {
  const declared = (spec.tags ?? []).find(({ name }) => name === tag);
  if (declared?.from === undefined || declared.referencePolicy?.type === "Local") return undefined;
  const verdict = pullReference(event.dockerImageReference);
  if (!verdict.ok) return undefined;
  const { host, repository, digest } = verdict.reference;
  // Without an integrated registry the server answers the spec's upstream in the status.
  const isUpstream = status?.dockerImageRepository === spec.dockerImageRepository;
  const own = [isUpstream ? "" : status?.dockerImageRepository, status?.publicDockerImageRepository].map(
    hostOfRepository,
  );
  if (own.includes(host) || (digest !== undefined && digest !== event.image)) return undefined;
  return `${host}/${repository}@${event.image}`;
}
