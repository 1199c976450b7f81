import type { Hooks } from "../../../provider/lifecycle/dynamicProvider.js";

/** The exports of `pulumi-okd-images/hooks`. */
export type HookedResource = "importedImageStream" | "imagePrunePolicy" | "imageArchive";

/** From the test to the process: call one hook. Everything is JSON; `configure` gets the stack's config as an object. */
export interface HookCall {
  readonly number: number;
  readonly resource: HookedResource;
  readonly hook: keyof Hooks;
  readonly args: readonly unknown[];
}

/** Back again, in the order in which the hooks end. */
export type HookAnswer =
  | { readonly number: number; readonly ok: true; readonly result: unknown }
  | {
      readonly number: number;
      readonly ok: false;
      /** What the CLI would print. */
      readonly message: string;
      /** Of a failure in part, as Pulumi's SDK reads them from the error. */
      readonly partial: Readonly<Record<string, unknown>> | undefined;
    };
