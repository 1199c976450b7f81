import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageStream, KubeObject } from "okd-image-sandbox";
import { repositoryRoot } from "../repositoryRoot.js";

/** A request about tags of every kind, and what a real server answered. */
export interface TagExchange {
  readonly request: {
    readonly method: "GET" | "POST" | "PUT" | "DELETE";
    readonly path: string;
    readonly user: "admin" | "alice";
    readonly body?: KubeObject | null;
  };
  readonly status: number;
  readonly body: KubeObject;
}

/** The images that the recorded registry had at 127.0.0.1:5600, by their tags in `demo/app`. */
export const recordedImages = {
  v1: "6b6c6efbd4ec1aef59cd8cda2129817b7b9420ecd7310302e10960c70029ab0e",
  v2: "a183c3c4d22493871ad99949940fcc26fd6de30121d35300d577cc183650ed3e",
  v3: "998fba43ee3cb439a2786630480f35f437ef1a5ecdeb092cfab2104d9f968f76",
};
const recordedRegistry = "127.0.0.1:5600";

/** Recordings as they read where another registry holds other images. */
export class TagRecordings {
  readonly #registry: string;
  readonly #digests: ReadonlyMap<string, string>;

  /** `digests` are those of v1, v2 and v3 in `demo/app` of the registry. */
  constructor(registry: string, digests: Readonly<Record<keyof typeof recordedImages, string>>) {
    this.#registry = registry;
    this.#digests = new Map(
      (["v1", "v2", "v3"] as const).map((tag) => [recordedImages[tag], digests[tag].replace("sha256:", "")]),
    );
  }

  exchange(name: string): TagExchange {
    return this.#read(name) as TagExchange;
  }

  stream(name: string): ImageStream {
    return this.#read(name) as ImageStream;
  }

  #read(name: string): unknown {
    const text = readFileSync(join(repositoryRoot, "test/conformance/okd-api/tags", `${name}.json`), "utf8");
    let told = text.replaceAll(recordedRegistry, this.#registry);
    for (const [recorded, digest] of this.#digests) {
      // Whole digests first, then the beginnings by which requests name them.
      for (const length of [64, 12, 8])
        told = told.replaceAll(recorded.slice(0, length), digest.slice(0, length));
    }
    return JSON.parse(told);
  }
}

/** What clients read of a stream: its definitions and its histories, without the times at which things happened. */
export function tagsOf({ metadata, spec, status }: ImageStream): unknown {
  const { name, namespace, generation } = metadata;
  const histories = (status.tags ?? []).map(({ tag, items, conditions }) => ({
    tag,
    items: (items ?? []).map(({ image, dockerImageReference, generation }) => ({
      image,
      dockerImageReference,
      generation,
    })),
    conditions: conditions?.map(({ type, status, reason, message, generation }) => ({
      type,
      status,
      reason,
      message,
      generation,
    })),
  }));
  const { dockerImageRepository, publicDockerImageRepository } = status;
  return JSON.parse(
    JSON.stringify({
      name,
      namespace,
      generation,
      spec,
      dockerImageRepository,
      publicDockerImageRepository,
      histories,
    }),
  );
}
