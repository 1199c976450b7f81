import type { LoggedRequest, SandboxOptions } from "okd-image-sandbox";
import type { ResolvedImage, ResolvedTags } from "../../../../provider/imports/outputs.js";
import { requireReal } from "../../programs/requireReal.js";
import { type ImportWorld, startImportWorld } from "../../worlds/imports.js";
import type { Bag } from "../operation.js";
import type { ResourceSpec } from "../programSpec.js";
import { Stack, type StackOptions } from "../stack.js";

/** A sandbox for the suite, and a fresh stack for every test that asks for one. */
export class Scene {
  #world: ImportWorld | undefined;
  readonly #stacks: Stack[] = [];

  async open(options?: SandboxOptions): Promise<void> {
    this.#world = await startImportWorld(options);
  }

  get world(): ImportWorld {
    if (this.#world === undefined) throw new Error("the scene is not open");
    return this.#world;
  }

  async stack(options?: StackOptions): Promise<Stack> {
    const stack = await Stack.create(options);
    this.#stacks.push(stack);
    return stack;
  }

  /** An ImportedImageStream `web` with the sandbox's connection. */
  web(args: Bag = {}, options: ResourceSpec["options"] = {}, name = "web"): ResourceSpec {
    const defaults = { connection: this.world.connection, namespace: "shop", tags: quayTags("v1") };
    return { type: "stream", name, args: { ...defaults, ...args }, options };
  }

  /** A resource of another package, which creates an object when it is created. */
  request(name: string, path: string, object: object, options: ResourceSpec["options"] = {}): ResourceSpec {
    const { httpUrl, adminToken } = this.world.sandbox;
    const args = { url: `${httpUrl}${path}`, token: adminToken, body: JSON.stringify(object) };
    return { type: "request", name, args, options };
  }

  /** Requests of the provider, without those for the cluster's identity. */
  requests(): readonly LoggedRequest[] {
    return this.world.sandbox.requests
      .matching({ server: "api" })
      .filter(
        ({ path, userAgent }) => userAgent.startsWith("pulumi-okd-images") && !path.endsWith("kube-system"),
      );
  }

  /** Asks the API as a person would. */
  get(path: string): Promise<Response> {
    const { httpUrl, adminToken } = this.world.sandbox;
    return fetch(`${httpUrl}${path}`, {
      headers: { authorization: `Bearer ${adminToken}`, "user-agent": "a person" },
    });
  }

  /** A tag as the integrated registry makes it after `docker push`: in the status only. */
  pushTag(tag: string, image: string): void {
    const stream = structuredClone(this.world.stream()!);
    const event = {
      created: "2024-01-01T00:00:00Z",
      dockerImageReference: `registry/shop/web@${image}`,
      image,
      generation: 1,
    };
    const tags = [...(stream.status?.tags ?? []), { tag, items: [event] }];
    this.world.sandbox.seed({ ...stream, status: { ...stream.status, tags } });
  }

  /** Holds the next such request for a while, before it is carried out; resolves when it has arrived. */
  hold(request: { method: string; path: string; body?: RegExp }, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const arrived = (body: string) => {
        const matches = request.body?.test(body) ?? true;
        if (matches) resolve();
        return matches;
      };
      const { method, path } = request;
      this.world.sandbox.faults.add({ method, path, body: arrived, effect: { kind: "delay", milliseconds } });
    });
  }

  forgetRequests(): void {
    this.world.sandbox.requests.clear();
  }

  /** Removes what the last test left behind. */
  async clean(): Promise<void> {
    if (this.#world === undefined) return;
    this.world.sandbox.faults.clear();
    for (const stack of this.#stacks.splice(0)) stack.close();
    if (this.world.stream() !== undefined) await this.world.deleteStream();
    this.forgetRequests();
  }

  async close(): Promise<void> {
    await this.clean();
    await this.#world?.sandbox.close();
  }
}

/** For the body of a suite: the scene is there before its hooks and tests run, and cleaned up after each. */
export function useScene(
  suite: string,
  programs: readonly string[] = ["pulumi"],
  options?: SandboxOptions,
): Scene {
  const scene = new Scene();
  before(async function () {
    requireReal(this, suite, programs);
    await scene.open(options);
  });
  afterEach(() => scene.clean());
  after(() => scene.close());
  return scene;
}

/** `{ v1: "quay.io/acme/web:v1", ... }` */
export function quayTags(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, `quay.io/acme/web:${name}`]));
}

/** The request that imports; lookups send `"import":false`. */
export const storingImport = { method: "POST", path: "/imagestreamimports", body: /"import":true/ };

/** The digest of a tag in the computed input or output of that name. */
export function digestIn(bag: Bag | undefined, tag: string): string {
  return ((bag?.resolved as ResolvedTags)[tag] as ResolvedImage).digest;
}
