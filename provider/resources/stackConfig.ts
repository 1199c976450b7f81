import * as pulumi from "@pulumi/pulumi";
import { nearestName } from "../support/text/wording.js";
import type { ConnectionArgs } from "./args/connection.js";

/** Every setting of a connection may stand in the stack's config, as `okd:<name>`. */
const settings = {
  kubeconfig: true,
  context: true,
  cluster: true,
  namespace: true,
  host: true,
  token: true,
  username: true,
  password: true,
  caCert: true,
  clientCert: true,
  clientKey: true,
  skipTlsVerify: true,
  tlsServerName: true,
  proxyUrl: true,
  noProxy: true,
  proxyHeaders: true,
  timeoutSeconds: true,
  impersonate: true,
} as const satisfies Record<keyof ConnectionArgs, true>;

const prefix = "okd:";

export const configKeys: readonly string[] = Object.keys(settings).map((name) => `${prefix}${name}`);

/**
 * A key that nearly is a setting's name is a typing error, which would otherwise be ignored silently. In a project named okd
 * the program's own keys begin like ours.
 * @throws RunError
 */
export function refuseMistypedConfig(): void {
  if (pulumi.getProject() === "okd") return;
  for (const key of Object.keys(pulumi.runtime.allConfig())) {
    if (!key.startsWith(prefix) || configKeys.includes(key)) continue;
    const meant = nearestName(key.slice(prefix.length), Object.keys(settings));
    if (meant === undefined) continue;
    throw new pulumi.RunError(
      `stack config ${key}: is not a setting of a connection; did you mean ${prefix}${meant}?`,
    );
  }
}
