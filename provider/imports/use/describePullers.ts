import { type SecretKey, secretName } from "../../okd/secret.js";
import { pluralOf } from "../../support/text/wording.js";
import type { FoundSecretUsers } from "../pullSecrets.js";
import { userList } from "./describe.js";

/** What to tell about a secret that nobody declares any more. */
export interface SecretUse {
  /** Something else pulls by it, and the program does not allow to remove it from there. */
  readonly isKept: boolean;
  readonly warnings: readonly string[];
}

export function describeSecretUse(
  key: SecretKey,
  { users, unread }: FoundSecretUsers,
  deleteInUse: boolean,
): SecretUse {
  const where = `pull secret ${secretName(key)}`;
  const use = `${userList(users)} ${pluralOf(users.length, "uses", "use")} it`;
  const isUsed = users.length > 0;
  const isKept = isUsed && !deleteInUse;
  const warnings = [
    ...(isKept ? [`${where} is kept, because ${use}; with deleteInUse: true it would be removed`] : []),
    ...(isUsed && deleteInUse ? [`${where} is removed, although ${use}`] : []),
    ...(unread.length > 0 && !isKept
      ? [
          `${where} is removed; whether something uses it is not certain: you may not list ${unread.join(", ")}`,
        ]
      : []),
  ];
  return { isKept, warnings };
}
