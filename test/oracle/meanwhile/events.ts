import fc from "fast-check";
import type { Image } from "../../../provider/prune/snapshot.js";
import type { Referrer } from "../../../provider/usage/referrer.js";
import type { StreamFacts, TagItem } from "../../../provider/usage/streamFacts.js";
import { digests, layers, plainTags, takenAt } from "../clusters/universe.js";
import { canPull, listedBy, type RegistryModel, repositoryOf, servedBy } from "../model/registry.js";
import type { World } from "./worlds.js";

/** Something that others do while a prune runs; `one` and `other` choose among what is there at that moment. */
export interface TimelineEvent {
  /** Before which request of the run, counted from its first. */
  readonly at: number;
  readonly kind:
    | "pod by digest"
    | "pod by tag"
    | "spec tag by digest"
    | "tag moved"
    | "push"
    | "stream deleted"
    | "stream replaced"
    | "label"
    | "pod ends"
    | "unreadable"
    | "readable";
  readonly one: number;
  readonly other: number;
}

export const timelines: fc.Arbitrary<readonly TimelineEvent[]> = fc.array(
  fc.record({
    at: fc.oneof({ weight: 3, arbitrary: fc.nat(14) }, { weight: 2, arbitrary: fc.nat(60) }),
    kind: fc.constantFrom<TimelineEvent["kind"]>(
      ...Array.from({ length: 6 }, () => "pod by digest" as const),
      ...Array.from({ length: 3 }, () => "pod by tag" as const),
      "spec tag by digest",
      "tag moved",
      "tag moved",
      "push",
      "push",
      "stream deleted",
      "stream replaced",
      "label",
      "pod ends",
      "unreadable",
      "readable",
    ),
    one: fc.nat(1000),
    other: fc.nat(1000),
  }),
  { minLength: 1, maxLength: 8 },
);

/**
 * The event in the world with the prune and, with the same choice, in the one without; `serial` makes unique names and
 * instants. Mostly chooses something that is going to be cut.
 */
export function applyEvent(
  event: TimelineEvent,
  { real, untouched }: Worlds,
  serial: number,
  tempting: ReadonlySet<string>,
): Worlds {
  const change = changeOf(event, real, serial, tempting);
  return { real: change(real), untouched: change(untouched) };
}

export interface Worlds {
  readonly real: World;
  /** The same without the prune. */
  readonly untouched: World;
}

type Change = (world: World) => World;

function changeOf(
  { kind, one, other }: TimelineEvent,
  real: World,
  serial: number,
  tempting: ReadonlySet<string>,
): Change {
  const { model } = real;
  const streams = [...model.streams.keys()];
  const stream = model.streams.get(pick(streams, one) ?? "");
  const pulls = streams.flatMap((repository) =>
    [...servedBy(model, repository)]
      .filter((digest) => canPull(model, repository, digest))
      .map((digest) => ({ repository, digest })),
  );
  const wanted = pulls.filter(({ digest }) => tempting.has(digest));
  const pull = pick(wanted.length > 0 && one % 4 > 0 ? wanted : pulls, other);
  switch (kind) {
    case "pod by digest":
      return pull === undefined ? same : withPod(serial, `r.io/${pull.repository}@${pull.digest}`);
    case "pod by tag": {
      const tags = streams.flatMap((repository) =>
        (model.streams.get(repository)?.tags ?? [])
          .filter(({ items }) => canPull(model, repository, items[0]?.digest ?? ""))
          .map(({ tag }) => `r.io/${repository}:${tag}`),
      );
      const tag = pick(tags, other);
      return tag === undefined ? same : withPod(serial, tag);
    }
    case "spec tag by digest":
      return stream === undefined || pull === undefined ? same : withSpecTag(stream, pull, serial);
    case "tag moved": {
      const digest = pick(listedBy(stream), other);
      return stream === undefined || digest === undefined
        ? same
        : withItem(repositoryOf(stream), pick(plainTags, other) ?? "", itemOf(stream, digest, serial));
    }
    case "push": {
      const digest = pick(digests, other) ?? "";
      return stream === undefined ? same : withPush(stream, digest, serial, other);
    }
    case "stream deleted":
      return stream === undefined ? same : (world) => withStreams(world, repositoryOf(stream), undefined);
    case "stream replaced":
      return stream === undefined
        ? same
        : (world) =>
            withStreams(world, repositoryOf(stream), {
              ...stream,
              createdAt: takenAt + serial,
              specTags: [],
              tags: [],
            });
    case "label":
      return (world) =>
        withStream(world, pick(streams, one) ?? "", (each) => ({
          ...each,
          labels: { serial: String(serial) },
        }));
    case "pod ends":
      return (world) => ({
        ...world,
        referrers: world.referrers.filter(({ name }) => !name.startsWith("late")),
      });
    case "unreadable":
      return (world) => ({ ...world, isReadable: false });
    case "readable":
      return (world) => ({ ...world, isReadable: true });
  }
}

const same: Change = (world) => world;

function pick<Element>(among: readonly Element[], chosen: number): Element | undefined {
  return among[chosen % among.length];
}

function withPod(serial: number, image: string): Change {
  const pod: Referrer = {
    kind: "pod",
    namespace: "a",
    name: `late-${serial}`,
    phase: "Running",
    createdAt: takenAt + serial,
    images: [{ role: "container", name: "c", image }],
  };
  return (world) => ({ ...world, referrers: [...world.referrers, pod] });
}

function withSpecTag(
  holder: StreamFacts,
  { repository, digest }: { readonly repository: string; readonly digest: string },
  serial: number,
): Change {
  const from = { kind: "DockerImage", namespace: "", name: `r.io/${repository}@${digest}` };
  const specTag = { name: `pin-${serial}`, from, isReference: false };
  return (world) =>
    withStream(world, repositoryOf(holder), (stream) => ({
      ...stream,
      specTags: [...stream.specTags, specTag],
    }));
}

function itemOf(stream: StreamFacts, digest: string, serial: number): TagItem {
  return { digest, createdAt: takenAt + serial, pullSpec: `r.io/${repositoryOf(stream)}@${digest}` };
}

function withItem(repository: string, tag: string, item: TagItem): Change {
  return (world) =>
    withStream(world, repository, (stream) => {
      const has = stream.tags.some((each) => each.tag === tag);
      const tags = has ? stream.tags : [...stream.tags, { tag, items: [] }];
      return {
        ...stream,
        tags: tags.map((each) => (each.tag === tag ? { tag, items: [item, ...each.items] } : each)),
      };
    });
}

/** A client uploads what the registry does not have; an existing Image is not changed. */
function withPush(stream: StreamFacts, digest: string, serial: number, choice: number): Change {
  const made: Image = {
    digest,
    uid: `pushed-${serial}`,
    createdAt: takenAt + serial,
    managed: true,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    repository: repositoryOf(stream),
    isSigned: false,
    unsaid: "nothing",
    layers: [layers[choice % layers.length] ?? "", layers[(choice + 1) % layers.length] ?? ""],
    metadata: { kind: "known", configId: `sha256:${"f".repeat(64)}`, sizeBytes: 1 },
    manifests: [],
  };
  const add = withItem(
    repositoryOf(stream),
    plainTags[choice % plainTags.length] ?? "",
    itemOf(stream, digest, serial),
  );
  return (world) => {
    const image = world.known.get(digest) ?? made;
    const pushed = { ...image, uid: world.model.images.get(digest)?.uid ?? made.uid };
    const model: RegistryModel = {
      ...world.model,
      images: new Map([...world.model.images, [digest, pushed]]),
      storage: new Set([...world.model.storage, digest, ...contentOfImage(pushed)]),
    };
    return add({ ...world, model, known: new Map([...world.known, [digest, pushed]]) });
  };
}

function contentOfImage({ layers: blobs, metadata, manifests }: Image): readonly string[] {
  const hasConfig = metadata.kind === "known" && manifests.length === 0;
  return hasConfig ? [...blobs, metadata.configId] : blobs;
}

function withStream(world: World, repository: string, change: (stream: StreamFacts) => StreamFacts): World {
  const stream = world.model.streams.get(repository);
  return stream === undefined ? world : withStreams(world, repository, change(stream));
}

function withStreams(world: World, repository: string, stream: StreamFacts | undefined): World {
  const streams = new Map(world.model.streams);
  if (stream === undefined) streams.delete(repository);
  else streams.set(repository, { ...stream, resourceVersion: String(Number(stream.resourceVersion) + 1) });
  return { ...world, model: { ...world.model, streams } };
}
