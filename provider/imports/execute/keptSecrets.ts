import { type SecretKey, secretName } from "../../okd/secret.js";
import { isImageError } from "../../support/imageError.js";
import type { PlacedStream } from "../args/desiredStream.js";
import type { DesiredPullSecret } from "../args/pullSecret/desired.js";
import type { MayPass } from "../check/importBatch.js";
import type { SecretPorts } from "../check/pullSecret/outlook.js";
import { judgeOwnSecret } from "../failure/ownPullSecret.js";
import type { RemovalRequest } from "../plan/removal.js";
import type { ImportExecution, ImportRequest } from "./importStream.js";
import { describeWritten, releasePullSecret, writePullSecret, type WrittenSecret } from "./pullSecret.js";

export interface KeptSecretsOrder {
  readonly desired: PlacedStream;
  readonly claim: string;
  readonly claimant: string;
}

interface Watch {
  readonly signal: AbortSignal;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}

type ReadySecret = Pick<ImportRequest, "own" | "mayPass">;

/** The pull secret first, then the imports, then those of the `recorded` secrets that are no longer declared. */
export async function importWithSecret(
  ports: SecretPorts,
  order: KeptSecretsOrder,
  recorded: readonly string[],
  watch: Watch,
  importTags: (secret: ReadySecret) => Promise<ImportExecution>,
): Promise<ImportExecution & { readonly ownedSecrets: readonly string[] }> {
  const { desired, claim, claimant } = order;
  const { namespace, adopt, pullSecret: secret } = desired;
  const written =
    secret &&
    (await writePullSecret(
      ports.secrets,
      { namespace, desired: secret, claim, claimant, adopt },
      watch.signal,
    ));
  const line = written && describeWritten(written);
  if (line !== undefined) watch.info(line);
  const done = await importTags(readySecret(secret, written)).catch(async (error: unknown) => {
    if (written?.done === "created") await takeBack(ports, written.key, order, watch);
    throw error;
  });
  const dropped = recorded.filter((name) => name !== secret?.name);
  const released = await release(ports, dropped, order, watch);
  return {
    ...done,
    failures: [...done.failures, ...released.failures],
    ownedSecrets: [...(secret === undefined ? [] : [secret.name]), ...released.left].sort(),
  };
}

function readySecret(secret: DesiredPullSecret | undefined, written: WrittenSecret | undefined): ReadySecret {
  if (secret === undefined || written === undefined) return { own: undefined, mayPass: () => false };
  const { argument, name } = secret;
  const own = { argument, name, keys: written.keys, isComing: false };
  const isFresh = written.done !== "unchanged";
  // The importer sees a new secret up to a second later, and until then refuses what it is for (facts/importing.md 27).
  const mayPass: MayPass = ({ image }, { code }) =>
    isFresh && judgeOwnSecret(image, code, { own, keys: undefined }) === "refused";
  return { own, mayPass };
}

/** Nothing else was written, and no state will remember the secret. */
async function takeBack(
  ports: SecretPorts,
  key: SecretKey,
  { claim }: KeptSecretsOrder,
  { signal }: Watch,
): Promise<void> {
  const order = { key, claim, isKept: false, deleteInUse: true };
  // A later create of the same resource takes over what could not be removed.
  await releasePullSecret(ports, order, { signal, warn: () => undefined }).catch(() => undefined);
}

async function release(
  ports: SecretPorts,
  names: readonly string[],
  { desired, claim }: KeptSecretsOrder,
  watch: Watch,
): Promise<{ readonly failures: readonly string[]; readonly left: readonly string[] }> {
  const failures: string[] = [];
  const left: string[] = [];
  for (const name of names) {
    const key = { namespace: desired.namespace, name };
    try {
      const { deleteInUse } = desired;
      const end = await releasePullSecret(ports, { key, claim, isKept: false, deleteInUse }, watch);
      if (end === "removed") watch.info(`removed pull secret ${secretName(key)}`);
    } catch (error) {
      failures.push(isImageError(error) ? error.message : String(error));
      left.push(name);
    }
  }
  return { failures, left };
}

export interface SecretsRemoval extends RemovalRequest {
  readonly names: readonly string[];
}

/** The end of a destroy, after the tags. @throws ImageError API_FORBIDDEN, ... */
export async function removeSecrets(
  ports: SecretPorts,
  { key, names, recorded, onDestroy, deleteInUse }: SecretsRemoval,
  watch: Pick<Watch, "signal" | "warn">,
): Promise<void> {
  for (const name of names) {
    const secret = { namespace: key.namespace, name };
    const order = { key: secret, claim: recorded.claim, isKept: onDestroy === "keep", deleteInUse };
    await releasePullSecret(ports, order, watch);
  }
}
