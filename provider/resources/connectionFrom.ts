import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./args/connection.js";

/**
 * The connection of a `kubernetes.Provider` of the same program, for the `connection` argument.
 * A dynamic resource cannot use the provider itself, so its kubeconfig is copied, encrypted, into the state of every
 * resource that gets this. What the provider was created without is left out; without a kubeconfig the usual places
 * decide, see {@link ConnectionArgs}.
 */
export function connectionFrom(provider: pulumi.ProviderResource): ConnectionArgs {
  const { kubeconfig, context, cluster, namespace } = provider as unknown as Readonly<
    Record<string, pulumi.Output<string> | undefined>
  >;
  const given = (argument: pulumi.Output<string> | undefined) => givenArgument(provider, argument);
  return {
    kubeconfig: given(kubeconfig),
    context: given(context),
    cluster: given(cluster),
    namespace: given(namespace),
  } as ConnectionArgs;
}

/**
 * One argument of the provider; it keeps the dependency on the provider. In a preview the SDK makes a missing argument
 * unknown, and an unknown connection would leave every preview without results. Only the value, which `apply` does not show,
 * tells a missing argument from an unknown one.
 */
function givenArgument(
  provider: pulumi.ProviderResource,
  argument: pulumi.Output<string> | undefined,
): pulumi.Output<string | undefined> | undefined {
  if (argument === undefined) return undefined;
  const inner = argument as unknown as { promise(withUnknowns: boolean): Promise<string | undefined> };
  return pulumi.all([inner.promise(true), provider.urn]).apply(([value]) => value);
}
