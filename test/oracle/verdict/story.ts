import type { SafePolicy } from "../../../provider/prune/args/policy.js";
import type { PruneDecision } from "../../../provider/prune/plan/decision.js";
import type { ClusterSnapshot, Image } from "../../../provider/prune/snapshot.js";
import { describeReferrer } from "../../../provider/usage/referrer.js";
import type { StreamFacts, TagItem } from "../../../provider/usage/streamFacts.js";
import { takenAt } from "../clusters/universe.js";
import { blobsOf, deletionsOfImagesIn } from "../model/planContent.js";
import { repositoryOf } from "../model/registry.js";

/**
 * A generated case in few lines, for the message of a failed property: digests by their first two characters, ages in
 * minutes, without the usual values.
 */
export function storyOf(
  snapshot: ClusterSnapshot,
  policy: SafePolicy,
  plan: PruneDecision,
  truth: ClusterSnapshot = snapshot,
): string {
  const secretive = new Set(snapshot.images.filter(({ unsaid }) => unsaid !== "nothing").map(nameOf));
  const lines = [
    ...snapshot.images.map(imageLine),
    ...truth.images
      .filter((image) => secretive.has(nameOf(image)))
      .map((each) => `in truth ${imageLine(each)}`),
    ...snapshot.streams.flatMap(streamLines),
    ...snapshot.referrers.map((referrer) => `${describeReferrer(referrer)} ${JSON.stringify(referrer)}`),
    ...snapshot.imageLimits.map(({ namespace, maxStorage }) => `limit of ${namespace}: ${maxStorage}`),
    ...(snapshot.mirrors ?? []).map(
      ({ source, mirrors }) => `${source} is mirrored at ${mirrors.join(", ")}`,
    ),
    `policy ${JSON.stringify(policy)}`,
    ...planLines(plan),
  ];
  return shortened(lines.join("\n"));
}

function nameOf({ digest }: Image): string {
  return digest;
}

function imageLine({ digest, createdAt, managed, isSigned, repository, ...content }: Image): string {
  const { metadata, manifests, layers, mediaType, unsaid } = content;
  const needs = [...layers, metadata.kind === "known" ? metadata.configId : `metadata ${metadata.kind}`];
  const what = manifests.length > 0 ? `index of ${manifests.join(" ")}` : needs.join(" ");
  const flags = `${managed ? "" : " external"}${isSigned ? " signed" : ""}${unsaid === "nothing" ? "" : ` (unsaid: ${unsaid})`}`;
  return `image ${digest} ${mediaType.split(".").slice(-3).join(".")} of ${repository}${age(createdAt)}${flags}: ${what}`;
}

function streamLines({ createdAt, labels, specTags, tags, ...key }: StreamFacts): readonly string[] {
  return [
    `stream ${repositoryOf(key)}${age(createdAt)} ${JSON.stringify(labels)}`,
    ...specTags.map(({ name, from, isReference }) => {
      const source = from === undefined ? "nothing" : `${from.kind} ${from.namespace} ${from.name}`;
      return `  spec ${name} from ${source}${isReference ? " (reference)" : ""}`;
    }),
    ...tags.map(({ tag, items }) => `  ${tag}: ${items.map(itemText).join(", ")}`),
  ];
}

function itemText({ digest, createdAt, pullSpec }: TagItem): string {
  return `${digest === "" ? "-" : digest}${age(createdAt)} (${pullSpec})`;
}

function planLines(plan: PruneDecision): readonly string[] {
  const { streams, images, kept } = plan;
  return [
    ...streams.flatMap((trim) => [
      ...trim.tags.map(({ tag, cuts }) => {
        const texts = cuts.map(({ revision, digest, reason }) => `#${revision} ${digest} ${reason}`);
        return `plan: ${repositoryOf(trim)}:${tag} loses ${texts.join(", ")}`;
      }),
      `plan: ${repositoryOf(trim)} unlinks ${[...trim.layerLinks, "|", ...trim.manifestLinks].join(" ")}`,
    ]),
    `plan: Images ${images.kind}`,
    ...deletionsOfImagesIn(plan).map(
      (deletion) =>
        `plan: delete ${deletion.digest} (${deletion.reason}), blobs ${blobsOf(deletion).join(" ")}`,
    ),
    `plan: kept ${JSON.stringify(kept)}`,
  ];
}

/** Most things are old, which is not worth a word. */
function age(instant: number): string {
  const minutes = (takenAt - instant) / 60_000;
  return minutes >= 100_000 ? "" : ` ${minutes}m`;
}

function shortened(text: string): string {
  return text.replaceAll(/(?:sha256[:-])?([0-9a-f]{2})\1{31}/g, "<$1>");
}
