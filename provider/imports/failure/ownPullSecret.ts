import type { ErrorCode } from "../../support/imageError.js";
import type { PullSecretKey } from "../ports.js";
import { judgeKeys } from "./pullSecretMatch.js";

/** The pull secret that the resource itself declares. */
export interface OwnPullSecret {
  readonly argument: "pullSecret" | "pullSecretFrom";
  readonly name: string;
  /** What its logins are for; undefined while a preview does not know its content. */
  readonly keys: readonly string[] | undefined;
  /** `up` is still to write it, so no registry has seen these logins. */
  readonly isComing: boolean;
}

/** Why a registry may refuse somebody whom it does not know, and would answer somebody who has logged in. */
const anonymous: readonly ErrorCode[] = ["IMPORT_UNAUTHORIZED", "IMPORT_RATE_LIMITED"];

/**
 * What a refused lookup says about the resource's own pull secret.
 * - `coming`: nothing, because the secret that applies to the image is still to be written.
 * - `refused`: the secret that applies was tried, and is wrong.
 * - `unrelated`: it does not apply to the image, or the failure is another.
 */
export type OwnSecretVerdict = "coming" | "refused" | "unrelated";

export function judgeOwnSecret(
  image: string,
  code: ErrorCode,
  {
    own,
    keys,
  }: { readonly own?: OwnPullSecret | undefined; readonly keys: readonly PullSecretKey[] | undefined },
): OwnSecretVerdict {
  if (own === undefined || !anonymous.includes(code)) return "unrelated";
  if (own.keys === undefined) return "coming";
  const { applying } = judgeKeys(image, withOwnKeys(keys ?? [], own));
  if (applying?.secret !== own.name) return "unrelated";
  if (own.isComing) return "coming";
  return code === "IMPORT_UNAUTHORIZED" ? "refused" : "unrelated";
}

/** The namespace's keys as they are once the secret is written: what was read of it may be older. */
export function withOwnKeys(
  keys: readonly PullSecretKey[],
  { name, keys: written = [] }: OwnPullSecret,
): readonly PullSecretKey[] {
  const isExcluded = keys.some(({ secret, isExcluded: excluded }) => secret === name && excluded);
  const others = keys.filter(({ secret }) => secret !== name);
  return [...others, ...written.map((key) => ({ secret: name, key, isExcluded }))];
}
