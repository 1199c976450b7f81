import type { RequestOptions } from "../../../okd/requestOptions.js";
import { hasCode } from "../../../support/imageError.js";
import type { DesiredPullSecret } from "../../args/pullSecret/desired.js";
import { configOf } from "../../plan/pullSecret/content.js";
import { planSecretWrite } from "../../plan/pullSecret/write.js";
import type { PullSecrets } from "../../pullSecrets.js";
import { pathed, wantedContent } from "./source.js";

interface KeptSecret {
  readonly namespace: string;
  readonly desired: DesiredPullSecret | undefined;
  /** ID of the claim in the state. */
  readonly claim: string;
  readonly claimant: string;
  /** Names of the secrets that the last run kept. */
  readonly recorded: readonly string[];
}

/** Whether the secrets on the cluster are others than the last run left, or the source of a copy has changed. */
export async function hasSecretDrifted(
  secrets: PullSecrets,
  kept: KeptSecret,
  options: RequestOptions,
): Promise<boolean> {
  const { desired, recorded } = kept;
  if (recorded.some((name) => name !== desired?.name)) return true;
  return desired !== undefined && (await differs(secrets, { ...kept, desired }, options));
}

async function differs(
  secrets: PullSecrets,
  { namespace, desired, claim, claimant }: KeptSecret & { readonly desired: DesiredPullSecret },
  options: RequestOptions,
): Promise<boolean> {
  const target = { namespace, name: desired.name };
  const [live, config] = await Promise.all([
    pathed(desired.argument, () => secrets.getSecret(target, options)),
    knownConfig(secrets, desired, options),
  ]);
  if (live === undefined) return true;
  // Of a copy whose source cannot be read only its being there and readable is known.
  const compared = config ?? configOf(live);
  if (compared === undefined) return true;
  const write = planSecretWrite({ live, target, config: compared, claim, claimant, adopt: false });
  return write.kind !== "unchanged";
}

async function knownConfig(secrets: PullSecrets, desired: DesiredPullSecret, options: RequestOptions) {
  try {
    const wanted = await wantedContent(secrets, desired, options);
    return wanted.kind === "known" ? wanted.config : undefined;
  } catch (error) {
    if (hasCode(error, "API_FORBIDDEN", "ARGUMENT_INVALID")) return undefined;
    throw error;
  }
}
