import type { StreamKey } from "../../../provider/okd/streamName.js";
import type { StreamTrim } from "../../../provider/prune/plan/decision.js";
import type { PrunePorts } from "../../../provider/prune/ports.js";
import type { ClusterSnapshot } from "../../../provider/prune/snapshot.js";
import type { StreamFacts } from "../../../provider/usage/streamFacts.js";

/** Answers every call with an error; undefined never fails. */
export interface InjectedFailures {
  readonly readStream?: string | undefined;
  readonly trimStream?: string | undefined;
  readonly layerLink?: string | undefined;
  readonly manifestLink?: string | undefined;
  readonly image?: string | undefined;
  readonly blob?: ((digest: string) => string | undefined) | undefined;
}

/** Ports over the streams of a snapshot that note down every call, as the fakes of oc's own tests do. */
export interface RecordingPorts extends PrunePorts {
  readonly calls: {
    readonly streamUpdates: Set<string>;
    readonly layerLinks: Set<string>;
    readonly manifestLinks: Set<string>;
    readonly blobs: Set<string>;
    readonly images: Set<string>;
    readonly inOrder: readonly string[];
  };
  /** The cluster as the calls left it. */
  snapshotAfter(): ClusterSnapshot;
}

export function createRecordingPorts(
  snapshot: ClusterSnapshot,
  failures: InjectedFailures = {},
): RecordingPorts {
  const streams = new Map(snapshot.streams.map((stream) => [keyOf(stream), stream]));
  const inOrder: string[] = [];
  const calls = {
    streamUpdates: new Set<string>(),
    layerLinks: new Set<string>(),
    manifestLinks: new Set<string>(),
    blobs: new Set<string>(),
    images: new Set<string>(),
    inOrder,
  };
  const failWith = (message: string | undefined) => {
    if (message !== undefined) throw new Error(message);
  };
  const answer = <Value>(kind: string, failure: string | undefined, value: Value): Promise<Value> => {
    inOrder.push(kind);
    return failure === undefined ? Promise.resolve(value) : Promise.reject(new Error(failure));
  };
  const deleted = new Set<string>();
  return {
    calls,
    streams: {
      readStream: (key) => answer("read", failures.readStream, streams.get(keyOf(key))),
      async trimStream(stream, trim) {
        inOrder.push("trim");
        const after = trimmed(stream, trim);
        for (const update of updatesBetween(stream, after)) calls.streamUpdates.add(update);
        failWith(failures.trimStream);
        streams.set(keyOf(stream), after);
        return await Promise.resolve("trimmed");
      },
    },
    layerLinks: {
      deleteLayerLink(key, digest) {
        calls.layerLinks.add(`${keyOf(key)}|${digest}`);
        return answer("layerLink", failures.layerLink, "deleted");
      },
    },
    manifestLinks: {
      deleteManifestLink(key, digest) {
        calls.manifestLinks.add(`${keyOf(key)}|${digest}`);
        return answer("manifestLink", failures.manifestLink, "deleted");
      },
    },
    blobs: {
      deleteBlob(digest) {
        calls.blobs.add(digest);
        return answer("blob", failures.blob?.(digest), "deleted");
      },
    },
    images: {
      deleteImage({ digest }) {
        calls.images.add(digest);
        if (failures.image === undefined) deleted.add(digest);
        return answer("image", failures.image, "deleted");
      },
    },
    snapshotAfter: () => ({
      ...snapshot,
      streams: [...streams.values()],
      images: snapshot.images.filter((image) => !deleted.has(image.digest)),
    }),
  };
}

function trimmed(stream: StreamFacts, trim: StreamTrim): StreamFacts {
  const tags = stream.tags.map(({ tag, items }) => {
    const cuts = trim.tags.find((each) => each.tag === tag)?.cuts.map((cut) => cut.revision) ?? [];
    return { tag, items: items.filter((_, revision) => !cuts.includes(revision)) };
  });
  const vanished = trim.tags.filter((tag) => tag.vanishes).map((tag) => tag.tag);
  return { ...stream, tags: tags.filter(({ tag }) => !vanished.includes(tag)) };
}

/**
 * What the fake of oc's tests notes: it compares digests from front to back, so for equal digests in one history it always
 * reports the last one as cut.
 */
function updatesBetween(before: StreamFacts, after: StreamFacts): readonly string[] {
  const itemsAfter = new Map(after.tags.map(({ tag, items }) => [tag, items.map((item) => item.digest)]));
  return before.tags.flatMap(({ tag, items }) => {
    const left = itemsAfter.get(tag);
    const updates = left === undefined ? [`${keyOf(before)}:${tag}`] : [];
    let next = 0;
    for (const [revision, { digest }] of items.entries()) {
      if (left?.[next] === digest) next += 1;
      else updates.push(`${keyOf(before)}|${tag}|${revision}|${digest}`);
    }
    return updates;
  });
}

function keyOf({ namespace, name }: StreamKey): string {
  return `${namespace}/${name}`;
}
