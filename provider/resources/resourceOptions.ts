import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import { type ConnectionArgs, connectionInput } from "./connectionArgs.js";

/** One line about what will happen, from the checked inputs; undefined when there is nothing to say. */
export type Summarise = (
  inputs: Readonly<Record<string, unknown>>,
  old: Readonly<Record<string, unknown>>,
) => string | undefined;

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
 * The URN without the resource: an input that depends on a component waits for all of its children, so that two of them
 * would wait for each other and the program would end before either is registered.
 */
function urnAlone({ urn }: pulumi.Resource): pulumi.Output<pulumi.URN> {
  return pulumi.output((urn as unknown as { promise(): Promise<pulumi.URN> }).promise());
}

/** Time limits of a resource's verbs, like `"90s"`, `"10m"` or a number of seconds. */
export type TimeoutsArgs<Verb extends string> = pulumi.Input<{
  readonly [Each in Verb]?: pulumi.Input<string | number> | undefined;
}>;

/**
 * The options every resource of this package gets besides the user's: the provider's code does not show in diffs, and
 * a summary of the preview appears on the resource's own row.
 */
export function resourceOptions(
  kind: string,
  name: string,
  options: pulumi.CustomResourceOptions | undefined,
  summarise: Summarise,
  resource: () => pulumi.Resource,
): pulumi.CustomResourceOptions {
  refuseForeignProvider(kind, name, options?.provider);
  const hideDiffs = ["__provider", ...(options?.hideDiffs ?? [])];
  if (!monitorTakesHooks()) return { ...options, hideDiffs };
  // Made in the constructor and bound to its context: a hook made at module scope is unknown to the second operation
  // of a process, and outside the program's context neither isDryRun() nor log.info() find theirs (pulumi.md 10.7).
  const summary = new pulumi.ResourceHook(
    `okd-${kind}-${name}-summary`,
    AsyncResource.bind((args: pulumi.ResourceHookArgs) => {
      if (!pulumi.runtime.isDryRun()) return;
      const line = summarise(record(args.newInputs), record(args.oldInputs));
      if (line !== undefined) void pulumi.log.info(line, resource());
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

/** Pulumi's mocks take none: the registration would fail the user's test (pulumi/pulumi#20874). */
function monitorTakesHooks(): boolean {
  const monitor = pulumi.runtime.getMonitor() as { readonly registerResourceHook?: unknown } | undefined;
  return monitor === undefined || typeof monitor.registerResourceHook === "function";
}

/** What is known of the inputs; an unknown value would look like an object of the SDK. */
function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(([, input]: [string, unknown]) => !pulumi.isUnknown(input)),
  );
}

/** With a kubernetes.Provider as `provider` the engine would ask the kubernetes plugin about our type. */
function refuseForeignProvider(
  kind: string,
  name: string,
  provider: pulumi.ProviderResource | undefined,
): void {
  if (provider === undefined) return;
  const getPackage = (provider as unknown as { getPackage?: () => string }).getPackage;
  const found = typeof getPackage === "function" ? getPackage.call(provider) : "pulumi-nodejs";
  if (found === "pulumi-nodejs") return;
  throw new Error(
    `${kind} "${name}": the option provider is a provider of "${found}", which does not know this type. Use connection: connectionFrom(provider) instead.`,
  );
}
