import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connectionArgs.js";

/**
 * The connection of a `kubernetes.Provider` of the same program, for the `connection` argument.
 * A dynamic resource cannot use the provider itself, so its kubeconfig is copied, encrypted, into the state of every
 * resource that gets this.
 *
 * @throws Error when the provider was made without a kubeconfig; pass the same settings as `connection` then
 */
export function connectionFrom(provider: pulumi.ProviderResource): ConnectionArgs {
  const settings = provider as unknown as Readonly<Record<string, pulumi.Output<string> | undefined>>;
  const { kubeconfig, context, cluster, namespace } = settings;
  if (kubeconfig === undefined) {
    throw new Error(
      "connectionFrom: this provider was created without kubeconfig, so there is nothing to take over. Pass the same settings as connection: { ... }.",
    );
  }
  return { kubeconfig: pulumi.secret(kubeconfig), context, cluster, namespace };
}
