import type { Secret } from "../../../okd/secret.js";
import { readSecretClaims, withSecretClaims } from "./claims.js";

export interface SecretReleaseRequest {
  /** As it is now; undefined when there is none. */
  readonly live: Secret | undefined;
  /** ID of the claim that ends. */
  readonly claim: string;
  /** The secret is left where it is, without the claim. */
  readonly isKept: boolean;
}

/** `nothing`: the secret is not ours any more. `unclaim`: others need it. */
export type SecretRelease =
  | { readonly kind: "nothing" }
  | {
      readonly kind: "delete";
      readonly preconditions: { readonly uid: string; readonly resourceVersion: string };
    }
  | { readonly kind: "unclaim"; readonly secret: Secret };

/** What becomes of a secret that a resource no longer needs: the last of those that keep it deletes it. */
export function planSecretRelease({ live, claim, isKept }: SecretReleaseRequest): SecretRelease {
  if (live === undefined) return { kind: "nothing" };
  const claims = readSecretClaims(live);
  if (!claims.some(({ id }) => id === claim)) return { kind: "nothing" };
  const others = claims.filter(({ id }) => id !== claim);
  if (others.length === 0 && !isKept) {
    const { uid = "", resourceVersion = "" } = live.metadata;
    return { kind: "delete", preconditions: { uid, resourceVersion } };
  }
  const annotations = withSecretClaims(live.metadata.annotations, others);
  return { kind: "unclaim", secret: { ...live, metadata: { ...live.metadata, annotations } } };
}
