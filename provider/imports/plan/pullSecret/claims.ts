import type { Secret } from "../../../okd/secret.js";
import { objectAt, textAt } from "../../../support/json.js";
import { byText } from "../../../support/text/spelling.js";
import { claimPrefix } from "../../args/desiredStream.js";

/** Says on a secret which resource keeps it; as those of streams, it is written afresh by every create. */
export interface SecretClaim {
  readonly id: string;
  /** URN of the resource. */
  readonly resource: string;
}

/** Sorted by ID. One that cannot be read belongs to nobody that we know. */
export function readSecretClaims({ metadata }: Secret): readonly SecretClaim[] {
  return Object.entries(metadata.annotations ?? {})
    .filter(([key]) => key.startsWith(claimPrefix))
    .map(([key, text]) => ({ id: key.slice(claimPrefix.length), resource: resourceIn(text) }))
    .sort((a, b) => byText(a.id, b.id));
}

/** The annotations with exactly these claims, besides all that are not claims. */
export function withSecretClaims(
  annotations: Secret["metadata"]["annotations"],
  claims: readonly SecretClaim[],
): Readonly<Record<string, string>> {
  const others = Object.entries(annotations ?? {}).filter(([key]) => !key.startsWith(claimPrefix));
  const own = claims.map(({ id, resource }) => [claimPrefix + id, JSON.stringify({ resource })]);
  return Object.fromEntries([...others, ...own]) as Readonly<Record<string, string>>;
}

/** Resources of one stack of one project share a secret; what both declare is compared when they are checked. */
export function isOfSameProgram(urn: string, other: string): boolean {
  return programOf(urn) === programOf(other);
}

/** `urn:pulumi:dev::shop` */
function programOf(urn: string): string {
  return urn.split("::").slice(0, 2).join("::");
}

function resourceIn(text: string): string {
  try {
    return textAt(objectAt(JSON.parse(text)), "resource") || unreadable;
  } catch {
    return unreadable;
  }
}

const unreadable = "(unreadable)";
