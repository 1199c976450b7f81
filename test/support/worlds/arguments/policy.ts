import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KubeObject, type Sandbox, startSandbox } from "okd-image-sandbox";
import { imagePrunePolicy } from "../../../../provider/hooks.js";
import type { PrunePlan } from "../../../../provider/prune/outputs.js";
import { type Applied, apply, applyAgain, codeOf } from "../../documented/argumentRow.js";
import { FakePulumi } from "../../fakes/pulumi.js";
import { createAuthority } from "../../servers/certificates.js";

/** One for all: two policies of one stack must not delete the same things. */
const name = "cleanup";

/**
 * A cluster in which four of ten images would be pruned: two revisions of shop/site:latest, one of prod/api:latest, which
 * has the label team=core, and an imported image that no stream lists.
 */
export class PolicyScene {
  readonly sandbox: Sandbox;
  readonly folder: string;
  /** Another authority than the sandbox's. */
  readonly otherAuthority: string;
  /** Revisions of shop/site:latest, oldest first. */
  readonly site: readonly string[];
  readonly connection: object;

  private constructor(sandbox: Sandbox, otherAuthority: string) {
    this.sandbox = sandbox;
    this.otherAuthority = otherAuthority;
    this.folder = mkdtempSync(join(tmpdir(), "surface-policies-"));
    this.connection = { host: sandbox.url, token: sandbox.adminToken, caCert: sandbox.certificateAuthority };
    this.site = [60, 50, 40, 30, 20].map((days) => this.push("shop", "site", days));
    for (const days of [60, 50, 40, 30]) this.push("prod", "api", days);
    const api = sandbox.stored("imagestreams.image.openshift.io", "api", "prod")!;
    sandbox.seed({ ...api, metadata: { ...api.metadata, labels: { team: "core" } } });
    this.#importImage(10);
    sandbox.seed(runningPod("idle", "quay.io/acme/idle:v1"));
    sandbox.seed(settingsWith(`any.example/shop/site@${this.site[0] ?? ""}`));
  }

  static async start(): Promise<PolicyScene> {
    const sandbox = await startSandbox({
      namespaces: ["shop", "prod"],
      integratedRegistry: {},
      customKinds: [
        { group: "tekton.dev", version: "v1", resource: "tasks", kind: "Task", namespaced: true },
      ],
    });
    return new PolicyScene(sandbox, (await createAuthority("another")).cert);
  }

  async close(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    await this.sandbox.close();
  }

  push(namespace: string, name: string, days: number): string {
    const image = { layers: [{ content: `${namespace}/${name} ${days}`, bytes: 2_000 }] };
    const createdAt = daysAgo(days);
    return this.sandbox.integratedRegistry.push({ namespace, name, tag: "latest", image, createdAt }).digest;
  }

  /** An Image that no stream lists and that nobody has pushed, as the cluster sees it. */
  #importImage(days: number): void {
    const push = {
      namespace: "shop",
      name: "site",
      image: { layers: ["imported"] },
      createdAt: daysAgo(days),
    };
    const { digest } = this.sandbox.integratedRegistry.push(push);
    const image = this.sandbox.stored("images.image.openshift.io", digest)!;
    this.sandbox.seed({ ...image, metadata: { ...image.metadata, annotations: {} } });
  }

  args(more: object): object {
    return { connection: this.connection, ...more };
  }

  /** The plan of a preview, or the code of the error. */
  async plan(more: object): Promise<PrunePlan | string> {
    const preview = await FakePulumi.over(imagePrunePolicy, name).preview(this.args(more));
    if (preview.failures.length > 0) return codeOf({ failure: preview.failures.join("\n") });
    return preview.inputs.plan as unknown as PrunePlan;
  }

  /** Of what a preview has found: there is no CLI here whose preview could approve it. */
  async up(more: object): Promise<Applied> {
    const plan = await this.plan(more);
    const approved = typeof plan === "string" ? {} : { approvedFingerprint: plan.fingerprint };
    return await apply(imagePrunePolicy, name, this.args({ ...approved, ...more }));
  }

  /** With what the `up` before was approved by. */
  async upAgain({ pulumi, inputs: { approvedFingerprint } }: Applied, more: object): Promise<Applied> {
    return await applyAgain(pulumi, this.args({ approvedFingerprint, ...more }));
  }
}

export function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString();
}

export function runningPod(name: string, image: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "shop" },
    spec: { containers: [{ name: "main", image }] },
    status: { phase: "Running" },
  };
}

function settingsWith(image: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "site", namespace: "shop" },
    data: { image },
  };
}

export function taskWith(image: string): KubeObject {
  return {
    apiVersion: "tekton.dev/v1",
    kind: "Task",
    metadata: { name: "build", namespace: "shop" },
    spec: { steps: [{ image }] },
  };
}
