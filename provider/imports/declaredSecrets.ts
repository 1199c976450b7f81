import { isDeepStrictEqual } from "node:util";
import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import { type SecretKey, secretName } from "../okd/secret.js";
import type { DesiredPullSecret } from "./args/pullSecret/desired.js";

/** Which resource of the program keeps which pull secret, as far as a process has seen. */
interface DeclaredSecrets {
  /**
   * Notes what a resource keeps, in place of what it kept in an earlier check. Answers a reason where another resource wants
   * something else in the same secret: each would undo what the other writes.
   */
  declare(
    cluster: ClusterIdentity,
    namespace: string,
    secret: DesiredPullSecret | undefined,
    urn: string,
  ): readonly string[];
}

interface Declared {
  readonly cluster: string;
  readonly key: SecretKey;
  readonly secret: DesiredPullSecret;
}

export function createDeclaredSecrets(): DeclaredSecrets {
  const byUrn = new Map<string, Declared>();

  return {
    declare({ uid, server }, namespace, secret, urn) {
      byUrn.delete(urn);
      if (secret === undefined) return [];
      const own = { cluster: uid ?? server, key: { namespace, name: secret.name }, secret };
      const rival = [...byUrn].find(([, other]) => isSamePlace(own, other) && !isDeepStrictEqual(own, other));
      byUrn.set(urn, own);
      if (rival === undefined) return [];
      return [
        `${secret.argument}: both ${rival[0]} and ${urn} keep secret ${secretName(own.key)}, with different contents. Give one of them another name [SECRET_NOT_OWNED]`,
      ];
    },
  };
}

function isSamePlace(a: Declared, b: Declared): boolean {
  return a.cluster === b.cluster && isDeepStrictEqual(a.key, b.key);
}
