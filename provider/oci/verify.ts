import { createHash } from "node:crypto";

/*
 * Where digests are computed and checked: `digestOf` for what is in memory, `createVerifier` for what passes in pieces. Who
 * checks says what a wrong digest means.
 */

/** Such as `sha256:` and hex digits; with the algorithm of the digest `like`. @throws for an algorithm that Node does not know */
export function digestOf(content: Uint8Array | string, like = "sha256:"): string {
  const algorithm = algorithmOf(like);
  return `${algorithm}:${createHash(algorithm).update(content).digest("hex")}`;
}

/** Compares content that comes in pieces with its digest. */
export interface Verifier {
  update(chunk: Uint8Array): void;
  /** At the end: the digest of what came, where it is not the expected one. */
  otherDigest(): string | undefined;
}

/** @throws for an algorithm that Node does not know */
export function createVerifier(expected: string): Verifier {
  const algorithm = algorithmOf(expected);
  const hash = createHash(algorithm);
  return {
    update: (chunk) => void hash.update(chunk),
    otherDigest() {
      const digest = `${algorithm}:${hash.digest("hex")}`;
      return digest === expected ? undefined : digest;
    },
  };
}

function algorithmOf(digest: string): string {
  const [algorithm = ""] = digest.split(":");
  return algorithm;
}
