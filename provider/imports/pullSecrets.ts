import type { RequestOptions } from "../okd/requestOptions.js";
import type { Secret, SecretKey } from "../okd/secret.js";

/** Reads and writes of single secrets. Every failure is an ImageError whose message holds no content of a secret. */
export interface PullSecrets {
  /** `undefined` only on a proven 404, which says nothing about the namespace. */
  getSecret(key: SecretKey, options: RequestOptions): Promise<Secret | undefined>;
  /** POST; API_CONFLICT when it exists by now, NAMESPACE_NOT_FOUND. `dryRun` stores nothing. */
  createSecret(secret: Secret, options: SecretWriteOptions): Promise<Secret>;
  /** PUT with metadata.resourceVersion as the precondition: API_CONFLICT when somebody else wrote meanwhile. */
  replaceSecret(secret: Secret, options: SecretWriteOptions): Promise<Secret>;
  /** DELETE with both preconditions, so that only the secret that was read can be deleted. */
  deleteSecret(
    key: SecretKey,
    preconditions: { readonly uid: string; readonly resourceVersion: string },
    options: RequestOptions,
  ): Promise<"deleted" | "absent">;
}

interface SecretWriteOptions extends RequestOptions {
  readonly dryRun?: boolean;
}

/** Who else would miss a secret. */
export interface SecretUsers {
  findSecretUsers(key: SecretKey, options: RequestOptions): Promise<FoundSecretUsers>;
}

export interface FoundSecretUsers {
  /** Objects of its namespace as `oc` names them: `serviceaccount/default`, sorted. */
  readonly users: readonly string[];
  /** Resources that may not be listed, sorted. */
  readonly unread: readonly string[];
}
