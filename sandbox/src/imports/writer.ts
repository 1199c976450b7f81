import { randomUUID } from "node:crypto";
import { normalizedStream, registryNamesOf } from "../images/stream/defaults.js";
import type { StreamRules } from "../images/stream/rules.js";
import { importedStream, LimitExceeded } from "../images/stream/strategy.js";
import { setTagCondition } from "../images/stream/tagEvents.js";
import {
  type Image,
  imageGroup,
  type ImageStream,
  type TagCondition,
  tagHistory,
} from "../images/stream/types.js";
import { isSameJson, without } from "../kube/model/object.js";
import { alreadyExists, modified } from "../kube/model/status.js";
import type { ObjectStore } from "../kube/storage/objectStore.js";
import { applyImports } from "./apply.js";
import type { ImageRow, ImageStreamImport, ImportResults, StoredImport } from "./types.js";

const checkedAt = "openshift.io/image.dockerRepositoryCheck";
const images = `images.${imageGroup}`;
const streams = `imagestreams.${imageGroup}`;
const streamKind = { group: imageGroup, resource: "imagestreams" };

/** Stores what an import fetched: first the images, then the stream, in one write. */
export class ImportWriter {
  readonly #store: ObjectStore;
  readonly #rules: StreamRules;

  constructor(rules: StreamRules) {
    this.#store = rules.store;
    this.#rules = rules;
  }

  /** `original` is the stream as it was before anything was fetched; a stream that moved on since is a conflict. */
  write(request: ImageStreamImport, fetched: ImportResults, original: ImageStream | undefined): StoredImport {
    const results = this.#storeImages(fetched);
    const { name, namespace } = request.metadata;
    const at = this.#store.timestamp();
    const base =
      original ??
      normalizedStream(
        {
          ...streamType,
          metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
        },
        registryNamesOf(this.#store),
      );
    const applied = withCheckTime(applyImports(base, request.spec, results, at), at);
    if (original !== undefined && isSameJson(applied, original)) return { ...results, stream: original };
    this.#checkRace(name, namespace, original);
    try {
      const next = importedStream(this.#rules, applied, original);
      const stored =
        original === undefined ? this.#store.insert(streams, next) : this.#store.replace(streams, next);
      return { ...results, stream: stored as ImageStream };
    } catch (error) {
      if (error instanceof LimitExceeded && original !== undefined)
        this.#noteLimit(original, applied, error, at);
      throw error;
    }
  }

  #checkRace(name: string, namespace: string | undefined, original: ImageStream | undefined): void {
    const current = this.#store.get(streams, `${namespace ?? ""}/${name}`);
    if (original === undefined && current !== undefined) throw alreadyExists(streamKind, name);
    if (original !== undefined && current?.metadata.resourceVersion !== original.metadata.resourceVersion) {
      throw modified(streamKind, name);
    }
  }

  /** Tags that the refused import would have brought carry the refusal; spec and generation stay. */
  #noteLimit(original: ImageStream, refused: ImageStream, error: LimitExceeded, at: string): void {
    const condition: TagCondition = {
      type: "ImportSuccess",
      status: "False",
      lastTransitionTime: at,
      reason: error.reason,
      message: error.message,
      generation: (original.metadata.generation ?? 0) + 1,
    };
    const brought = (refused.status.tags ?? [])
      .map((history) => history.tag)
      .filter((tag) => tagHistory(original, tag) === undefined);
    const noted = brought.reduce((stream, tag) => setTagCondition(stream, tag, condition), original);
    this.#store.replace(streams, noted);
  }

  #storeImages(fetched: ImportResults): ImportResults {
    const known = new Map<string, Image>();
    const storeRow = (row: ImageRow): ImageRow => {
      if (row.image === undefined || row.status.status !== "Success") return row;
      const manifests = row.manifests?.map((child) => this.#storeImage(child, known));
      const image = this.#storeImage(row.image, known);
      return { ...row, image, ...(manifests === undefined ? {} : { manifests }) };
    };
    const { repository } = fetched;
    const repositoryImages = repository?.images?.map(storeRow);
    return {
      images: fetched.images.map(storeRow),
      repository:
        repository === undefined || repositoryImages === undefined
          ? repository
          : { ...repository, images: repositoryImages },
    };
  }

  /** The answer shows a new image as stored; for one that was there already, what a create would have made of it. */
  #storeImage(image: Image, known: Map<string, Image>): Image {
    const digest = image.metadata.name;
    const shown = known.get(digest) ?? this.#createImage(image);
    known.set(digest, shown);
    return shown;
  }

  #createImage(image: Image): Image {
    if (this.#store.get(images, `/${image.metadata.name}`) !== undefined) {
      return {
        ...image,
        metadata: { ...image.metadata, uid: randomUUID(), creationTimestamp: this.#store.timestamp() },
      };
    }
    const stored = this.#store.insert(images, {
      kind: "Image",
      apiVersion: `${imageGroup}/v1`,
      ...image,
    }) as Image;
    return without(stored, "kind", "apiVersion");
  }
}

const streamType = { kind: "ImageStream", apiVersion: `${imageGroup}/v1` };

function withCheckTime(stream: ImageStream, at: string): ImageStream {
  if (stream.metadata.annotations?.[checkedAt] !== undefined) return stream;
  return {
    ...stream,
    metadata: { ...stream.metadata, annotations: { ...stream.metadata.annotations, [checkedAt]: at } },
  };
}
