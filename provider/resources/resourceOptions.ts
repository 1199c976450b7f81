import { AsyncResource } from "node:async_hooks";
import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { type ConnectionArgs, connectionInput } from "./args/connection.js";

/** Arguments that every resource of this package passes to its hooks beside the user's; see lifecycle/reserved.ts. */
export function resourceInputs(
  type: string,
  name: string,
  connection: pulumi.Input<ConnectionArgs> | undefined,
  parent: pulumi.Resource | undefined,
): Record<string, unknown> {
  return {
    connection: connectionInput(connection),
    __preview: pulumi.runtime.isDryRun(),
    __urn: pulumi.createUrn(name, `pulumi-nodejs:dynamic/okd:${type}`, parent && urnAlone(parent)),
  };
}

/**
 * The URN without the resource: an input that depends on a component waits for all of its children (facts/pulumi.md 40), so
 * two of them would wait for each other, and the program would end before either is registered.
 */
function urnAlone({ urn }: pulumi.Resource): pulumi.Output<pulumi.URN> {
  return pulumi.output((urn as unknown as { promise(): Promise<pulumi.URN> }).promise());
}

/**
 * The options every resource of this package gets besides the user's: the provider's code does not show in diffs, and
 * a summary of the preview appears on the resource's own row.
 */
export function resourceOptions(
  { type, computed }: { readonly type: string; readonly computed: string },
  name: string,
  options: pulumi.CustomResourceOptions | undefined,
  resource: () => pulumi.Resource,
): pulumi.CustomResourceOptions {
  const hideDiffs = ["__provider", ...(options?.hideDiffs ?? [])];
  if (!monitorTakesHooks()) return { ...options, hideDiffs };
  // Made in the constructor and bound to its context: a hook made at module scope is unknown to the second operation
  // of a process, and outside the program's context neither isDryRun() nor log.info() find theirs (facts/pulumi.md 35).
  const summary = new pulumi.ResourceHook(
    `okd-${type}-${name}-summary`,
    AsyncResource.bind((args: pulumi.ResourceHookArgs) => {
      const line = newSummary(record(args.newInputs), record(args.oldInputs), computed);
      if (line !== undefined && pulumi.runtime.isDryRun()) void pulumi.log.info(line, resource());
    }),
    { onDryRun: true },
  );
  return {
    ...options,
    hideDiffs,
    hooks: {
      ...options?.hooks,
      beforeCreate: [summary, ...(options?.hooks?.beforeCreate ?? [])],
      beforeUpdate: [summary, ...(options?.hooks?.beforeUpdate ?? [])],
    },
  };
}

/** Pulumi's mocks take no hooks: the registration would fail the user's test (facts/pulumi.md 36). */
function monitorTakesHooks(): boolean {
  const monitor = pulumi.runtime.getMonitor() as { readonly registerResourceHook?: unknown } | undefined;
  return monitor === undefined || typeof monitor.registerResourceHook === "function";
}

type Inputs = Readonly<Record<string, unknown>>;

/** The line that the check has computed; undefined where the input still holds the line of the last run. */
function newSummary(inputs: Inputs, old: Inputs, computed: string): string | undefined {
  const { summary } = inputs;
  if (typeof summary !== "string") return undefined;
  const isNews = summary !== old.summary || !isDeepStrictEqual(inputs[computed], old[computed]);
  return isNews ? summary : undefined;
}

function record(inputs: unknown): Inputs {
  return typeof inputs === "object" && inputs !== null ? (inputs as Inputs) : {};
}
