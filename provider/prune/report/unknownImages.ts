import { streamName } from "../../okd/streamName.js";
import { countOf, nameList, pluralOf } from "../../support/text/wording.js";
import type { PlanWarning, UnknownContent } from "../plan/decision.js";
import type { UnknownImage } from "./model.js";

/** Digests in one line; the report lists all of them. */
const shownImages = 5;
const shownStreams = 3;

const unsaidTexts: Readonly<Record<UnknownContent["unsaid"], string>> = {
  blobs: "does not say which layers and config it needs",
  manifests: "does not list the manifests of its index",
  kind: "does not say what kind of manifest it is",
};

const holdsUpTexts: Readonly<Record<UnknownContent["holdsUp"], string>> = {
  everything: "no Image and no blob goes for its sake",
  itself: "only it stays for its sake",
};

/** Every Image of which the plan does not know what it needs. */
export function unknownImages(warnings: readonly PlanWarning[]): readonly UnknownImage[] {
  return unknownContents(warnings).map(({ digest, repository, streams, unsaid, holdsUp }) => ({
    digest,
    repository,
    streams: streams.map(streamName),
    unsaid,
    holdsUp,
    text: `${unsaidTexts[unsaid]}; ${holdsUpTexts[holdsUp]}`,
  }));
}

/** What they block, and how to delete them: a line for each of the two cases. */
export function unknownImageWarnings(warnings: readonly PlanWarning[]): readonly string[] {
  const unknown = unknownContents(warnings);
  const needed = unknown.filter(({ holdsUp }) => holdsUp === "everything");
  const forgotten = unknown.filter(({ holdsUp }) => holdsUp === "itself");
  return [
    ...(needed.length === 0 ? [] : [neededText(needed)]),
    ...(forgotten.length === 0 ? [] : [forgottenText(forgotten)]),
  ];
}

function neededText(images: readonly UnknownContent[]): string {
  const subject = countOf(images.length, "Image");
  return (
    `No Image and no blob goes, and nothing of the streams concerned: ${subject} that may be in use ` +
    `${pluralOf(images.length, "does", "do")} not say what ${pluralOf(images.length, "it needs", "they need")}, and no registry that was asked tells. ` +
    `${described(images)}. Push or import ${pluralOf(images.length, "it", "them")} again; what nothing needs, delete: ` +
    `its tags with oc tag -d, then ${deletion(images)}.`
  );
}

function forgottenText(images: readonly UnknownContent[]): string {
  return (
    `${countOf(images.length, "Image")} ${pluralOf(images.length, "does", "do")} not say what ` +
    `${pluralOf(images.length, "it needs", "they need")}. No stream lists ${pluralOf(images.length, "it", "them")} and nothing refers to ` +
    `${pluralOf(images.length, "it", "them")}, so only ${pluralOf(images.length, "it stays", "they stay")}: ` +
    `${described(images)}. To be rid of ${pluralOf(images.length, "it", "them")}: ${deletion(images)}.`
  );
}

function described(images: readonly UnknownContent[]): string {
  return nameList(images.map(describe), shownImages);
}

function describe({ digest, streams, repository, unsaid }: UnknownContent): string {
  const listing = streams.map(streamName);
  const origin = repository === "" ? "" : ` of ${repository}`;
  const where = listing.length === 0 ? origin : ` in ${nameList(listing, shownStreams)}`;
  return `${digest}${where} (${unsaidTexts[unsaid]})`;
}

function deletion(images: readonly UnknownContent[]): string {
  const [first] = images;
  return images.length === 1 && first !== undefined
    ? `oc delete image ${first.digest}`
    : "oc delete image <digest>";
}

function unknownContents(warnings: readonly PlanWarning[]): readonly UnknownContent[] {
  return warnings.filter((warning): warning is UnknownContent => warning.kind === "unknown-content");
}
