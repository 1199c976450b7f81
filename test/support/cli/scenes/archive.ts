import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Sandbox, type SandboxRegistry, startSandbox } from "okd-image-sandbox";
import type { ArchiveContent, ContentImage } from "../../../../provider/archive/outputs.js";
import { archiveIdentity } from "../../archiveIdentity.js";
import { type ArchiveWorld, startArchiveWorld } from "../../worlds/archive.js";
import type { Bag, Operation } from "../operation.js";
import type { ResourceSpec } from "../programSpec.js";
import { Stack } from "../stack.js";
import { useFreshScene } from "./fresh.js";

/** Registries with two images, and a stack with an archive of the first, fresh for every test. */
export class ArchiveScene {
  #world: ArchiveWorld | undefined;
  #stack: Stack | undefined;
  readonly #sandboxes: Sandbox[] = [];
  /** Digests of acme/web:v1 and :v2. */
  v1 = "";
  v2 = "";

  get world(): ArchiveWorld {
    if (this.#world === undefined) throw new Error("the scene is not open");
    return this.#world;
  }

  get stack(): Stack {
    if (this.#stack === undefined) throw new Error("the scene is not open");
    return this.#stack;
  }

  async open(): Promise<void> {
    this.#world = await startArchiveWorld();
    this.v1 = this.world.publish("v1");
    this.v2 = this.world.publish("v2");
    this.#stack = await Stack.create();
  }

  image(tag: string): string {
    return `${this.world.host}/acme/web:${tag}`;
  }

  archive(args: Bag = {}, options: ResourceSpec["options"] = {}, name = "bundle"): ResourceSpec {
    const defaults = { path: "web.tar", images: [this.image("v1")] };
    return { type: "archive", name, args: { ...defaults, ...args }, options };
  }

  /** An ImportedImageStream `web` of the same image. */
  stream(args: Bag = {}): ResourceSpec {
    const tags = { v1: { image: this.image("v1"), insecure: true } };
    const { connection } = this.world;
    return { type: "stream", name: "web", args: { connection, namespace: "shop", tags, ...args } };
  }

  declare(args: Bag = {}, options: ResourceSpec["options"] = {}): void {
    this.stack.declare({ resources: [this.archive(args, options)] });
  }

  /** `target` is a tag or a digest. */
  moveTag(tag: string, target: string): void {
    this.world.sandbox.registry().moveTag("acme/web", tag, target);
  }

  /** Keeps the whole registry from answering until it is undone. */
  cutRegistry(): () => void {
    const { faults } = this.world.sandbox;
    const id = faults.add({ server: "open", effect: { kind: "cut", when: "before" }, times: 0 });
    return () => void faults.remove(id);
  }

  /** A registry that asks for a user. */
  async closedRegistry(username: string, password: string): Promise<SandboxRegistry> {
    const authentication = { scheme: "token", username, password } as const;
    const sandbox = await startSandbox({ registries: { closed: { authentication } } });
    this.#sandboxes.push(sandbox);
    return sandbox.registry();
  }

  file(name = "web.tar", folder = this.stack.project.folder): string {
    return join(folder, name);
  }

  /** Names of all archives, their sidecar files, and leftovers of unfinished ones. */
  files(folder = this.stack.project.folder): readonly string[] {
    return readdirSync(folder).filter((name) => name.includes(".tar"));
  }

  sha256(file = this.file()): string {
    return createHash("sha256").update(readFileSync(file)).digest("hex");
  }

  /** Digests of the manifests in the archive, sorted. */
  async digests(file = this.file()): Promise<readonly (string | undefined)[]> {
    const identity = await archiveIdentity(file);
    return (identity?.images ?? []).map(({ manifestDigest }) => manifestDigest).sort();
  }

  /** A copy of the project's folder without its archives, as another machine has it. */
  checkout(name: string): string {
    const { root, folder } = this.stack.project;
    const copy = join(root, name);
    cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith(".tar") });
    return copy;
  }

  /** Runs the CLI in another checkout, on the same stack. */
  runIn(folder: string, ...words: readonly string[]): Promise<Operation> {
    return this.stack.start([...words, "--stack", this.stack.name], folder).finished;
  }

  async close(): Promise<void> {
    this.#stack?.close();
    await this.#world?.close();
    for (const sandbox of this.#sandboxes.splice(0)) await sandbox.close();
    this.#stack = undefined;
    this.#world = undefined;
  }
}

export function useArchiveScene(suite: string): ArchiveScene {
  return useFreshScene(new ArchiveScene(), suite);
}

/** The content in inputs or outputs. */
export function contentIn(bag: Bag | undefined): ArchiveContent {
  return bag?.content as ArchiveContent;
}

export function imageIn(bag: Bag | undefined, key: string): ContentImage | undefined {
  return contentIn(bag).images[key];
}
