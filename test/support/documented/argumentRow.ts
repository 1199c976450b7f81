import assert from "node:assert/strict";
import type { Hooks } from "../../../provider/lifecycle/dynamicProvider.js";
import type { JsonObject } from "../../../provider/lifecycle/wire.js";
import { FakePulumi, type Preview } from "../fakes/pulumi.js";

/** What one argument does: an observation that differs with and without it. */
export interface ArgumentRow {
  /** The argument with a value, added to the row's other arguments. */
  readonly given: () => object | Promise<object>;
  /** What is observed without the argument, and with it; an expression matches a text. */
  readonly without: unknown;
  readonly with: unknown;
  /** Applies the arguments to something new, and observes the result. */
  readonly observe: (more: object) => Promise<unknown>;
}

export type ArgumentRows = Readonly<Record<string, ArgumentRow>>;

export function row(
  given: object | (() => object | Promise<object>),
  without: unknown,
  withIt: unknown,
  observe: ArgumentRow["observe"],
): ArgumentRow {
  return {
    given: typeof given === "function" ? (given as ArgumentRow["given"]) : () => given,
    without,
    with: withIt,
    observe,
  };
}

export async function runRow({ given, without, with: withIt, observe }: ArgumentRow): Promise<void> {
  assert.notDeepEqual(without, withIt);
  expectSeen(await observe({}), without);
  expectSeen(await observe(await given()), withIt);
}

function expectSeen(seen: unknown, expected: unknown): void {
  if (expected instanceof RegExp) assert.match(String(seen), expected);
  else assert.deepEqual(seen, expected);
}

/** The result of one `up`. */
export interface Applied {
  readonly pulumi: FakePulumi<never, never>;
  readonly step: Preview["step"] | undefined;
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
  /** Empty when it succeeded. */
  readonly failure: string;
}

/** An `up` of a resource through the hooks; what fails is part of the answer. */
export async function apply(hooks: Hooks, name: string, args: object): Promise<Applied> {
  return await applyAgain(FakePulumi.over(hooks, name), args);
}

export async function applyAgain(pulumi: FakePulumi<never, never>, args: object): Promise<Applied> {
  let [step, failure]: [Preview["step"] | undefined, string] = [undefined, ""];
  try {
    ({ step } = await pulumi.up(args));
  } catch (error) {
    failure = (error as Error).message;
  }
  return { pulumi, step, failure, inputs: pulumi.state?.inputs ?? {}, outputs: pulumi.state?.outputs ?? {} };
}

/** The code of the error, `ok` where there is none. */
export function codeOf({ failure }: { readonly failure: string }): string {
  return failure === "" ? "ok" : (/\[([A-Z_]+)\]/.exec(failure)?.[1] ?? failure);
}
