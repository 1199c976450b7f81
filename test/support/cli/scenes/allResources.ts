import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type KubeObject, type Sandbox, startSandbox } from "okd-image-sandbox";
import type { Bag, Operation } from "../operation.js";
import { createEmptyProject, installPackages, type TestProject } from "../project.js";
import { Stack, type StackOptions } from "../stack.js";
import { useFreshScene } from "./fresh.js";

/** The beginning of every program of the suite; `scene` is what a test changes between operations. */
const prelude = `
const pulumi = require("@pulumi/pulumi");
const okd = require("pulumi-okd-images");
const scene = JSON.parse(require("node:fs").readFileSync("scene.json", "utf8"));
`;

/**
 * A cluster beside a registry with two images, with something to prune in the namespace `ci`, fresh for every test, and
 * the arguments of one resource of each kind: `scene.stream`, `scene.policy` and `scene.archive` in programs.
 */
export class SurfaceScene {
  #sandbox: Sandbox | undefined;
  readonly #stacks: Stack[] = [];
  /** Digest of `image("v1")`. */
  v1 = "";
  /** Digest of `image("v2")`. */
  v2 = "";

  get sandbox(): Sandbox {
    if (this.#sandbox === undefined) throw new Error("the scene is not open");
    return this.#sandbox;
  }

  async open(): Promise<void> {
    this.#sandbox = await startSandbox({
      namespaces: ["shop", "ci"],
      integratedRegistry: {},
      throttleImports: false,
      plainHttp: true,
      registries: { open: { protocol: "http" } },
    });
    const publish = (tag: string) => this.sandbox.registry().publishImage("acme/web", tag, { content: tag });
    this.v1 = publish("v1").digest;
    this.v2 = publish("v2").digest;
    for (const days of [40, 30, 20, 10]) this.push(days);
    this.sandbox.seed({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "app", namespace: "ci" },
      spec: { containers: [{ name: "app", image: "quay.io/acme/app:1" }] },
      status: { phase: "Running" },
    });
  }

  /** Reference of acme/web by a tag, as the cluster and this machine reach it. */
  image(tag: string): string {
    return `${new URL(this.sandbox.registry().url).host}/acme/web:${tag}`;
  }

  moveTag(tag: string, target: string): void {
    this.sandbox.registry().moveTag("acme/web", tag, target);
  }

  /** An image of ci/app:latest that was pushed so many days ago. */
  push(days: number): void {
    this.sandbox.integratedRegistry.push({
      namespace: "ci",
      name: "app",
      tag: "latest",
      image: { layers: ["base", `app ${days}`] },
      createdAt: new Date(Date.now() - days * 86_400_000).toISOString(),
    });
  }

  get connection(): Bag {
    const { url, adminToken, certificateAuthority } = this.sandbox;
    return { host: url, token: adminToken, caCert: certificateAuthority };
  }

  /** Arguments of one resource of each kind. */
  args(): { readonly stream: Bag; readonly policy: Bag; readonly archive: Bag } {
    const { connection } = this;
    return {
      stream: { connection, namespace: "shop", insecure: true, tags: { v1: this.image("v1") } },
      policy: { connection, namespace: "ci", keepTagRevisions: 2, limits: { fraction: 1 } },
      archive: { path: "web.tar", images: [this.image("v1")] },
    };
  }

  /** A stack of a project of its own with this program, after the prelude. */
  async stack(program: string, { sdk, ...options }: StackOptions = {}): Promise<Stack> {
    const { project = createEmptyProject() } = options;
    installPackages(project, sdk);
    writeFileSync(join(project.folder, "index.js"), prelude + program);
    return await this.stackOf(project, options);
  }

  /** A stack of a project that has its program and its packages. */
  async stackOf(project: TestProject, options: StackOptions = {}): Promise<Stack> {
    const stack = await Stack.create({ ...options, project });
    this.#stacks.push(stack);
    this.set(stack);
    return stack;
  }

  /** What the program reads as `scene`: the arguments of each kind and `values`. */
  set(stack: Stack, values: Bag = {}): void {
    writeFileSync(join(stack.project.folder, "scene.json"), JSON.stringify({ ...this.args(), ...values }));
  }

  stream(name = "web"): StoredStream | undefined {
    return this.sandbox.stored("imagestreams.image.openshift.io", name, "shop");
  }

  /** What the tag serves now. */
  served(tag: string, name = "web"): string | undefined {
    const tags = this.stream(name)?.status?.tags ?? [];
    return tags.find((entry) => entry.tag === tag)?.items?.[0]?.image;
  }

  /** Requests of the provider that may change something on the cluster. */
  writes(): readonly string[] {
    return this.sandbox.requests
      .matching({ server: "api" })
      .filter(
        ({ method, path, userAgent }) =>
          method !== "GET" && userAgent.startsWith("pulumi-okd-images") && !/reviews$|imports$/.test(path),
      )
      .map(({ method, path }) => `${method} ${path}`);
  }

  async close(): Promise<void> {
    for (const stack of this.#stacks.splice(0)) stack.close();
    await this.#sandbox?.close();
    this.#sandbox = undefined;
  }
}

export interface StoredStream extends KubeObject {
  readonly status?: {
    readonly tags?: readonly {
      readonly tag: string;
      readonly items?: readonly { readonly image: string }[];
    }[];
  };
}

/** `programs`: real ones that the suite cannot do without. */
export function useSurfaceScene(programs?: readonly string[]): SurfaceScene {
  return useFreshScene(new SurfaceScene(), "test/cli/features", programs);
}

/** @throws Error with everything that was printed, when it failed */
export function succeeded(operation: Operation): Operation {
  if (operation.code === 0) return operation;
  throw new Error(
    `pulumi ${operation.command} ended with ${operation.code ?? "a signal"}:\n${operation.text}`,
  );
}

/** Ends a stack's life: nothing is left in its state. */
export async function destroyed(stack: Stack): Promise<void> {
  succeeded(await stack.destroy("--skip-preview"));
  const left = stack.state().resources.filter(({ urn }) => !urn.includes("::pulumi:pulumi:Stack::"));
  if (left.length > 0) throw new Error(`left in the state: ${left.map(({ urn }) => urn).join(", ")}`);
}

export function versionOf(stack: Stack): string {
  const file = join(stack.project.folder, "node_modules", "@pulumi", "pulumi", "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
