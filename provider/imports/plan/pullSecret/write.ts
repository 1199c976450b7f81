import { isDeepStrictEqual } from "node:util";
import { type Secret, type SecretKey, secretName } from "../../../okd/secret.js";
import { excerpt } from "../../../support/text/excerpt.js";
import type { DockerConfig } from "../../args/pullSecret/dockerConfig.js";
import { isOfSameProgram, readSecretClaims, type SecretClaim, withSecretClaims } from "./claims.js";
import { configOf, dataWith, isSameConfig, pullSecretType } from "./content.js";

export interface SecretWriteRequest {
  /** As it is now; undefined when there is none. */
  readonly live: Secret | undefined;
  readonly target: SecretKey;
  readonly config: DockerConfig;
  /** ID of the claim to write; undefined in a check, which does not know it. */
  readonly claim: string | undefined;
  /** URN of the resource; see SecretClaim. */
  readonly claimant: string;
  readonly adopt: boolean;
}

/** `claim`: only who keeps it changes. `refused`: the user has to decide; the message completes a path. */
export type SecretWrite =
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "create"; readonly secret: Secret }
  | { readonly kind: "replace" | "claim"; readonly secret: Secret }
  | { readonly kind: "unchanged"; readonly secret: Secret };

/** The one write that makes a secret what the resource declares. Keeps metadata and data of others. */
export function planSecretWrite(request: SecretWriteRequest): SecretWrite {
  const { live, target, config } = request;
  const mine = { id: request.claim ?? knownClaim(request) ?? "preview", resource: request.claimant };
  if (live === undefined) {
    const annotations = withSecretClaims(undefined, [mine]);
    const metadata = { namespace: target.namespace, name: target.name, annotations };
    return { kind: "create", secret: { metadata, type: pullSecretType, data: dataWith(config, undefined) } };
  }
  const refusal = refuse(request, live);
  if (refusal !== undefined) return { kind: "refused", message: refusal };
  const others = readSecretClaims(live).filter(
    ({ resource }) => resource !== mine.resource && isOfSameProgram(resource, mine.resource),
  );
  const annotations = withSecretClaims(live.metadata.annotations, [...others, mine]);
  const claimed = { ...live, metadata: { ...live.metadata, annotations } };
  if (!isSameConfig(configOf(live), config))
    return { kind: "replace", secret: { ...claimed, data: dataWith(config, live.data) } };
  if (isDeepStrictEqual(annotations, live.metadata.annotations)) return { kind: "unchanged", secret: live };
  return { kind: "claim", secret: claimed };
}

/** The claim that the same resource has already. */
function knownClaim({ live, claimant }: SecretWriteRequest): string | undefined {
  const claims: readonly SecretClaim[] = live === undefined ? [] : readSecretClaims(live);
  return claims.find(({ resource }) => resource === claimant)?.id;
}

function refuse({ target, claimant, adopt }: SecretWriteRequest, live: Secret): string | undefined {
  const where = secretName(target);
  if (live.type !== pullSecretType)
    return `secret ${where} has the type ${excerpt(live.type ?? "Opaque")}, and the type of a secret never changes. Choose another name, or delete that secret`;
  if (adopt) return undefined;
  const claims = readSecretClaims(live);
  const foreign = claims.find(({ resource }) => !isOfSameProgram(resource, claimant));
  if (foreign !== undefined)
    return `secret ${where} belongs to ${excerpt(foreign.resource)}. Choose another name, or set adopt: true to take it over`;
  if (claims.length > 0) return undefined;
  return `secret ${where} exists, and this resource did not create it. Choose another name, or set adopt: true to replace what is in it`;
}
