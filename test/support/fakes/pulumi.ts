import { isDeepStrictEqual } from "node:util";
import { createHooks, type Hooks } from "../../../provider/lifecycle/dynamicProvider.js";
import { PartialFailure } from "../../../provider/lifecycle/hookErrors.js";
import { createKnownSecrets } from "../../../provider/lifecycle/knownSecrets.js";
import type { ResourceHandler } from "../../../provider/lifecycle/resourceHandler.js";
import type { Connector } from "../../../provider/lifecycle/session.js";
import { unknownValue } from "../../../provider/lifecycle/unknowns.js";
import type { JsonObject } from "../../../provider/lifecycle/wire.js";

export interface ResourceState {
  readonly id: string;
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
  readonly initErrors: readonly string[];
}

export type Step = "create" | "update" | "replace" | "same" | "delete";

export interface Preview {
  readonly step: Step;
  readonly inputs: JsonObject;
  readonly failures: readonly string[];
}

export interface StepOptions {
  readonly ignoreChanges?: readonly string[];
  /** As `--replace` does: the second check, a create, then the delete of the old one; diff is not asked. */
  readonly replace?: boolean;
}

/**
 * One resource under an engine that calls the hooks as Pulumi's does (facts/pulumi.md 8, 10, 17, 20, 21, 22, 23, 27),
 * every phase in a "process" of its own. Fast, so that variants need no CLI; the scenarios of test/cli hold it
 * against the real one.
 */
export class FakePulumi<Args, Ports> {
  state: ResourceState | undefined;
  readonly lines: string[] = [];
  readonly progress: string[] = [];
  urn: string;
  #process: () => Hooks;

  constructor(
    createHandler: () => ResourceHandler<Args, Ports>,
    connector: () => Connector<Ports>,
    name: string,
  ) {
    this.#process = () => this.#wired(createHandler(), connector());
    this.urn = urnOf(name);
  }

  /** Over the permanent entry's own hooks, whose log lines are dropped: there is no CLI. */
  static over(hooks: Hooks, name: string): FakePulumi<never, never> {
    const unused = (): never => {
      throw new Error("the hooks are wired already");
    };
    const pulumi = new FakePulumi<never, never>(unused, unused, name);
    pulumi.#process = () => hooks;
    return pulumi;
  }

  async preview(args: object, options: StepOptions = {}): Promise<Preview> {
    return this.#plan(this.#process(), args, true, options);
  }

  /** Check, diff and execution in one process. Throws what the CLI would report as an error; the state is kept. */
  async up(args: object, options: StepOptions = {}): Promise<Preview> {
    const hooks = this.#process();
    const plan = await this.#plan(hooks, args, false, options);
    if (plan.failures.length > 0) throw new Error(plan.failures.join("\n"));
    const old = this.state;
    if (containsUnknownText(plan.inputs)) throw new Error("unexpected unknown property value");
    switch (plan.step) {
      case "create":
        await this.#execute(plan.inputs, () => hooks.create(copy(plan.inputs)));
        break;
      case "replace":
        await this.#execute(plan.inputs, () => hooks.create(copy(plan.inputs)));
        if (old !== undefined) await hooks.delete(old.id, copy(old.outputs));
        break;
      case "update":
        await this.#execute(plan.inputs, async () => ({
          id: old!.id,
          ...(await hooks.update(old!.id, copy(old!.outputs), copy(plan.inputs))),
        }));
        break;
      case "same":
        this.state = { ...old!, inputs: plan.inputs };
        break;
      case "delete":
        break;
    }
    return plan;
  }

  /** Answers what the refresh shows: `same`, `update` or `delete`. */
  async refresh(): Promise<Step> {
    const { id, inputs, outputs } = this.state!;
    const hooks = this.#process();
    const found = await hooks.read(id, copy(outputs));
    if (found.id === undefined || found.id === "") {
      this.state = undefined;
      return "delete";
    }
    const live = copy({ ...found.props, __provider: "code" });
    const newInputs = copy({ ...found.inputs, __provider: "code" });
    const answer = await hooks.diff(id, copy(live), copy(inputs));
    this.state = { ...this.state!, inputs: newInputs, outputs: live };
    const differs = answer.changes ?? !isDeepStrictEqual(strip(newInputs), strip(inputs));
    return differs ? "update" : "same";
  }

  async destroy(): Promise<void> {
    const { id, outputs } = this.state!;
    await this.#process().delete(id, copy(outputs));
    this.state = undefined;
  }

  /** A logical rename: with aliases the state stays, without it a new resource begins beside the old one. */
  rename(name: string): void {
    this.urn = urnOf(name);
  }

  #wired(handler: ResourceHandler<Args, Ports>, connector: Connector<Ports>): Hooks {
    const log = (level: string) => (line: string) => void this.lines.push(`${level}: ${line}`);
    return createHooks(handler, connector, {
      signal: new AbortController().signal,
      track: (work) => work,
      logFor: () => ({
        progress: (line) => void this.progress.push(line),
        info: log("info"),
        warn: log("warning"),
      }),
      secrets: createKnownSecrets({}),
    });
  }

  async #plan(hooks: Hooks, args: object, isPreview: boolean, options: StepOptions): Promise<Preview> {
    const old = this.state;
    const kept = Object.fromEntries(
      (options.ignoreChanges ?? [])
        .flatMap((key) => (key === "*" ? Object.keys(old?.inputs ?? {}) : [key]))
        .flatMap((key) => (old?.inputs[key] === undefined ? [] : [[key, old.inputs[key]]])),
    );
    const news = copy({ ...args, ...kept, __preview: isPreview, __urn: this.urn, __provider: "code" });
    const checked = await this.#check(hooks, old?.inputs ?? {}, news);
    if (checked.failures.length > 0) return { step: "same", ...checked };
    if (old === undefined) return { step: "create", ...checked };
    if (options.replace === true) return { step: "replace", ...(await this.#check(hooks, {}, news)) };
    const answer = await hooks.diff(old.id, copy(old.outputs), copy(checked.inputs));
    if ((answer.replaces ?? []).length > 0)
      return { step: "replace", ...(await this.#check(hooks, {}, news)) };
    const differs = answer.changes ?? !isDeepStrictEqual(strip(checked.inputs), strip(old.inputs));
    return { step: differs || old.initErrors.length > 0 ? "update" : "same", ...checked };
  }

  async #check(
    hooks: Hooks,
    olds: JsonObject,
    news: JsonObject,
  ): Promise<{ inputs: JsonObject; failures: readonly string[] }> {
    const result = await hooks.check(copy(olds), copy(news));
    return {
      inputs: copy({ ...result.inputs, __provider: "code" }),
      failures: (result.failures ?? []).map((failure) => failure.reason),
    };
  }

  async #execute(
    inputs: JsonObject,
    work: () => Promise<{ readonly id: string; readonly outs: JsonObject }>,
  ): Promise<void> {
    const old = this.state;
    try {
      const { id, outs } = await work();
      this.state = { id, inputs, outputs: copy({ ...outs, __provider: "code" }), initErrors: [] };
    } catch (error) {
      if (!(error instanceof PartialFailure)) throw error;
      const outputs = copy(error.properties);
      this.state = { id: error.id, inputs: old?.inputs ?? inputs, outputs, initErrors: error.reasons };
      throw error;
    }
  }
}

function urnOf(name: string): string {
  return `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/okd:ImportedImageStream::${name}`;
}

/** What crosses the wire is JSON; a value that is not fails here as it would there. */
function copy(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

function containsUnknownText(value: object): boolean {
  return JSON.stringify(value).includes(unknownValue);
}

function strip(inputs: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => key !== "__provider"));
}
