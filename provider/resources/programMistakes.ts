import * as pulumi from "@pulumi/pulumi";

/*
 * Mistakes of the program are RunErrors: Pulumi prints their message alone, without a stack trace.
 */

type Args = Readonly<Record<string, unknown>>;

/** The arguments; none where none is required. @throws RunError */
export function requireArguments(label: string, required: string | undefined, args: unknown): Args {
  if (args === undefined || args === null) {
    if (required === undefined) return {};
    throw new pulumi.RunError(`${label}: the arguments are missing; ${required}`);
  }
  if (typeof args === "object" && !Array.isArray(args) && !pulumi.Output.isInstance(args))
    return args as Args;
  throw new pulumi.RunError(
    `${label}: the arguments must be an object; single arguments in it may be outputs or promises`,
  );
}

/** What the resources themselves pass to the engine is no argument. @throws RunError */
export function refuseReservedArguments(label: string, args: Args, computed: string): void {
  const found = Object.keys(args).find(
    (key) => key === "summary" || key === computed || key.startsWith("__"),
  );
  if (found === undefined) return;
  throw new pulumi.RunError(`${label}: ${found} is not an argument of this resource; it is computed`);
}

/** With a kubernetes.Provider the engine would ask the kubernetes plugin about our type (facts/pulumi.md 38). @throws RunError */
export function refuseForeignProvider(label: string, provider: pulumi.ProviderResource | undefined): void {
  if (provider === undefined) return;
  const getPackage = (provider as unknown as { getPackage?: () => string }).getPackage;
  const found = typeof getPackage === "function" ? getPackage.call(provider) : "pulumi-nodejs";
  if (found === "pulumi-nodejs") return;
  throw new pulumi.RunError(
    `${label}: the option provider is a provider of "${found}", which does not know this type. Use connection: connectionFrom(provider) instead.`,
  );
}
