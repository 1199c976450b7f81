import type { LastPrune, PrunePlan } from "../../../../provider/prune/outputs.js";
import { type PruneWorld, repositoryHost, startPruneWorld } from "../../worlds/prune.js";
import type { Bag } from "../operation.js";
import type { ResourceSpec } from "../programSpec.js";
import { Stack } from "../stack.js";
import { useFreshScene } from "./fresh.js";

/** A cluster with something to prune for every test, and a stack with a policy for it. */
export class PruneScene {
  #world: PruneWorld | undefined;
  #stack: Stack | undefined;
  /** Of shop/web:latest, newest first. */
  digests: readonly string[] = [];

  get world(): PruneWorld {
    if (this.#world === undefined) throw new Error("the scene is not open");
    return this.#world;
  }

  get stack(): Stack {
    if (this.#stack === undefined) throw new Error("the scene is not open");
    return this.#stack;
  }

  /** shop/web:latest has six revisions, and a pod runs the fourth: two images can go where two revisions are kept. */
  async open(): Promise<void> {
    this.#world = await startPruneWorld({ namespaces: ["shop", "ci"] });
    const ages = [60, 50, 40, 30, 20, 10];
    this.digests = ages
      .map((days) => this.world.push("shop/web:latest", `web ${days}`, days).digest)
      .toReversed();
    this.world.runPod("web", this.pullSpec(3));
    this.#stack = await Stack.create();
  }

  pullSpec(revision: number): string {
    return `${repositoryHost}/shop/web@${this.digests[revision] ?? ""}`;
  }

  digest(revision: number): string {
    return this.digests[revision] ?? "";
  }

  policy(args: Bag = {}, options: ResourceSpec["options"] = {}, name = "policy"): ResourceSpec {
    const defaults = { connection: this.world.connection, keepTagRevisions: 2, limits: { fraction: 1 } };
    return { type: "policy", name, args: { ...defaults, ...args }, options };
  }

  declare(args: Bag = {}): void {
    this.stack.declare({ resources: [this.policy(args)] });
  }

  /** Before the policy's check in the update: the preview has listed pods once, and so has each refresh. */
  afterPreview(change: () => void): void {
    this.world.sandbox.onRequest({ server: "api", method: "GET", path: "/api/v1/pods", skip: 1 }, change);
  }

  /** After the check in the update and before anything is deleted. */
  beforeExecution(change: () => void): void {
    this.world.sandbox.onRequest({ server: "api", method: "POST", path: "/leases" }, change);
  }

  async close(): Promise<void> {
    this.#stack?.close();
    await this.#world?.close();
    this.#stack = undefined;
    this.#world = undefined;
  }
}

export function usePruneScene(suite: string): PruneScene {
  return useFreshScene(new PruneScene(), suite);
}

export function planIn(bag: Bag | undefined): PrunePlan {
  return bag?.plan as PrunePlan;
}

export function lastPruneIn(bag: Bag | undefined): LastPrune {
  return bag?.lastPrune as LastPrune;
}
