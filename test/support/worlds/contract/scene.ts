import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ImageContent, ImageStream, PublishedImage } from "okd-image-sandbox";
import type { ApiAnswer } from "../../clients/kubeApi.js";
import { type ContractTarget, openTarget } from "./target.js";

export const imageApi = "/apis/image.openshift.io/v1";

export interface ImageImport {
  readonly from: string;
  readonly to?: string;
  readonly insecure?: boolean;
  readonly scheduled?: boolean;
  readonly importMode?: string;
  readonly referencePolicy?: string;
  readonly includeManifest?: boolean;
}

/** One namespace on the target, and the requests that most rows begin with. */
export class Scene {
  readonly target: ContractTarget;
  readonly namespace: string;

  constructor(target: ContractTarget) {
    this.target = target;
    this.namespace = `contract-${randomUUID().slice(0, 8)}`;
  }

  get registry(): string {
    return this.target.registryHost;
  }

  path(rest: string): string {
    return `${imageApi}/namespaces/${this.namespace}/${rest}`;
  }

  /** Pushes an image of its own for this run. */
  push(repository: string, tag: string, content: string, image: ImageContent = {}): Promise<PublishedImage> {
    return this.target.registry.image(repository, tag, {
      ...image,
      content: `${this.target.run} ${content}`,
    });
  }

  import(stream: string, images: readonly ImageImport[], options: ImportRequest = {}): Promise<ApiAnswer> {
    const { storing = true, resourceVersion, query = "", api = this.target.admin } = options;
    const metadata = {
      name: stream,
      namespace: this.namespace,
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
    const body = {
      apiVersion: "image.openshift.io/v1",
      kind: "ImageStreamImport",
      metadata,
      spec: { import: storing, images: images.map(imageSpec) },
    };
    return api.post(`${this.path("imagestreamimports")}${query}`, body);
  }

  async imported(stream: string, images: readonly ImageImport[]): Promise<ImageStream> {
    const answer = await this.import(stream, images);
    assert.equal(answer.status, 201, answer.text);
    for (const row of answer.imported.status.images) assert.equal(row.status.status, "Success", answer.text);
    return answer.imported.status.import;
  }

  importRepository(stream: string, from: string, options: RepositoryImport = {}): Promise<ApiAnswer> {
    const { storing = true, insecure = true, importMode, referencePolicy, includeManifest } = options;
    return this.target.admin.post(`${this.path("imagestreamimports")}?timeout=60s`, {
      apiVersion: "image.openshift.io/v1",
      kind: "ImageStreamImport",
      metadata: { name: stream, namespace: this.namespace },
      spec: {
        import: storing,
        repository: {
          from: { kind: "DockerImage", name: from },
          importPolicy: { insecure, ...(importMode === undefined ? {} : { importMode }) },
          ...(referencePolicy === undefined ? {} : { referencePolicy: { type: referencePolicy } }),
          ...(includeManifest === undefined ? {} : { includeManifest }),
        },
      },
    });
  }

  async stream(name: string): Promise<ImageStream> {
    const answer = await this.target.admin.get(this.path(`imagestreams/${name}`));
    assert.equal(answer.status, 200, answer.text);
    return answer.stream;
  }

  async createStream(name: string, tags: readonly unknown[] = []): Promise<ImageStream> {
    const answer = await this.target.admin.post(this.path("imagestreams"), streamBody(name, tags));
    assert.equal(answer.status, 201, answer.text);
    return answer.stream;
  }
}

export interface RepositoryImport extends Omit<ImageImport, "from" | "to" | "scheduled"> {
  readonly storing?: boolean;
}

export interface ImportRequest {
  readonly storing?: boolean;
  readonly resourceVersion?: string;
  readonly query?: string;
  readonly api?: ContractTarget["admin"];
}

export function streamBody(name: string, tags: readonly unknown[] = []): unknown {
  return { apiVersion: "image.openshift.io/v1", kind: "ImageStream", metadata: { name }, spec: { tags } };
}

export function dockerTag(name: string, from: string): { name: string; from: object; importPolicy: object } {
  return { name, from: { kind: "DockerImage", name: from }, importPolicy: { insecure: true } };
}

function imageSpec(image: ImageImport): unknown {
  const { from, to, insecure = true, scheduled, importMode, referencePolicy, includeManifest } = image;
  return {
    from: { kind: "DockerImage", name: from },
    ...(to === undefined ? {} : { to: { name: to } }),
    importPolicy: {
      insecure,
      ...(scheduled === undefined ? {} : { scheduled }),
      ...(importMode === undefined ? {} : { importMode }),
    },
    ...(referencePolicy === undefined ? {} : { referencePolicy: { type: referencePolicy } }),
    ...(includeManifest === undefined ? {} : { includeManifest }),
  };
}

/** A describe block with a target and a namespace of its own. */
export function describeContract(title: string, rows: (scene: () => Scene) => void): void {
  describe(title, () => {
    let scene: Scene | undefined;
    before(async () => {
      scene = new Scene(await openTarget());
      const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: scene.namespace } };
      const answer = await scene.target.admin.post("/api/v1/namespaces", namespace);
      assert.equal(answer.status, 201, answer.text);
    });
    after(async () => {
      await scene?.target.admin.delete(`/api/v1/namespaces/${scene.namespace}`);
      await scene?.target.close();
    });
    rows(() => {
      assert.ok(scene !== undefined);
      return scene;
    });
  });
}

/** Asks again until the answer is as wanted: a live server sees new limits, quotas and rights only after a moment. */
export async function eventually(
  ask: () => Promise<ApiAnswer>,
  isWanted: (answer: ApiAnswer) => boolean,
): Promise<ApiAnswer> {
  let answer = await ask();
  for (let attempt = 0; attempt < 40 && !isWanted(answer); attempt += 1) {
    await sleep(250);
    answer = await ask();
  }
  return answer;
}
