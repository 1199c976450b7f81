import { retryLostWrites } from "../../okd/conflicts.js";
import { type SecretKey, secretName } from "../../okd/secret.js";
import { ImageError } from "../../support/imageError.js";
import { nameList } from "../../support/text/wording.js";
import type { DesiredPullSecret } from "../args/pullSecret/desired.js";
import type { DockerConfig } from "../args/pullSecret/dockerConfig.js";
import type { SecretPorts } from "../check/pullSecret/outlook.js";
import { pathed, wantedContent } from "../check/pullSecret/source.js";
import { planSecretRelease } from "../plan/pullSecret/release.js";
import { planSecretWrite, type SecretWrite } from "../plan/pullSecret/write.js";
import type { PullSecrets } from "../pullSecrets.js";
import { describeSecretUse, type SecretUse } from "../use/describePullers.js";

export interface SecretWriteOrder {
  readonly namespace: string;
  readonly desired: DesiredPullSecret;
  readonly claim: string;
  readonly claimant: string;
  readonly adopt: boolean;
}

export interface WrittenSecret {
  readonly key: SecretKey;
  readonly keys: readonly string[];
  /** What was done; `unchanged` where the secret was as declared. */
  readonly done: "created" | "replaced" | "claimed" | "unchanged";
}

/**
 * Makes the secret as declared, before the stream is written: the cluster's own controller imports as soon as it is.
 * @throws ImageError SECRET_NOT_OWNED, API_FORBIDDEN, ...
 */
export async function writePullSecret(
  secrets: PullSecrets,
  order: SecretWriteOrder,
  signal: AbortSignal,
): Promise<WrittenSecret> {
  const { namespace, desired } = order;
  const { argument, name } = desired;
  const key = { namespace, name };
  const wanted = await wantedContent(secrets, desired, { signal });
  if (wanted.kind === "absent")
    throw new ImageError("API_NOT_FOUND", `${wanted.reason} Name what creates it in dependsOn.`);
  const { config, keys } = wanted;
  // Of several attempts the first one tells what was done, even where its answer was lost.
  let done: WrittenSecret["done"] | undefined;
  await retryLostWrites(async () => {
    const write = await pathed(argument, () => planned(secrets, key, config, order, signal));
    done ??= doing[write.kind];
    await pathed(argument, () => send(secrets, write, signal));
  }, signal);
  return { key, keys, done: done ?? "unchanged" };
}

type AllowedWrite = Exclude<SecretWrite, { readonly kind: "refused" }>;

const doing = { create: "created", replace: "replaced", claim: "claimed", unchanged: "unchanged" } as const;

async function planned(
  secrets: PullSecrets,
  target: SecretKey,
  config: DockerConfig,
  { desired, claim, claimant, adopt }: SecretWriteOrder,
  signal: AbortSignal,
): Promise<AllowedWrite> {
  const live = await secrets.getSecret(target, { signal });
  const write = planSecretWrite({ live, target, config, claim, claimant, adopt });
  if (write.kind !== "refused") return write;
  throw new ImageError("SECRET_NOT_OWNED", `${desired.argument}: ${write.message}`);
}

async function send(
  secrets: PullSecrets,
  { kind, secret }: AllowedWrite,
  signal: AbortSignal,
): Promise<void> {
  switch (kind) {
    case "create":
      await secrets.createSecret(secret, { signal });
      return;
    case "replace":
    case "claim":
      await secrets.replaceSecret(secret, { signal });
      return;
    case "unchanged":
  }
}

const shownKeys = 5;

/** The line that remains on the display; undefined where nothing was done. */
export function describeWritten({ key, keys, done }: WrittenSecret): string | undefined {
  if (done === "unchanged") return undefined;
  return `${done} pull secret ${secretName(key)} for ${nameList(keys, shownKeys)}`;
}

export interface SecretReleaseOrder {
  readonly key: SecretKey;
  /** ID of the claim that ends. */
  readonly claim: string;
  /** Only the claim is taken off. */
  readonly isKept: boolean;
  readonly deleteInUse: boolean;
}

interface ReleaseWatch {
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
}

/** Removes a secret that its last resource no longer needs, unless something else pulls by it. */
export async function releasePullSecret(
  { secrets, secretUsers }: SecretPorts,
  { key, claim, isKept, deleteInUse }: SecretReleaseOrder,
  { signal, warn }: ReleaseWatch,
): Promise<"removed" | "left"> {
  let use: Promise<SecretUse> | undefined;
  const usedElsewhere = async () => {
    use ??= secretUsers.findSecretUsers(key, { signal }).then((found) => {
      const described = describeSecretUse(key, found, deleteInUse);
      described.warnings.forEach(warn);
      return described;
    });
    return (await use).isKept;
  };
  return await retryLostWrites(async () => {
    const live = await secrets.getSecret(key, { signal });
    const wish = planSecretRelease({ live, claim, isKept });
    const isLeft = wish.kind === "delete" && (await usedElsewhere());
    const release = isLeft ? planSecretRelease({ live, claim, isKept: true }) : wish;
    switch (release.kind) {
      case "nothing":
        return "left";
      case "unclaim":
        await secrets.replaceSecret(release.secret, { signal });
        return "left";
      case "delete":
        await secrets.deleteSecret(key, release.preconditions, { signal });
        return "removed";
    }
  }, signal);
}
