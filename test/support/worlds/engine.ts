import assert from "node:assert/strict";
import {
  type EngineVersion,
  type SandboxEngine,
  type SandboxEngineOptions,
  startEngine,
} from "okd-image-sandbox";
import type { EngineImage } from "../../../provider/archive/ports.js";
import { type ConnectedEngine, connectEngine } from "../../../provider/containerEngine/imageEngine.js";
import { engineArgs, machine, options } from "../fakes/engineMachine.js";
import { bytesOf, jsonMember, tarMembers } from "../tarMembers.js";

export const amd64 = { os: "linux", architecture: "amd64" };
export const arm64 = { os: "linux", architecture: "arm64", variant: "v8" };

/** A container engine of the sandbox, and the connection to it. */
export class EngineScene {
  sandbox!: SandboxEngine;
  engine!: ConnectedEngine;
  /** Is run from the front after a test. */
  readonly closing: (() => Promise<void>)[] = [];

  async start(version: EngineVersion, listen?: SandboxEngineOptions["listen"]): Promise<void> {
    const started = await startEngine(listen === undefined ? { version } : { version, listen });
    this.closing.push(() => started.close());
    this.sandbox = started;
  }

  async connect(args: Parameters<typeof engineArgs>[0] = {}): Promise<ConnectedEngine> {
    this.engine = await connectEngine(engineArgs({ host: this.sandbox.host, ...args }), machine(), options);
    this.closing.unshift(this.engine.close);
    return this.engine;
  }

  async open(version: EngineVersion): Promise<ConnectedEngine> {
    await this.start(version);
    return await this.connect();
  }

  async exportOf(...references: readonly string[]) {
    return await tarMembers(await bytesOf(this.engine.export(references, [], options)));
  }

  async manifestOf(...references: readonly string[]) {
    return jsonMember(await this.exportOf(...references), "manifest.json") as readonly {
      readonly Config: string;
      readonly RepoTags: readonly string[] | null;
    }[];
  }

  async found(...args: Parameters<ConnectedEngine["inspect"]>): Promise<EngineImage> {
    const image = await this.engine.inspect(...args);
    assert.ok(image !== undefined);
    return image;
  }

  async close(): Promise<void> {
    for (const close of this.closing.splice(0)) await close();
  }
}

/** For the body of a suite. */
export function useEngine(): EngineScene {
  const scene = new EngineScene();
  afterEach(() => scene.close());
  return scene;
}
