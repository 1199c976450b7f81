import { z } from "zod";
import { dnsLabel } from "../../../support/text/dnsLabel.js";
import { trimmedEnd } from "../../../support/text/spelling.js";
import type { DesiredPullSecret } from "./desired.js";
import { configOfLogins, parseDockerConfig } from "./dockerConfig.js";

const objectName = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const maxName = 253;
const secretName = z.string().regex(objectName, {
  error: 'is not a valid name of a secret (lower case letters, digits, "-" and ".")',
});
const namespaceName = z.string().regex(dnsLabel, {
  error: 'is not a valid namespace name (lower case letters, digits, "-")',
});

/** The arguments about a pull secret of the resource's own; `meaning.ts` says what they mean together. */
export const pullSecretArguments = {
  pullSecret: z
    .strictObject({
      name: secretName.optional(),
      auths: z.record(z.string(), z.strictObject({ username: z.string(), password: z.string() })).optional(),
      dockerConfigJson: z.string().optional(),
    })
    .optional(),
  pullSecretFrom: z
    .strictObject({ namespace: namespaceName, name: secretName, as: secretName.optional() })
    .optional(),
};

interface PullSecretInputs {
  readonly pullSecret?: z.infer<typeof pullSecretArguments.pullSecret>;
  readonly pullSecretFrom?: z.infer<typeof pullSecretArguments.pullSecretFrom>;
}

/** What valid arguments ask for. */
export function desiredPullSecret(
  { pullSecret, pullSecretFrom }: PullSecretInputs,
  stream: string,
): DesiredPullSecret | undefined {
  if (pullSecretFrom !== undefined) {
    const { namespace, name, as = name } = pullSecretFrom;
    return { kind: "copied", argument: "pullSecretFrom", name: as, source: { namespace, name } };
  }
  if (pullSecret === undefined) return undefined;
  const { name = defaultName(stream), auths, dockerConfigJson } = pullSecret;
  const config = auths === undefined ? parseDockerConfig(dockerConfigJson ?? "") : configOfLogins(auths);
  return { kind: "declared", argument: "pullSecret", name, config: config ?? { auths: {} } };
}

/** Names of streams may have underscores, names of secrets may not. */
function defaultName(stream: string): string {
  const suffix = "-pull";
  return trimmedEnd(stream.replaceAll("_", "-").slice(0, maxName - suffix.length), ".-") + suffix;
}
