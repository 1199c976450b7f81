import { type Sandbox, startSandbox } from "okd-image-sandbox";
import { importedImageStream } from "../../../../provider/hooks.js";
import type { ImageStream } from "../../../../provider/okd/imageStream.js";
import { type Applied, apply } from "../../documented/argumentRow.js";

export const internalHost = "image-registry.openshift-image-registry.svc:5000";
export const source = "quay.io/acme/web:v1";

/** A cluster whose quay.io has acme/web:v1, v2 and an index acme/multi:v1. */
export class StreamScene {
  readonly sandbox: Sandbox;
  readonly connection: object;
  /** Digest of the index acme/multi:v1. */
  readonly index: string;
  #streams = 0;

  private constructor(sandbox: Sandbox, index: string) {
    this.index = index;
    this.sandbox = sandbox;
    this.connection = { host: sandbox.url, token: sandbox.adminToken, caCert: sandbox.certificateAuthority };
  }

  static async start(): Promise<StreamScene> {
    const sandbox = await startSandbox({
      namespaces: ["shop", "other"],
      plainHttp: true,
      throttleImports: false,
      registries: { open: { protocol: "both" } },
      registryHosts: { "quay.io": "open" },
      integratedRegistry: {},
    });
    const platforms = [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ];
    for (const tag of ["v1", "v2"]) sandbox.registry().publishImage("acme/web", tag);
    const { digest } = sandbox.registry().publishIndex("acme/multi", "v1", platforms);
    return new StreamScene(sandbox, digest);
  }

  newName(): string {
    this.#streams += 1;
    return `stream-${this.#streams}`;
  }

  args(name: string, more: object): object {
    return { connection: this.connection, namespace: "shop", name, tags: { v1: source }, ...more };
  }

  async up(more: object, name = this.newName()): Promise<Applied> {
    return await apply(importedImageStream, name, this.args(name, more));
  }

  stored(name: string, namespace = "shop"): ImageStream | undefined {
    return this.sandbox.stored("imagestreams.image.openshift.io", name, namespace) as unknown as
      ImageStream | undefined;
  }

  /** The stream after an `up` of it. */
  async made(more: object): Promise<ImageStream | undefined> {
    const name = this.newName();
    await this.up(more, name);
    return this.stored(name);
  }

  /** Requests of the provider that import and store. */
  imports(): number {
    return this.sandbox.requests.matching({ server: "api", method: "POST", path: /imagestreamimports/ })
      .length;
  }
}
