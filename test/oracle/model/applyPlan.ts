import type { PruneDecision, StreamTrim } from "../../../provider/prune/plan/decision.js";
import type { ClusterSnapshot } from "../../../provider/prune/snapshot.js";
import type { StreamFacts } from "../../../provider/usage/streamFacts.js";
import { blobsOf, deletionsOfImagesIn } from "./planContent.js";
import { linkOf, type RegistryModel, repositoryOf } from "./registry.js";

/** One request that changes the cluster or its registry. */
export type PlanStep =
  | { readonly kind: "stream status"; readonly trim: StreamTrim }
  | { readonly kind: "layer link"; readonly repository: string; readonly digest: string }
  | { readonly kind: "manifest link"; readonly repository: string; readonly digest: string }
  | { readonly kind: "blob"; readonly digest: string }
  | { readonly kind: "image"; readonly digest: string };

/** Each stream's status, then its links; when all streams are done, each Image after its blobs. */
export function stepsOf(plan: PruneDecision): readonly PlanStep[] {
  const ofStreams = plan.streams.flatMap((trim): readonly PlanStep[] => {
    const repository = repositoryOf(trim);
    return [
      { kind: "stream status", trim },
      ...trim.layerLinks.map((digest) => ({ kind: "layer link" as const, repository, digest })),
      ...trim.manifestLinks.map((digest) => ({ kind: "manifest link" as const, repository, digest })),
    ];
  });
  const ofImages = deletionsOfImagesIn(plan).flatMap((deletion): readonly PlanStep[] => [
    ...blobsOf(deletion).map((digest) => ({ kind: "blob" as const, digest })),
    { kind: "image", digest: deletion.digest },
  ]);
  return [...ofStreams, ...ofImages];
}

/** The registry after these steps; does not change the given one. */
export function applySteps(model: RegistryModel, steps: readonly PlanStep[]): RegistryModel {
  return steps.reduce(applyStep, model);
}

export function applyStep(model: RegistryModel, step: PlanStep): RegistryModel {
  switch (step.kind) {
    case "stream status":
      return { ...model, streams: withTrimmed(model.streams, step.trim) };
    case "layer link":
      return { ...model, layerLinks: without(model.layerLinks, linkOf(step.repository, step.digest)) };
    case "manifest link":
      return { ...model, manifestLinks: without(model.manifestLinks, linkOf(step.repository, step.digest)) };
    case "blob":
      return { ...model, storage: without(model.storage, step.digest) };
    case "image":
      return { ...model, images: new Map([...model.images].filter(([digest]) => digest !== step.digest)) };
  }
}

/** What a new listing would show. */
export function snapshotOf(before: ClusterSnapshot, { images, streams }: RegistryModel): ClusterSnapshot {
  return { ...before, images: [...images.values()], streams: [...streams.values()] };
}

function withTrimmed(
  streams: ReadonlyMap<string, StreamFacts>,
  trim: StreamTrim,
): ReadonlyMap<string, StreamFacts> {
  const repository = repositoryOf(trim);
  const stream = streams.get(repository);
  if (stream === undefined) throw new Error(`the plan trims ${repository}, which does not exist`);
  return new Map([...streams, [repository, trimmed(stream, trim)]]);
}

/** Tags without items do not survive a write of the status. */
function trimmed(stream: StreamFacts, trim: StreamTrim): StreamFacts {
  const tags = stream.tags.map(({ tag, items }) => {
    const cuts = trim.tags.find((each) => each.tag === tag)?.cuts ?? [];
    for (const { revision, digest } of cuts) {
      if (items[revision]?.digest === digest) continue;
      throw new Error(`the plan cuts ${repositoryOf(trim)}:${tag}#${revision}, which is not ${digest}`);
    }
    return { tag, items: items.filter((_, revision) => cuts.every((cut) => cut.revision !== revision)) };
  });
  return { ...stream, tags: tags.filter(({ items }) => items.length > 0) };
}

function without<Element>(set: ReadonlySet<Element>, element: Element): ReadonlySet<Element> {
  return new Set([...set].filter((each) => each !== element));
}
